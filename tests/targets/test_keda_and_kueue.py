"""What takes the place of Kubernetes' own autoscaler and admission says the same, and stands alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.model import CallerKind, Period, QueueOrder, Scope, Signal
from seatrial.compiler.model.money import Rule
from seatrial.compiler.plan import NodesPlan, Plan, PoolPlan, ScalingPlan, StepPolicy
from seatrial.compiler.plan_containment import Containment, QueuePlan
from seatrial.compiler.plan_money import DivisionPlan, PoolShare
from seatrial.targets import emit_all

from . import plans
from .emitted import read

WEIGHTS = (("worker", 10, F(1)), ("clerk", 10, F(3)), ("model", 4, F(1, 2)))
EVERYTHING = ("kubernetes", "keda", "kueue")
STEP = StepPolicy(F(1), 15)


def scaled(name: str, signal: Signal, target: F, **changes: object) -> PoolPlan:
    return plans.pool(name, scaling=ScalingPlan(signal, target, 0, 300, STEP, STEP), **changes)


def fleet() -> Plan:
    nodes = (
        NodesPlan("general", 3, 9, F(16), 64 << 30, 110, 3, None, plans.AT),
        NodesPlan("gpu", 1, 2, F(96), 768 << 30, 110, 1, None, plans.AT, gpus=8),
    )
    pools = (
        scaled("worker", Signal.QUEUE, F(100), priority=100),
        scaled("clerk", Signal.CPU, F(7, 10)),
        plans.pool("model", on=("gpu",), gpus=1, agents_min=4, agents_max=4, surge=1),
    )
    return plans.fleet(nodes=nodes, pools=pools)


def kinds(plan: Plan, names: tuple[str, ...], kind: str) -> dict[str, Any]:
    bodies = (body for folder in names for body in read(plan, f"{folder}/", names).values())
    return {body["metadata"]["name"]: body for body in bodies if body["kind"] == kind}


def test_no_deployment_has_two_autoscalers() -> None:
    hpas = kinds(fleet(), EVERYTHING, "HorizontalPodAutoscaler")
    objects = kinds(fleet(), EVERYTHING, "ScaledObject")
    assert set(hpas) == {"clerk"}
    assert set(objects) == {"worker"}
    alone = kinds(fleet(), ("kubernetes",), "HorizontalPodAutoscaler")
    assert set(alone) == {"clerk", "worker"}


def test_keda_moves_as_the_autoscaler_would() -> None:
    spec = kinds(fleet(), EVERYTHING, "ScaledObject")["worker"]["spec"]
    ours = kinds(fleet(), ("kubernetes",), "HorizontalPodAutoscaler")["worker"]["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (ours["minReplicas"], ours["maxReplicas"])
    assert spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == ours["behavior"]
    (trigger,) = spec["triggers"]
    assert trigger["metadata"]["threshold"] == "100"
    assert trigger["metadata"]["ignoreNullValues"] == "false"


def emptied() -> Plan:
    """Its first pool may be empty, and a queue of three shards feeds it."""
    _, *others = fleet().pools
    scaling = ScalingPlan(Signal.QUEUE, F(100), 0, 900, STEP, STEP)
    first = plans.pool("worker", agents_min=0, scaling=scaling)
    work = QueuePlan("work", "worker", 3, False, QueueOrder.ARRIVAL, None, None, 1, 500, plans.AT)
    return replace(fleet(), pools=(first, *others), containment=Containment(queues=(work,)))


def test_one_pool_asks_and_several_ask() -> None:
    two = replace(fleet(), pools=(*fleet().pools, scaled("idler", Signal.QUEUE, F(10))))
    for plan, words in ((fleet(), "keda: worker asks Prometheus"), (two, "keda: worker, idler ask Prometheus")):
        _, notes = emit_all(plan, EVERYTHING)
        assert words in next(one.message for one in notes if one.code == "ST7071")


def test_a_pool_that_may_be_empty_is_brought_back_by_a_single_item_of_its_queue() -> None:
    spec = kinds(emptied(), EVERYTHING, "ScaledObject")["worker"]["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (0, 10)
    assert (spec["pollingInterval"], spec["cooldownPeriod"]) == (15, 900)
    assert "idleReplicaCount" not in spec
    (trigger,) = spec["triggers"]
    asked = trigger["metadata"]
    assert (asked["activationThreshold"], asked["threshold"]) == ("0", "100")
    # No agent is there to answer, so it is the queue that is asked.
    assert 'queue=~"work"' in asked["query"] and "pool=" not in asked["query"]


def test_a_silent_prometheus_never_empties_a_pool() -> None:
    """KEDA takes the target to none where the fallback is none (RequestScale in pkg/scaling/executor)."""
    spec = kinds(emptied(), EVERYTHING, "ScaledObject")["worker"]["spec"]
    assert spec["fallback"]["replicas"] == 1
    assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
    assert spec["triggers"][0]["metadata"]["ignoreNullValues"] == "false"


def test_only_a_pool_that_may_be_empty_says_how_it_gets_so() -> None:
    spec = kinds(fleet(), EVERYTHING, "ScaledObject")["worker"]["spec"]
    assert "cooldownPeriod" not in spec
    assert "activationThreshold" not in spec["triggers"][0]["metadata"]


def test_nothing_else_acts_on_the_agents_of_a_pool_that_may_be_empty() -> None:
    assert set(kinds(emptied(), EVERYTHING, "HorizontalPodAutoscaler")) == {"clerk"}
    assert not kinds(emptied(), EVERYTHING, "PodDisruptionBudget")
    deployment = kinds(emptied(), EVERYTHING, "Deployment")["worker"]
    assert "replicas" not in deployment["spec"]


def test_without_keda_nothing_is_written_that_never_starts() -> None:
    told = {one.code: one for one in emit_all(emptied(), ("kubernetes",))[1]}
    assert told["ST7012"].is_error
    assert "--with keda" in told["ST7012"].help
    assert set(kinds(emptied(), ("kubernetes",), "HorizontalPodAutoscaler")) == {"clerk"}
    assert not {"ST7012"} & {one.code for one in emit_all(emptied(), EVERYTHING)[1]}
    assert "ST7074" in {one.code for one in emit_all(emptied(), EVERYTHING)[1]}


@pytest.mark.parametrize("names", [("istio",), ("istio", "gateway-api")])
def test_no_route_leads_to_a_pool_that_may_be_empty(names: tuple[str, ...]) -> None:
    entry = plans.call("tickets", "worker", caller_kind=CallerKind.DEMAND)
    kinds, codes = {}, {}
    for made in (emptied(), fleet()):
        given = replace(made, demands=(plans.demand("tickets"),), calls=(entry,))
        documents, found = emit_all(given, names)
        bodies = [one.body for one in documents if isinstance(one.body, dict)]
        kinds[made.pools[0].agents_min] = {str(body.get("kind")) for body in bodies}
        codes[made.pools[0].agents_min] = {one.code: one for one in found}
    routes = {"Gateway", "HTTPRoute" if "gateway-api" in names else "VirtualService"}
    assert not kinds[0] & routes and routes <= kinds[2]
    assert "put them into work" in codes[0]["ST7014"].notes[0] and "ST7008" not in codes[0]
    assert "ST7014" not in codes[2]


def test_an_empty_pool_is_no_alarm_while_nothing_waits() -> None:
    made = read(emptied(), "prometheus/", ("prometheus",))["prometheus/rules.yaml"]
    alerts = [rule for group in made["groups"] for rule in group["rules"] if "alert" in rule]
    rules = {(rule["alert"], rule["labels"].get("pool")): rule["expr"] for rule in alerts}
    assert ("TooFewAgents", "worker") not in rules
    assert "seatrial_queue_items" in rules["NobodyForTheQueue", "worker"]
    assert ("NobodyForTheQueue", "clerk") not in rules


def test_the_adapter_is_not_asked_for_where_keda_fetches() -> None:
    assert "ST7007" in {one.code for one in emit_all(fleet(), ("kubernetes",))[1]}
    assert "ST7007" not in {one.code for one in emit_all(fleet(), EVERYTHING)[1]}


def test_kueue_never_hands_out_more_than_the_nodes_have() -> None:
    found = kinds(fleet(), EVERYTHING, "ClusterQueue")
    (cohort,) = kinds(fleet(), EVERYTHING, "Cohort").values()
    assert set(found) == {"support-worker", "support-clerk", "support-model"}
    shared = quota_of(cohort)
    for name, cores in (("support-general", 9 * 16), ("support-gpu", 2 * 96)):
        rights = sum(quota_of(one).get((name, "cpu"), F(0)) for one in found.values())
        assert rights + shared[name, "cpu"] == cores


def test_a_queue_has_a_right_to_its_minimum_and_borrows_to_its_maximum() -> None:
    worker = kinds(fleet(), EVERYTHING, "ClusterQueue")["support-worker"]
    (first, *_) = worker["spec"]["resourceGroups"][0]["flavors"]
    cpu = first["resources"][0]
    # 2 to 10 agents and 3 of surge, 100m each.
    assert (amount(cpu["nominalQuota"]), amount(cpu["borrowingLimit"])) == (F(1, 2), F(8, 10))


def test_a_queue_has_the_weight_of_its_agents_where_money_is_shared_by_weight() -> None:
    shares = tuple(PoolShare(name, agents, 0, weight, None, None) for name, agents, weight in WEIGHTS)
    division = DivisionPlan(
        Scope.AGENTS, Period.DAY, F(100), Rule.WEIGHT, None, None, None, False, None, None, shares, plans.AT
    )
    plan = replace(fleet(), divisions=(division,))
    found = kinds(plan, EVERYTHING, "ClusterQueue")
    weights = {name: body["spec"]["fairSharing"]["weight"] for name, body in found.items()}
    assert weights == {"support-worker": "10", "support-clerk": "30", "support-model": "2"}
    # Kueue refuses the one beside the other.
    assert all("borrowWithinCohort" not in body["spec"]["preemption"] for body in found.values())
    assert all(body["spec"]["preemption"]["reclaimWithinCohort"] == "Any" for body in found.values())
    assert [one.code for one in emit_all(plan, ("kueue",))[1]] == ["ST7073"]


def test_where_nobody_speaks_of_weights_priority_decides() -> None:
    for body in kinds(fleet(), EVERYTHING, "ClusterQueue").values():
        assert "fairSharing" not in body["spec"]
        assert body["spec"]["preemption"]["borrowWithinCohort"] == {"policy": "LowerPriority"}


def test_limits_of_borrowing_stand_in_a_cohort_alone() -> None:
    """Kueue refuses `borrowingLimit` and `lendingLimit` of a queue or a cohort that has none above it."""
    queues, cohorts = (kinds(fleet(), EVERYTHING, kind) for kind in ("ClusterQueue", "Cohort"))
    assert queues
    for body in queues.values():
        assert body["spec"]["cohortName"] in cohorts
        assert all(one.keys() == {"name", "nominalQuota", "borrowingLimit"} for one in resources_of(body))
    for body in cohorts.values():
        assert "parentName" not in body["spec"]
        assert all(one.keys() == {"name", "nominalQuota"} for one in resources_of(body))


def test_an_autoscaler_of_keda_leaves_no_field_to_its_defaults() -> None:
    """KEDA's own are none and 100; a minimum above the maximum would be taken, and oscillate."""
    for body in kinds(fleet(), EVERYTHING, "ScaledObject").values():
        spec = body["spec"]
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"]
        assert spec["fallback"] == {
            "failureThreshold": 3,
            "replicas": spec["minReplicaCount"],
            "behavior": "currentReplicasIfHigher",
        }
        # It governs scaling to none only, which no pool does.
        assert "cooldownPeriod" not in spec and "idleReplicaCount" not in spec
        assert spec["pollingInterval"] == 15


def resources_of(body: Any) -> list[Any]:
    return [
        one for group in body["spec"]["resourceGroups"] for flavor in group["flavors"] for one in flavor["resources"]
    ]


def test_devices_are_asked_for_and_counted() -> None:
    body = kinds(fleet(), EVERYTHING, "Deployment")["model"]
    (container,) = body["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    tolerated = body["spec"]["template"]["spec"]["tolerations"]
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in tolerated
    hard = kinds(fleet(), EVERYTHING, "ResourceQuota")["fleet"]["spec"]["hard"]
    assert hard["requests.nvidia.com/gpu"] == "5"


@pytest.mark.parametrize("pool", ["worker", "clerk", "model"])
def test_deployments_stand_in_their_queue(pool: str) -> None:
    body = kinds(fleet(), EVERYTHING, "Deployment")[pool]
    queue = kinds(fleet(), EVERYTHING, "LocalQueue")[pool]
    assert body["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == queue["metadata"]["name"]
    level = body["metadata"]["labels"]["kueue.x-k8s.io/priority-class"]
    assert level in kinds(fleet(), EVERYTHING, "WorkloadPriorityClass")
    assert "kueue.x-k8s.io/queue-name" not in body["spec"]["template"]["metadata"]["labels"]


def test_without_sizes_nothing_is_queued_and_it_is_said() -> None:
    plan = plans.fleet(pools=(plans.pool("worker"),))
    documents, found = emit_all(plan, ("kueue",))
    assert [one.code for one in found] == ["ST7072"]
    assert not [one for one in documents if one.path.startswith("kueue/")]


def quota_of(body: Any) -> dict[tuple[str, str], F]:
    return {
        (flavor["name"], one["name"]): amount(one["nominalQuota"])
        for group in body["spec"]["resourceGroups"]
        for flavor in group["flavors"]
        for one in flavor["resources"]
        if one["name"] == "cpu"
    }


def amount(text: str) -> F:
    return F(text[:-1]) / 1000 if text.endswith("m") else F(text)
