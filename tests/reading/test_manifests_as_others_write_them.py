"""What charts and teams write who have never heard of this language: nothing false is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from seatrial.compiler.model import Signal
from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source
from seatrial.targets.behavior import METRICS
from tests.cli.command import seatrial

FOLDERS = Path(__file__).parent / "folders"


def deployment(name: str, **pod: object) -> dict[str, object]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": f"x/{name}:1", **pod}]}}
    spec = {"replicas": 4, "selector": {"matchLabels": labels}, "template": template}
    return _object("apps/v1", "Deployment", name, spec)


def autoscaler(behavior: dict[str, object]) -> dict[str, object]:
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
    }
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    spec = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 20, "metrics": [metric], "behavior": behavior}
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", "api", spec)


def _object(version: str, kind: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


def imported(folder: Path, *objects: dict[str, object]) -> str:
    (folder / "all.yaml").write_text("\n---\n".join(json.dumps(one) for one in objects))
    said = seatrial("import", folder)
    assert said.code == 0, said.all
    return said.out


def step(text: str) -> str:
    (line,) = [line.strip() for line in text.splitlines() if line.strip().startswith("scale on")]
    return line


def policy(kind: str, value: int, period: int) -> dict[str, object]:
    return {"type": kind, "value": value, "periodSeconds": period}


@pytest.mark.parametrize(
    ("up", "written", "asked"),
    [
        ({}, "at most 100% per 15s", ""),
        ({"policies": [policy("Percent", 50, 60)]}, "at most 50% per 1m", ""),
        ({"policies": [policy("Pods", 4, 60)]}, "at most 20% per 1m", "it adds 4 in 60 s, which is this share of 20"),
        ({"policies": [policy("Pods", 4, 15), policy("Percent", 100, 15)]}, "at most 100% per 15s", ""),
        (
            {"policies": [policy("Pods", 1, 60), policy("Percent", 100, 15)], "selectPolicy": "Min"},
            "at most 5% per 1m",
            "of its steps the smallest counts",
        ),
        ({"selectPolicy": "Disabled"}, "at most 100% per 15s", "it never adds any"),
        ({"stabilizationWindowSeconds": 60}, "at most 100% per 15s", "it waits 60 s before it adds"),
    ],
)
def test_what_is_added_more_slowly_than_is_written_is_asked_about(
    up: dict[str, object], written: str, asked: str, tmp_path: Path
) -> None:
    line = step(imported(tmp_path, deployment("api"), autoscaler({"scaleUp": up})))
    assert written in line
    assert asked in line if asked else "# ask" not in line


def _entering(kind: str) -> list[dict[str, object]]:
    if kind == "VirtualService":
        to = [{"destination": {"host": "api"}}]
        routes = [
            {"match": [{"uri": {"prefix": "/static"}}], "timeout": "1s", "route": to},
            {"match": [{"uri": {"prefix": "/"}}], "timeout": "9s", "retries": {"attempts": 0}, "route": to},
        ]
        spec: dict[str, object] = {"hosts": ["*"], "gateways": ["front"], "http": routes}
        return [
            _object("networking.istio.io/v1", "Gateway", "front", {"selector": {"istio": "ingress"}, "servers": []}),
            _object("networking.istio.io/v1", kind, "front", spec),
        ]
    backends = [{"name": "api", "port": 8080}]
    rules: list[dict[str, object]] = [
        {"matches": [{"path": {"type": "PathPrefix", "value": "/static"}}], "timeouts": {"request": "1s"}},
        {"timeouts": {"request": "9s"}},
    ]
    spec = {"parentRefs": [{"name": "front"}], "rules": [{**one, "backendRefs": backends} for one in rules]}
    version = "gateway.networking.k8s.io/v1"
    return [
        _object(version, "Gateway", "front", {"gatewayClassName": "istio", "listeners": []}),
        _object(version, kind, "front", spec),
    ]


@pytest.mark.parametrize("kind", ["VirtualService", "HTTPRoute"])
def test_of_several_routes_the_one_for_everything_else_is_the_policy(kind: str, tmp_path: Path) -> None:
    text = imported(tmp_path, deployment("api"), *_entering(kind))
    clauses, listed = text.split("# Not in this spec", 1)
    assert "timeout 9s" in clauses and "timeout 1s" not in clauses
    assert "/static" in listed and "1s" in listed


def test_a_try_that_would_outlast_its_call_ends_with_it(tmp_path: Path) -> None:
    gateway, routes = _entering("VirtualService")
    (*_, last) = cast(dict[str, Any], routes["spec"])["http"]
    last |= {"timeout": "1s", "retries": {"attempts": 2, "perTryTimeout": "5s"}}
    text = imported(tmp_path, deployment("api"), gateway, routes)
    assert "try timeout 1s" in text
    assert not [one for one in read(Source("api.fleet", text)).diagnostics if one.code == "ST1106"]


def test_whole_names_are_found_where_objects_leave_their_namespace_open(tmp_path: Path) -> None:
    host = {"name": "API", "value": "http://api.prod.svc.cluster.local:8080/v1"}
    elsewhere = {"name": "SITE", "value": "https://api.example:443/"}
    text = imported(tmp_path, deployment("web", env=[host, elsewhere]), deployment("api"))
    assert "call web -> api 1 per request  # ask: API names it" in text


def scaled_to_none(**spec: object) -> dict[str, object]:
    """KEDA's minReplicaCount is 0 where none is said."""
    return _object(
        "keda.sh/v1alpha1",
        "ScaledObject",
        "mailer",
        {"scaleTargetRef": {"name": "mailer"}, "maxReplicaCount": 12, **spec},
    )


KAFKA = {"type": "kafka", "metadata": {"topic": "out.mails", "lagThreshold": "7", "consumerGroup": "g"}}
CPU = {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "60"}}


def test_a_worker_of_a_queue_that_scales_to_none_may_be_empty(tmp_path: Path) -> None:
    text = imported(tmp_path, deployment("mailer"), scaled_to_none(triggers=[KAFKA]))
    assert "agents 0..12\n" in text
    assert "scale on queue 7 per agent" in text
    assert "queue out-mails {\n    feeds mailer  # ask: is it kept while nobody is there?" in text
    (tmp_path / "imported.fleet").write_text(text)
    assert seatrial("check", tmp_path / "imported.fleet").code in (0, 1)


def test_queues_of_one_name_at_two_addresses_are_told_apart(tmp_path: Path) -> None:
    def sqs(region: str) -> dict[str, object]:
        url = f"https://sqs.{region}.amazonaws.com/1234/2nd.mails"
        return {"type": "aws-sqs-queue", "metadata": {"queueURL": url, "queueLength": "5"}}

    spec: dict[str, object] = {"scaleTargetRef": {"name": "other"}, "triggers": [sqs("us-east-1")]}
    other = _object("keda.sh/v1alpha1", "ScaledObject", "other", spec)
    mailer = scaled_to_none(triggers=[sqs("eu-west-1")])
    text = imported(tmp_path, deployment("mailer"), deployment("other"), mailer, other)
    names = [line.split()[1] for line in text.splitlines() if line.startswith("  queue ")]
    assert len(set(names)) == 2 and all(name.endswith(("2nd-mails", "2nd-mails-2")) for name in names), names
    (tmp_path / "imported.fleet").write_text(text)
    assert seatrial("check", tmp_path / "imported.fleet").code in (0, 1)


def test_kafka_s_own_threshold_is_what_is_meant_where_none_is_said(tmp_path: Path) -> None:
    trigger = {"type": "kafka", "metadata": {"topic": "mails", "consumerGroup": "g"}}
    text = imported(tmp_path, deployment("mailer"), scaled_to_none(triggers=[trigger]))
    assert "agents 0..12\n" in text and "scale on queue 10 per agent" in text
    elsewhere = {"type": "rabbitmq", "metadata": {"queueName": "mails"}}
    assert "scale on queue" not in imported(tmp_path, deployment("mailer"), scaled_to_none(triggers=[elsewhere]))


def test_queues_of_a_query_by_hand_get_names_of_the_language_once_each(tmp_path: Path) -> None:
    query = f"""sum(max by (queue, shard) ({METRICS[Signal.QUEUE]}{{namespace="n",queue=~"a||b|a|2b"}}))"""
    trigger = {"type": "prometheus", "metricType": "AverageValue", "metadata": {"query": query, "threshold": "5"}}
    text = imported(tmp_path, deployment("mailer"), scaled_to_none(triggers=[trigger]))
    names = [line.split()[1] for line in text.splitlines() if line.startswith("  queue ")]
    assert len(names) == 3 and names[:2] == ["a", "b"] and names[2].endswith("2b"), names
    (tmp_path / "imported.fleet").write_text(text)
    assert seatrial("check", tmp_path / "imported.fleet").code in (0, 1)


def test_a_window_that_kubernetes_would_refuse_is_the_cooldown_as_it_is_taken(tmp_path: Path) -> None:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 7_200}}
    advanced = {"horizontalPodAutoscalerConfig": {"behavior": behavior}}
    for cooldown, told in ((7_200, True), (300, False)):
        made = scaled_to_none(triggers=[KAFKA], advanced=advanced, cooldownPeriod=cooldown)
        for name, one in (("mailer.json", deployment("mailer")), ("scaled.json", made)):
            (tmp_path / name).write_text(json.dumps(one))
        said = seatrial("import", tmp_path)
        assert "down over 5m" in said.out
        assert ("wait as long as `down over` says, 300 s" in said.err) is told


def test_any_other_that_scales_to_none_is_asked_about(tmp_path: Path) -> None:
    by_cpu = imported(tmp_path, deployment("mailer"), scaled_to_none(triggers=[CPU]))
    assert "agents 1..12  # ask: it may go down to none, but it does not scale on a queue" in by_cpu
    caller = deployment("api", env=[{"name": "MAILER", "value": "http://mailer:8080"}])
    called = imported(tmp_path, deployment("mailer"), caller, scaled_to_none(triggers=[KAFKA]))
    assert "agents 1..12  # ask: it may go down to none, but api calls it" in called
    unsized = {"type": "kafka", "metadata": {"topic": "mails", "lagThreshold": "0"}}
    text = imported(tmp_path, deployment("mailer"), scaled_to_none(triggers=[unsized]))
    assert "agents 1..12  # ask: it may go down to none, but it does not scale on a queue" in text


def test_a_worker_that_scales_to_none_by_several_queues() -> None:
    said = seatrial("import", FOLDERS / "tasks")
    assert "agents 1..50  # ask: it may go down to none" in said.out
    assert "scale on queue 20 per agent" in said.out
    for left in (
        "minReplicaCount = 0",
        "triggers[].type",
        "CronJob (cleanup)",
        "Job (migrate)",
        "volumeClaimTemplates",
    ):
        assert left in said.err
    checked = seatrial("check", "--manifests", FOLDERS / "tasks")
    assert checked.code in (0, 1) and "this is a bug" not in checked.all


def test_models_on_gpus_behind_a_mesh() -> None:
    said = seatrial("check", "--manifests", FOLDERS / "inference")
    assert "the pods ask for 32 gpus (8 agents of vllm-llama-70b 32), the namespace leaves 24" in said.all
    assert "has 2 retries but time for 1" in said.all
    assert "ejects at most 25 %, which of 2 agents of vllm-llama-70b at the minimum is nobody" in said.all
    text = seatrial("import", FOLDERS / "inference").out
    assert "scale on queue 10 per agent" in text and "start fails after 20m" in text and "gpu 4" in text


def test_a_sum_that_lacks_a_container_is_asked_about(tmp_path: Path) -> None:
    bot = deployment("bot", resources={"requests": {"cpu": "100m"}})
    sidecar = {"name": "side", "image": "x/side:1", "resources": {"requests": {"cpu": "300m", "memory": "64Mi"}}}
    bot["spec"]["template"]["spec"]["containers"].append(sidecar)  # type: ignore[index]
    lines = [line.strip() for line in imported(tmp_path, bot).splitlines()]
    assert "cpu 400m" in lines
    assert "memory 64Mi  # ask: a does not say how much it needs; how much is it in all?" in lines
