"""`seatrial diff --manifests`: by meaning, with the clause and the guarantee that falls."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command import SPECS, Said, seatrial

SPEC = SPECS / "support.fleet"
EDGE = "istio/triage--resolver-destination.yaml"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compiled") / "deploy"
    assert seatrial("compile", SPEC, "--out", folder).code == 0
    return folder


@pytest.fixture
def folder(compiled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(compiled, tmp_path / "deploy"))


def edit(folder: Path, path: str, change: Callable[[Any], object]) -> None:
    file = folder / path
    body = yaml.safe_load(file.read_text())
    change(body)
    file.write_text(yaml.safe_dump(body))


def diff(folder: Path, *more: str) -> Said:
    return seatrial("diff", SPEC, "--manifests", folder, *more)


def rows(folder: Path) -> dict[tuple[str, str], Any]:
    said = diff(folder, "--format", "json")
    assert said.code in (0, 1), said.all
    return {(row["object"], row["path"]): row for row in said.json["differences"]}


def test_what_was_compiled_is_as_the_spec_says(folder: Path) -> None:
    said = diff(folder)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{folder}: as {SPEC} says\n"


def test_what_hands_the_fleet_to_a_cluster_is_no_object_of_the_fleet(tmp_path: Path) -> None:
    """An Application lives in Argo CD's namespace, perhaps in another cluster, and its source is another's to set."""
    out = tmp_path / "deploy"
    assert seatrial("compile", SPEC, "--with", "argocd", "--out", out).code == 0
    said = diff(out, "--with", "argocd")
    assert said.code == 0, said.out


def test_another_spelling_is_no_difference(folder: Path) -> None:
    def respell(body: Any) -> None:
        container = body["spec"]["template"]["spec"]["containers"][0]
        container["resources"]["requests"] = {"memory": str(256 * 2**20), "cpu": 0.25}
        container["env"].reverse()
        container["resources"]["limits"]["cpu"] = "0.25"

    edit(folder, "kubernetes/triage-deployment.yaml", respell)
    edit(folder, "kubernetes/triage-autoscaler.yaml", _set("spec.metrics.0.pods.target.averageValue", "0.25"))
    edit(folder, EDGE, _set("spec.trafficPolicy.outlierDetection.interval", "0m10s"))
    edit(folder, "istio/tickets-routes.yaml", _set("spec.http.0.timeout", "6000ms"))
    assert rows(folder) == {}


def test_what_a_server_fills_in_is_no_difference_and_anything_else_is(folder: Path) -> None:
    edit(folder, "kubernetes/triage-deployment.yaml", _set("spec.revisionHistoryLimit", 10))
    edit(folder, "kubernetes/triage-deployment.yaml", _set("spec.template.spec.dnsPolicy", "ClusterFirst"))
    edit(folder, "kubernetes/resolver-deployment.yaml", _set("spec.template.spec.dnsPolicy", "Default"))
    found = rows(folder)
    assert set(found) == {("Deployment/resolver", "spec.template.spec.dnsPolicy")}
    (row,) = found.values()
    assert (row["spec"], row["there"]) == (None, "Default")


CASES: dict[str, tuple[str, str, object, str, str, str]] = {
    "bounds": (
        "kubernetes/triage-autoscaler.yaml",
        "spec.maxReplicas",
        500,
        "agents 40..500",
        "connections/postgres",
        "agents 40..100",
    ),
    "disruption": (
        "kubernetes/triage-disruption.yaml",
        "spec.minAvailable",
        40,
        "disrupt at most 0 agents",
        "disruption/triage",
        "disrupt at most 10%",
    ),
    "ejection": (
        EDGE,
        "spec.trafficPolicy.outlierDetection.maxEjectionPercent",
        1,
        "break after 3 errors { eject at most 1% for 10s }",
        "ejection/triage->resolver/min",
        "break after 3 errors { eject at most 50% for 10s }",
    ),
    "retries": (
        "istio/tickets-routes.yaml",
        "spec.http.0.retries.attempts",
        9,
        "retry 9 { backoff 25ms up to 100ms; budget 20% }",
        "timeouts/tickets->triage/attempts",
        "retry 2 { backoff 25ms up to 100ms; budget 20% }",
    ),
    "limits": (
        EDGE,
        "spec.trafficPolicy.connectionPool.http.http2MaxRequests",
        1,
        "limit 200 pending, 1 in flight",
        "limits/triage->resolver",
        "limit 200 pending, 500 in flight",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_drift_is_told_with_its_clause_and_what_it_breaks(case: str, folder: Path) -> None:
    file, path, value, would_be, guarantee, clause = CASES[case]
    edit(folder, file, _set(path, value))
    ((_, row),) = rows(folder).items()
    assert row["would_be"] == would_be
    assert guarantee in {one["id"] for one in row["breaks"]}
    line = int(row["at"].rsplit(":", 2)[1])
    assert SPEC.read_text().splitlines()[line - 1].strip() == clause


def test_a_text_in_the_place_of_a_number_is_told_and_nothing_is_made_of_it(folder: Path) -> None:
    edit(folder, "kubernetes/triage-autoscaler.yaml", _set("spec.minReplicas", "3"))
    ((key, row),) = rows(folder).items()
    assert key == ("HorizontalPodAutoscaler/triage", "spec.minReplicas")
    assert row["clause"].startswith("agents 40..") and (row["would_be"], row["breaks"]) == (None, [])
    told = diff(folder).out
    assert f"{row['clause']}, is now: a text, where a cluster takes a whole number: it refuses the object" in told


def test_objects_that_are_missing_or_left_over_are_told(folder: Path) -> None:
    (folder / "kubernetes/triage-disruption.yaml").unlink()
    stale = yaml.safe_load((folder / "kubernetes/triage-service.yaml").read_text())
    stale["metadata"]["name"] = "retired"
    (folder / "kubernetes/retired.yaml").write_text(yaml.safe_dump(stale))
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())
    listed["resources"].remove("kubernetes/triage-disruption.yaml")
    listed["resources"].append("kubernetes/retired.yaml")
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(listed))
    kinds = {key[0]: row["kind"] for key, row in rows(folder).items()}
    assert kinds == {"PodDisruptionBudget/triage": "missing", "Service/retired": "extra"}
    told = diff(folder).out
    assert "- PodDisruptionBudget/triage: is not there" in told and "+ Service/retired: is there" in told


def test_a_budget_that_is_gone_is_told_with_its_clause_and_what_rests_on_it(folder: Path) -> None:
    _without(folder, "kubernetes/triage-disruption.yaml")
    ((_, row),) = rows(folder).items()
    assert (row["kind"], row["clause"], row["would_be"]) == ("missing", "disrupt at most 4 agents", None)
    (lost,) = row["breaks"]
    assert (lost["id"], lost["status"], lost["was"]) == ("disruption/triage", "not kept", "proved")
    told = diff(folder).out
    assert "disrupt at most 4 agents, is now: not said" in told
    assert "not kept disruption/triage: no object says `disrupt at most 4 agents`" in told


def test_an_autoscaler_that_is_gone_leaves_the_agents_that_a_workload_says(folder: Path) -> None:
    _without(folder, "kubernetes/triage-autoscaler.yaml")
    ((_, row),) = rows(folder).items()
    assert (row["kind"], row["would_be"]) == ("missing", "agents 1")
    assert "capacity/triage/peak" in {one["id"] for one in row["breaks"]}


FOREIGN = {
    "a second autoscaler": (
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "triage"}, "maxReplicas": 3},
    ),
    "a second budget": (
        "policy/v1",
        "PodDisruptionBudget",
        {"minAvailable": "100%", "selector": {"matchLabels": {"seatrial.dev/pool": "triage"}}},
    ),
    "a second rule": ("networking.istio.io/v1", "DestinationRule", {"host": "triage.support.svc.cluster.local"}),
    "a route": ("networking.istio.io/v1", "VirtualService", {"hosts": ["triage"], "http": []}),
}


@pytest.mark.parametrize("case", FOREIGN)
@pytest.mark.parametrize("ours", [True, False])
def test_objects_of_others_count_where_they_act_on_the_fleet(case: str, ours: bool, folder: Path) -> None:
    version, kind, spec = FOREIGN[case]
    text = yaml.safe_dump(
        {"apiVersion": version, "kind": kind, "metadata": {"name": "theirs", "namespace": "support"}, "spec": spec}
    )
    (folder / "theirs.yaml").write_text(text if ours else text.replace("triage", "elsewhere"))
    edit(folder, "kustomization.yaml", lambda body: body["resources"].append("theirs.yaml"))
    kinds = {key[0]: row["kind"] for key, row in rows(folder).items()}
    assert kinds == ({f"{kind}/theirs": "extra"} if ours else {})


def test_what_another_object_owns_is_that_ones(folder: Path) -> None:
    version, kind, spec = FOREIGN["a second autoscaler"]
    meta = {"name": "keda-hpa-x", "namespace": "support", "ownerReferences": [{"kind": "ScaledObject", "name": "x"}]}
    (folder / "theirs.yaml").write_text(
        yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec})
    )
    edit(folder, "kustomization.yaml", lambda body: body["resources"].append("theirs.yaml"))
    assert rows(folder) == {}


def _without(folder: Path, path: str) -> None:
    (folder / path).unlink()
    edit(folder, "kustomization.yaml", lambda body: body["resources"].remove(path))


def test_the_document_for_agents_is_compared_too(folder: Path) -> None:
    file = folder / "runtime/fleet.json"
    file.write_text(file.read_text().replace('"concurrency": 4', '"concurrency": 40', 1))
    if shutil.which("kubectl") is None:
        pytest.skip("without kubectl the ConfigMap is not built")
    assert {path for _, path in rows(folder)} == {"data.fleet.json"}


WRONG = {
    "neither": (("diff", SPEC), "either --manifests DIR or --context NAME"),
    "both": (("diff", SPEC, "--manifests", "x", "--context", "y"), "either --manifests DIR or --context NAME"),
    "no folder": (("diff", SPEC, "--manifests", "nowhere"), "no such file"),
    "no spec": (("diff", "nowhere.fleet", "--manifests", "."), "no such file"),
    "another fleet": (
        ("diff", SPECS / "sturdy.fleet", "--manifests", "{folder}"),
        "are in namespace support",
    ),
    "no cluster": (("diff", SPEC, "--context", "nowhere"), "context nowhere"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_compared_is_said(case: str, compiled: Path, tmp_path: Path) -> None:
    words, expected = WRONG[case]
    said = seatrial(*(str(word).replace("{folder}", str(compiled)) for word in words), cwd=tmp_path)
    assert said.code == 2 and expected in said.err, said.all
    assert "Traceback" not in said.all


def _set(path: str, value: object) -> Callable[[Any], object]:
    def change(body: Any) -> None:
        *way, last = path.split(".")
        for name in way:
            body = body[int(name)] if isinstance(body, list) else body[name]
        body[last] = value

    return change


def test_two_autoscalers_of_one_workload_are_a_clash_and_ours_is_compared(folder: Path) -> None:
    path = folder / "kubernetes/triage-autoscaler.yaml"
    mine = yaml.safe_load(path.read_text())
    second = yaml.safe_load(path.read_text())
    second["metadata"]["name"] = "a-second"
    second["spec"] |= {"minReplicas": 1, "maxReplicas": 3}
    mine["spec"]["maxReplicas"] = 400
    # The other one is read first.
    path.write_text(yaml.safe_dump_all([second, mine]))
    said = diff(folder)
    assert said.code == 1
    assert (
        "error: HorizontalPodAutoscaler/a-second" in said.out and "both own the number of agents of triage" in said.out
    )
    assert "is now: agents 40..400" in said.out and "1..3" not in said.out
    assert len(diff(folder, "--format", "json").json["clashes"]) == 1
