"""Whatever would make a fleet behave otherwise changes a clause, or is listed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.targets import emit_all, reading
from tests.targets import plans

DOCUMENTS = [
    one.body
    for one in emit_all(plans.support(), ("kubernetes", "istio", "runtime"))[0]
    if one.path.endswith(".yaml") and one.path != "kustomization.yaml"
]


CARRIED = {
    # A field, and a value with which a fleet would behave otherwise.
    ("Deployment", "spec.minReadySeconds"): 30,
    ("Deployment", "spec.template.spec.terminationGracePeriodSeconds"): 3,
    ("Deployment", "spec.template.spec.containers.0.env.0.value"): "5050",
    ("Deployment", "spec.template.spec.containers.0.imagePullPolicy"): "Always",
    ("Deployment", "spec.template.spec.containers.0.ports.0.hostPort"): 8080,
    ("Deployment", "spec.template.spec.preemptionPolicy"): "Never",
    ("Deployment", "spec.template.spec.containers.0.lifecycle.preStop.sleep.seconds"): 50,
    ("Deployment", "spec.strategy.rollingUpdate.maxSurge"): "100%",
    ("Service", "spec.ports.0.targetPort"): 9090,
    ("Service", "spec.sessionAffinity"): "ClientIP",
    ("Service", "spec.clusterIP"): "None",
    ("HorizontalPodAutoscaler", "spec.behavior.scaleUp.stabilizationWindowSeconds"): 60,
    ("HorizontalPodAutoscaler", "spec.metrics.0.pods.metric.selector"): {"matchLabels": {"a": "b"}},
    ("PodDisruptionBudget", "spec.unhealthyPodEvictionPolicy"): "IfHealthyBudget",
    ("VirtualService", "spec.hosts"): ["shop.example.com"],
    ("VirtualService", "spec.http.0.route.0.destination.port.number"): 9090,
    ("VirtualService", "spec.http.0.retries.retryOn"): "503",
    ("VirtualService", "spec.http.0.mirror"): {"host": "elsewhere"},
    ("DestinationRule", "spec.trafficPolicy.loadBalancer.warmup"): {"duration": "30s"},
    ("DestinationRule", "spec.trafficPolicy.loadBalancer.localityLbSetting.enabled"): True,
    ("DestinationRule", "spec.trafficPolicy.outlierDetection.interval"): "20s",
    ("DestinationRule", "spec.trafficPolicy.outlierDetection.minHealthPercent"): 40,
    ("DestinationRule", "spec.trafficPolicy.connectionPool.http.maxRequestsPerConnection"): 1,
    ("PriorityClass", "preemptionPolicy"): "Never",
    ("ServiceAccount", "automountServiceAccountToken"): True,
}


@pytest.mark.parametrize(("kind", "path"), CARRIED, ids=[f"{kind}.{path}" for kind, path in CARRIED])
def test_whatever_changes_a_compiled_object_changes_the_spec_or_is_listed(kind: str, path: str) -> None:
    plain, changed = _compiled(), _compiled()
    found = next(one for one in changed if one["kind"] == kind)
    *way, last = path.split(".")
    for name in way:
        found = found[int(name)] if isinstance(found, list) else found.setdefault(name, {})
    found[last] = CARRIED[kind, path]
    before, after = (reading.read(_manifests(each), "support", "support") for each in (plain, changed))
    assert len(after.left) > len(before.left) or _clauses(after) != _clauses(before)


def _clauses(found: reading.Reading) -> list[tuple[object, str]]:
    return [(at, said.text) for at, said in found.clauses()]


def _compiled() -> list[Any]:
    return [json.loads(json.dumps(one)) for one in DOCUMENTS]


def _manifests(bodies: list[Any]) -> list[reading.Manifest]:
    return [reading.Manifest(body, "a.yaml", 1) for body in bodies]
