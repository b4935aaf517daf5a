"""What stands in a manifest and in no clause's range is listed; what is written is a spec that can be read."""

from __future__ import annotations

from typing import Any

import pytest

from .mutated import changed, imported

LABELS = {"app": "web"}
OBJECTS: list[Any] = [
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 3,
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
                    "terminationGracePeriodSeconds": 30,
                    "containers": [
                        {
                            "name": "web",
                            "image": "registry.example/web:1",
                            "resources": {"requests": {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}},
                            "readinessProbe": {"httpGet": {}, "periodSeconds": 5, "failureThreshold": 2},
                        }
                    ],
                },
            },
        },
    },
    {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": "web"},
            "minReplicas": 3,
            "maxReplicas": 9,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                }
            ],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
        },
    },
    {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "web"},
        "spec": {
            "hosts": ["*"],
            "gateways": ["public"],
            "http": [
                {
                    "route": [{"destination": {"host": "web"}}],
                    "timeout": "2s",
                    "retries": {"attempts": 2, "perTryTimeout": "500ms", "backoff": "25ms"},
                }
            ],
        },
    },
    {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": "web"},
        "spec": {
            "host": "web",
            "trafficPolicy": {
                "loadBalancer": {"simple": "ROUND_ROBIN", "warmup": {"duration": "30s", "minimumPercent": 10}},
                "connectionPool": {"tcp": {"maxConnections": 100}},
                "retryBudget": {"percent": 20},
                "outlierDetection": {
                    "consecutive5xxErrors": 5,
                    "baseEjectionTime": "33s",
                    "maxEjectionPercent": 40,
                    "interval": "10s",
                },
            },
        },
    },
    {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": LABELS}},
    },
    {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "room"},
        "spec": {"hard": {"pods": "30", "requests.cpu": "40", "requests.memory": "40Gi"}},
    },
]
KINDS = {one["kind"]: number for number, one in enumerate(OBJECTS)}
POD = ("spec", "template", "spec")
BOX = (*POD, "containers", 0)
ROUTE = ("spec", "http", 0)
TRAFFIC = ("spec", "trafficPolicy")
TARGET = ("spec", "metrics", 0, "resource", "target", "averageUtilization")
WHOLE, TIME, PERCENT = (0, -1, 2**31, "5", 1.5, True), ("100ns", "-1s", "soon", 5, "9e9h"), (-1, 101, "40", "40%")
FIELDS: dict[tuple[str, tuple[str | int, ...]], tuple[object, ...]] = {
    ("Deployment", ("spec", "replicas")): WHOLE[1:],
    ("Deployment", (*POD, "terminationGracePeriodSeconds")): (-1, 2**31, "30"),
    ("Deployment", (*BOX, "readinessProbe", "periodSeconds")): WHOLE,
    ("Deployment", (*BOX, "readinessProbe", "failureThreshold")): WHOLE,
    ("Deployment", (*BOX, "readinessProbe", "initialDelaySeconds")): (-1, "5"),
    ("Deployment", (*BOX, "resources", "requests", "cpu")): (0, "-1", "many", "1e99", float("inf"), float("nan")),
    ("Deployment", (*BOX, "resources", "requests", "memory")): ("-1", "abc", 0, "1e99"),
    ("Deployment", (*BOX, "resources", "requests", "nvidia.com/gpu")): ("500m", "-1", 2**31),
    ("HorizontalPodAutoscaler", ("spec", "minReplicas")): (-1, 10, "3"),
    ("HorizontalPodAutoscaler", ("spec", "maxReplicas")): (*WHOLE, 2),
    ("HorizontalPodAutoscaler", TARGET): WHOLE,
    ("HorizontalPodAutoscaler", ("spec", "targetCPUUtilizationPercentage")): WHOLE,
    ("HorizontalPodAutoscaler", ("spec", "behavior", "scaleDown", "stabilizationWindowSeconds")): (-1, 3601, "60"),
    ("VirtualService", (*ROUTE, "timeout")): TIME,
    ("VirtualService", (*ROUTE, "retries", "perTryTimeout")): ("500ns", *TIME),
    ("VirtualService", (*ROUTE, "retries", "backoff")): TIME,
    ("VirtualService", (*ROUTE, "retries", "attempts")): WHOLE[1:],
    ("DestinationRule", (*TRAFFIC, "connectionPool", "tcp", "maxConnections")): WHOLE,
    ("DestinationRule", (*TRAFFIC, "retryBudget", "percent")): (200, *PERCENT),
    ("DestinationRule", (*TRAFFIC, "loadBalancer", "warmup", "minimumPercent")): (150, *PERCENT),
    ("DestinationRule", (*TRAFFIC, "loadBalancer", "warmup", "duration")): TIME,
    ("DestinationRule", (*TRAFFIC, "outlierDetection", "consecutive5xxErrors")): WHOLE,
    ("DestinationRule", (*TRAFFIC, "outlierDetection", "baseEjectionTime")): TIME,
    ("DestinationRule", (*TRAFFIC, "outlierDetection", "interval")): TIME,
    ("DestinationRule", (*TRAFFIC, "outlierDetection", "maxEjectionPercent")): (0, 150, *PERCENT),
    ("DestinationRule", (*TRAFFIC, "loadBalancer", "simple")): ({}, [], 3, "x"),
    ("PodDisruptionBudget", ("spec", "minAvailable")): (-1, "150%", "2", True),
    ("ResourceQuota", ("spec", "hard", "pods")): ("-1", "0", "2500m", "1e99"),
    ("ResourceQuota", ("spec", "hard", "requests.cpu")): ("-1", "0", "many"),
}
CASES = [(kind, path, value) for (kind, path), values in FIELDS.items() for value in values]


@pytest.mark.parametrize(
    ("kind", "path", "value"), CASES, ids=[f"{kind}-{path[-1]}-{value}" for kind, path, value in CASES]
)
def test_it_is_listed_and_the_spec_can_be_read(kind: str, path: tuple[str | int, ...], value: object) -> None:
    made = imported(changed(OBJECTS, KINDS[kind], path, value), "shop", "")
    assert made.errors() == []
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    listed = [at for title, at in made.left if title.startswith(f"{kind}/")]
    assert any(field == at or field.startswith((f"{at}.", f"{at}[")) for at in listed), listed


def test_all_of_it_is_carried_where_the_figures_are_in_range() -> None:
    made = imported(OBJECTS, "shop", "")
    assert made.errors() == []
    for clause in (
        "agents 3..9",
        "scale on cpu 70% { down over 1m;",
        "timeout 2s",
        "retry 2 { backoff 25ms up to 250ms; budget 20% }",
        "break after 5 errors { eject at most 40% for 33s }",
        "warm up 30s from 10%",
        "disrupt at most 1 agent\n",
        "pods 30",
    ):
        assert clause in made.text


@pytest.mark.parametrize("empty", [{"requests": {}}, {"requests": {}, "limits": {}}, {"limits": {}}])
def test_amounts_of_nothing_are_no_amounts(empty: object) -> None:
    made = imported(changed(OBJECTS, KINDS["Deployment"], (*BOX, "resources"), empty), "shop", "")
    assert made.errors() == [] and not [path for _, path in made.left if "resources" in path]


def test_machines_for_more_than_there_are_stay_a_count() -> None:
    pool = changed(OBJECTS, KINDS["Deployment"], (*POD, "nodeSelector"), {"seatrial.dev/nodes": "big"})
    made = imported(changed(pool, KINDS["Deployment"], (*BOX, "resources", "requests", "cpu"), 10**9), "shop", "")
    assert made.errors() == [] and "count 2_147_483_647" in made.text


def test_an_outlier_detection_that_ejects_nobody_is_listed_whole() -> None:
    path = (*TRAFFIC, "outlierDetection", "consecutive5xxErrors")
    made = imported(changed(OBJECTS, KINDS["DestinationRule"], path, 0), "shop", "")
    assert "break" not in made.text.replace("retries and breakers", "").split("# Not in this spec")[0]
    why = made.left["DestinationRule/web", "spec.trafficPolicy.outlierDetection"]
    assert why == "without errors in a row it ejects nobody"


@pytest.mark.parametrize("name", ['x"; agents 5', 'x"\n timeout 1ms\n route by header "y', "", "a b", 3, "\x1b[31m"])
def test_what_is_no_header_is_not_put_into_the_spec(name: object) -> None:
    balancer = {"consistentHash": {"httpHeaderName": name}}
    made = imported(changed(OBJECTS, KINDS["DestinationRule"], (*TRAFFIC, "loadBalancer"), balancer), "shop", "")
    assert made.errors() == []
    assert "route by header" not in made.text.split("# Not in this spec")[0]
    at = "spec.trafficPolicy.loadBalancer.consistentHash.httpHeaderName"
    assert made.left["DestinationRule/web", at] == "it cannot be the name of a header"


def scaled_object(trigger: dict[str, Any], **bounds: object) -> list[Any]:
    spec = {"scaleTargetRef": {"name": "web"}, "minReplicaCount": 1, "maxReplicaCount": 9, "triggers": [trigger]}
    body = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "web"}}
    return [OBJECTS[0], {**body, "spec": {**spec, **bounds}}]


TRIGGERS: list[dict[str, Any]] = [
    {"type": "cpu", "metricType": "AverageValue", "metadata": {"value": "500m"}},
    {"type": "cpu", "metadata": {"type": "AverageValue", "value": "500m"}},
    {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "0"}},
    {"type": "kafka", "metadata": {"lagThreshold": "-5"}},
    {"type": "kafka", "metadata": {"lagThreshold": "0"}},
]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_that_is_no_share_of_cpu_and_no_length_is_listed(trigger: dict[str, Any]) -> None:
    made = imported(scaled_object(trigger), "shop", "")
    assert made.errors() == []
    assert "scale on busy 60%" in made.text and "no trigger has a word" in made.text
    assert any(path.startswith("spec.triggers[0].metadata") for _, path in made.left)


@pytest.mark.parametrize("metric", [None, "Utilization"])
def test_a_share_of_cpu_is_taken(metric: str | None) -> None:
    trigger = {"type": "cpu", "metadata": {"value": "50"}} | ({} if metric is None else {"metricType": metric})
    assert "scale on cpu 50%" in imported(scaled_object(trigger), "shop", "").text


NO_RANGE = "minReplicaCount and maxReplicaCount are no range of agents"
A_TEXT = "minReplicaCount is a text, where a cluster takes a number"


@pytest.mark.parametrize(
    ("bounds", "why"),
    [({"maxReplicaCount": 0}, NO_RANGE), ({"minReplicaCount": 10}, NO_RANGE), ({"minReplicaCount": "1"}, A_TEXT)],
)
def test_an_autoscaler_whose_bounds_are_none_is_listed_whole(bounds: dict[str, object], why: str) -> None:
    trigger = {"type": "cpu", "metadata": {"value": "50"}}
    made = imported(scaled_object(trigger, **bounds), "shop", "")
    assert made.errors() == [] and "agents 3\n" in made.text
    assert made.left["ScaledObject/web", "spec"] == why
