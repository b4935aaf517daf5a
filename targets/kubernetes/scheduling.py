"""Where agents run.

Turns `on`, `survive` and the zones of the node classes into affinity and spread. Invariant: a constraint that can leave
a pod pending is written only where the spec promises to survive a loss.
"""

from __future__ import annotations

from seatrial.compiler.model import Loss
from seatrial.compiler.plan import Plan, PoolPlan

from ..base import Json, Object
from ..names import GPU, NODES_LABEL, POOL_LABEL


def scheduling(plan: Plan, pool: PoolPlan) -> Object:
    """`affinity`, `tolerations` and `topologySpreadConstraints` of a pod, as far as there is something to say."""
    found: Object = {}
    if pool.on:
        found["affinity"] = _on(pool.on)
    if tolerated := _tolerations(pool):
        found["tolerations"] = tolerated
    if spread := _spread(plan, pool):
        found["topologySpreadConstraints"] = spread
    return found


def _on(classes: tuple[str, ...]) -> Object:
    """Any of the node classes will do; the label is one that the cluster's owner puts on the nodes."""
    term: Object = {"matchExpressions": [{"key": NODES_LABEL, "operator": "In", "values": list(classes)}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


def _tolerations(pool: PoolPlan) -> list[Json]:
    """Nodes of a class may be kept for those who ask for it; device plugins' nodes usually are."""
    found: list[Json] = [
        {"key": NODES_LABEL, "operator": "Equal", "value": name, "effect": "NoSchedule"} for name in pool.on
    ]
    if pool.gpus:
        found.append({"key": GPU, "operator": "Exists", "effect": "NoSchedule"})
    return found


def _spread(plan: Plan, pool: PoolPlan) -> list[Json]:
    usable = [nodes for nodes in plan.nodes if not pool.on or nodes.name in pool.on]
    lost = {what for _, what in plan.survive}
    found: list[Json] = []
    if Loss.ZONE in lost or any(nodes.zones > 1 for nodes in usable):
        found.append(_constraint(pool, "topology.kubernetes.io/zone", hard=Loss.ZONE in lost))
    if Loss.NODE in lost:
        found.append(_constraint(pool, "kubernetes.io/hostname", hard=False))
    return found


def _constraint(pool: PoolPlan, key: str, *, hard: bool) -> Object:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "DoNotSchedule" if hard else "ScheduleAnyway",
        "labelSelector": {"matchLabels": {POOL_LABEL: pool.name}},
        # Only pods of one revision are compared, or a rolling update would count those that are about to go.
        "matchLabelKeys": ["pod-template-hash"],
        # A zone whose nodes are tainted as unreachable must not count as an empty one that has to be filled first.
        "nodeTaintsPolicy": "Honor",
    }
