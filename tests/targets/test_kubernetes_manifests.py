"""What the manifests say, where a schema cannot judge."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.lower import lower
from seatrial.compiler.model import Signal
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read as clauses_of
from seatrial.compiler.plan import NodesPlan, Plan, PoolPlan, ScalingPlan, SidecarPlan, StepPolicy
from seatrial.dsl.source import Source
from seatrial.targets.kubernetes import KubernetesEmitter
from seatrial.targets.kubernetes.beside import Beside
from seatrial.targets.quantity import read_quantity

from . import plans
from .emitted import read


def of_kind(plan: Plan, kind: str, *names: str) -> list[Any]:
    names = names or ("kubernetes",)
    return [body for body in read(plan, "kubernetes/", names).values() if body["kind"] == kind]


def one(pool: PoolPlan) -> Plan:
    return plans.fleet(pools=(pool,))


def codes(plan: Plan) -> set[str]:
    return {found.code for found in KubernetesEmitter().emit(plan)[1]}


def scaled(signal: Signal, target: F, step: F = F(1), window: int = 300, period: int = 15) -> PoolPlan:
    policy = StepPolicy(step, period)
    return plans.pool("worker", scaling=ScalingPlan(signal, target, 0, window, policy, policy))


def test_only_a_pool_that_nothing_scales_has_replicas() -> None:
    fixed, moving = plans.pool("fixed"), scaled(Signal.CPU, F(7, 10))
    bodies = {body["metadata"]["name"]: body for body in of_kind(plans.fleet(pools=(fixed, moving)), "Deployment")}
    assert bodies["fixed"]["spec"]["replicas"] == 2
    assert "replicas" not in bodies["worker"]["spec"]


@pytest.mark.parametrize(
    ("signal", "target", "metric", "amount"),
    [
        (Signal.BUSY, F(6, 10), "seatrial_busy_share", "600m"),
        (Signal.QUEUE, F(100), "seatrial_queue_items", "100"),
        (Signal.RATE, F(5, 2), "seatrial_requests_per_second", "2500m"),
        (Signal.IN_FLIGHT, F(6), "seatrial_requests_in_flight", "6"),
    ],
)
def test_a_signal_is_a_pods_metric_with_an_average(signal: Signal, target: F, metric: str, amount: str) -> None:
    plan = one(scaled(signal, target))
    (body,) = of_kind(plan, "HorizontalPodAutoscaler")
    (found,) = body["spec"]["metrics"]
    assert found["pods"]["metric"]["name"] == metric
    assert found["pods"]["target"] == {"type": "AverageValue", "averageValue": amount}
    assert "ST7007" in codes(plan)


def test_cpu_is_measured_without_the_sidecar() -> None:
    plan = one(scaled(Signal.CPU, F(7, 10)))
    target = {"type": "Utilization", "averageUtilization": 70}
    (alone,) = of_kind(plan, "HorizontalPodAutoscaler")
    assert alone["spec"]["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    (meshed,) = of_kind(plan, "HorizontalPodAutoscaler", "kubernetes", "istio")
    own = {"name": "cpu", "container": "agent", "target": target}
    assert meshed["spec"]["metrics"] == [{"type": "ContainerResource", "containerResource": own}]


def test_behavior_is_the_plans_windows_and_steps() -> None:
    up, down = StepPolicy(F(1), 15), StepPolicy(F(1, 10), 60)
    scaling = ScalingPlan(Signal.CPU, F(7, 10), 0, 600, up, down)
    (body,) = of_kind(one(plans.pool("worker", scaling=scaling)), "HorizontalPodAutoscaler")
    rules = body["spec"]["behavior"]
    assert rules["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert rules["scaleUp"]["policies"] == [{"type": "Percent", "value": 100, "periodSeconds": 15}]
    assert rules["scaleDown"]["stabilizationWindowSeconds"] == 600
    assert rules["scaleDown"]["policies"] == [{"type": "Percent", "value": 10, "periodSeconds": 60}]


def test_what_the_api_server_would_refuse_is_cut_and_told() -> None:
    plan = one(scaled(Signal.CPU, F(7, 10), F(1, 3), window=7200, period=3600))
    (body,) = of_kind(plan, "HorizontalPodAutoscaler")
    rules = body["spec"]["behavior"]["scaleDown"]
    assert rules["stabilizationWindowSeconds"] == 3600
    assert rules["policies"] == [{"type": "Percent", "value": 34, "periodSeconds": 1800}]
    assert {"ST7011", "ST7005"} <= codes(plan)


def test_the_quota_is_the_sum_of_the_maxima_surge_and_sidecars_included() -> None:
    plan = plans.support()
    (alone,) = of_kind(plan, "ResourceQuota")
    assert alone["spec"]["hard"] == {
        "pods": "250",  # 120 + 30 and 80 + 20
        "requests.cpu": "25",
        "limits.cpu": "25",
        "requests.memory": "32000Mi",
        "limits.memory": "32000Mi",
    }
    (meshed,) = of_kind(plan, "ResourceQuota", "kubernetes", "istio")
    assert meshed["spec"]["hard"] == {
        "pods": "260",  # and 10 of the gateway
        "requests.cpu": "51",
        "limits.cpu": "545",
        "requests.memory": "65280Mi",
        "limits.memory": f"{32000 + 260 * 1024}Mi",
    }


def test_a_sidecar_that_is_stated_is_asked_for_and_charged() -> None:
    stated = SidecarPlan(F(1, 4), 2 << 30)
    plan = plans.fleet(pools=(plans.pool("a", agents_min=3, agents_max=3, surge=1, sidecar=stated),))
    (body,) = of_kind(plan, "Deployment", "kubernetes", "istio")
    asked = body["spec"]["template"]["metadata"]["annotations"]
    assert asked["sidecar.istio.io/proxyCPU"] == "250m" and asked["sidecar.istio.io/proxyMemory"] == "2Gi"
    # A limit below the request would be refused.
    assert asked["sidecar.istio.io/proxyCPULimit"] == "2" and asked["sidecar.istio.io/proxyMemoryLimit"] == "2Gi"
    (alone,) = of_kind(plan, "ResourceQuota")
    (meshed,) = of_kind(plan, "ResourceQuota", "kubernetes", "istio")
    cores = [read_quantity(one["spec"]["hard"]["requests.cpu"]) for one in (alone, meshed)]
    assert cores == [F(4, 10), F(4, 10) + 4 * F(1, 4)]
    (limits,) = of_kind(plan, "LimitRange", "kubernetes", "istio")
    assert limits["spec"]["limits"][0]["max"]["memory"] == "2Gi"


def test_sidecars_that_no_node_was_proved_for_are_told() -> None:
    pools = (plans.pool("a"), plans.pool("b", sidecar=SidecarPlan(F(1, 10), 128 << 20)))
    nodes = plans.support().nodes
    plan = plans.fleet(pools=pools, nodes=nodes)
    told = [one for one in KubernetesEmitter(Beside(sidecar=True)).emit(plan)[1] if one.code == "ST7013"]
    assert [one.message for one in told] == ["kubernetes: the sidecars of a are not counted on the nodes"]
    assert "ST7013" not in codes(plan)


def test_the_quota_lets_old_pods_leave_beside_those_that_start() -> None:
    plan = plans.fleet(pools=(plans.pool("a", agents_min=10, agents_max=10, surge=3, leaving=3),))
    (quota,) = of_kind(plan, "ResourceQuota")
    assert quota["spec"]["hard"]["pods"] == "16"


def test_an_update_waits_until_what_it_replaces_has_left() -> None:
    for pool, body in zip(plans.support().pools, of_kind(plans.support(), "Deployment"), strict=True):
        spec = body["spec"]
        grace = spec["template"]["spec"]["terminationGracePeriodSeconds"]
        assert spec["minReadySeconds"] == grace == pool.drain_seconds + 5
        # Else the API server refuses it.
        assert spec["progressDeadlineSeconds"] > spec["minReadySeconds"]


def test_a_quota_bounds_nothing_that_a_pool_does_not_state() -> None:
    plan = plans.fleet(pools=(plans.pool("a"), plans.pool("b", cpu_cores=None)))
    (quota,) = of_kind(plan, "ResourceQuota")
    assert set(quota["spec"]["hard"]) == {"pods", "requests.memory", "limits.memory"}
    assert "ST7002" in codes(plan)


@pytest.mark.parametrize(("least", "stays"), [(3, 2), (5, 4), (20, 18), (100, 90), (1, 0)])
def test_a_budget_says_a_whole_number_of_agents_that_must_stay(least: int, stays: int) -> None:
    """A share, and what may be away, are counted anew as agents leave: 5 voters have become 2."""
    bounds = f"agents {least}" if least > 1 else "agents 1..4"
    (body,) = of_kind(
        _planned(f"{bounds}; disrupt at most {'1 agent' if least < 20 else '10%'}"), "PodDisruptionBudget"
    )
    assert set(body["spec"]) == {"minAvailable", "unhealthyPodEvictionPolicy", "selector"}
    assert body["spec"]["minAvailable"] == stays
    assert isinstance(body["spec"]["minAvailable"], int)


def test_a_pool_whose_disruption_nobody_bounds_has_no_budget() -> None:
    """One as large as the pool would let no node be drained."""
    assert of_kind(_planned("agents 3"), "PodDisruptionBudget") == []


def _planned(clauses: str) -> Plan:
    scale = "scale on cpu 60%" if ".." in clauses else ""
    text = f'fleet f {{ pool w {{ image "x:1"; {clauses}; {scale}; each {{ cpu 1; memory 1Gi }} }} }}'
    model, errors = resolve(clauses_of(Source("f.fleet", text)).clauses, {})
    assert model is not None, errors
    return lower(model, (), "0", "")


def test_pods_are_what_the_restricted_standard_admits() -> None:
    """Each of its controls (Kubernetes "Pod Security Standards"), and no way to the API that nobody asked for."""
    for body in of_kind(plans.support(), "Deployment", "kubernetes", "istio", "runtime"):
        pod = body["spec"]["template"]["spec"]
        assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert {name for volume in pod["volumes"] for name in volume} == {"name", "configMap"}
        (container,) = pod["containers"]
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        assert all("hostPort" not in port and port["containerPort"] > 1023 for port in container["ports"])
        assert pod["automountServiceAccountToken"] is False
        assert pod["serviceAccountName"] == body["metadata"]["name"]
    accounts = of_kind(plans.support(), "ServiceAccount")
    assert accounts and all(one["automountServiceAccountToken"] is False for one in accounts)


def test_no_container_is_larger_than_the_largest_that_was_proved_to_fit() -> None:
    pools = (plans.pool("a", cpu_cores=F(1, 4), memory_bytes=1 << 30), plans.pool("b", cpu_cores=F(3)))
    plan = plans.fleet(pools=pools)
    (alone,) = of_kind(plan, "LimitRange")
    (limit,) = alone["spec"]["limits"]
    most = {"cpu": "3", "memory": "1Gi"}
    assert limit == {"type": "Container", "max": most, "default": most, "defaultRequest": most}
    sidecar = replace(plan, pools=(plans.pool("a"),))
    (meshed,) = of_kind(sidecar, "LimitRange", "kubernetes", "istio")
    assert meshed["spec"]["limits"][0]["max"] == {"cpu": "2", "memory": "1Gi"}
    assert of_kind(plans.fleet(pools=(plans.pool("a", memory_bytes=None),)), "LimitRange") == []


def test_a_pool_goes_to_its_node_classes_and_tolerates_their_taints() -> None:
    nodes = tuple(NodesPlan(name, 3, 3, F(4), 16 << 30, 110, 1, None, plans.AT) for name in ("general", "large"))
    (body,) = of_kind(plans.fleet(nodes=nodes, pools=(plans.pool("a", on=("large",)),)), "Deployment")
    pod = body["spec"]["template"]["spec"]
    wanted = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert wanted == [{"matchExpressions": [{"key": "seatrial.dev/nodes", "operator": "In", "values": ["large"]}]}]
    assert [(one["key"], one["value"]) for one in pod["tolerations"]] == [("seatrial.dev/nodes", "large")]


def test_an_autoscaler_states_both_bounds() -> None:
    """Kubernetes' minimum is 1 where none is said."""
    (body,) = of_kind(one(scaled(Signal.CPU, F(7, 10))), "HorizontalPodAutoscaler")
    assert (body["spec"]["minReplicas"], body["spec"]["maxReplicas"]) == (2, 10)


def test_zones_that_must_survive_are_a_hard_constraint() -> None:
    plan = plans.support()
    for body in of_kind(plan, "Deployment"):
        (zone,) = body["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert (zone["topologyKey"], zone["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    for body in of_kind(replace(plan, survive=()), "Deployment"):
        (zone,) = body["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert zone["whenUnsatisfiable"] == "ScheduleAnyway"
    for body in of_kind(replace(plan, survive=(), nodes=()), "Deployment"):
        assert "topologySpreadConstraints" not in body["spec"]["template"]["spec"]


def test_a_pod_has_its_drain_after_its_pre_stop() -> None:
    (body,) = of_kind(one(plans.pool("worker", drain_seconds=30)), "Deployment")
    pod = body["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 30 + pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_namespaces_enforce_restricted_pods_unless_a_sidecar_would_be_refused() -> None:
    (alone,) = of_kind(plans.support(), "Namespace")
    assert alone["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    (meshed,) = of_kind(plans.support(), "Namespace", "kubernetes", "istio")
    assert "pod-security.kubernetes.io/enforce" not in meshed["metadata"]["labels"]
    assert meshed["metadata"]["labels"]["istio-injection"] == "enabled"


def test_a_priority_class_stands_for_each_level_in_use() -> None:
    found = {body["metadata"]["name"]: body["value"] for body in of_kind(plans.support(), "PriorityClass")}
    assert found == {"support-high": 100, "support-normal": 0}
    used = {body["spec"]["template"]["spec"]["priorityClassName"] for body in of_kind(plans.support(), "Deployment")}
    assert used == set(found)


def test_what_cannot_be_deployed_is_an_error() -> None:
    unnamed = one(plans.pool("worker", image=None))
    assert "ST7001" in {found.code for found in KubernetesEmitter().emit(unnamed)[1] if found.is_error}
    assert of_kind(unnamed, "Deployment") == []
    cpuless = one(replace(scaled(Signal.CPU, F(7, 10)), cpu_cores=None))
    assert "ST7003" in {found.code for found in KubernetesEmitter().emit(cpuless)[1] if found.is_error}
