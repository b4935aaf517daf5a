"""Plan to Kueue's queues.

Turns node classes into flavors, the fleet into a cohort, and each pool into a ClusterQueue and a LocalQueue. Invariant:
a pool's nominal quota is its minimum with its surge, which nobody can keep from it; what it may borrow on top brings it
to its maximum with its surge in any one class, and no further.

Source: Kueue v1beta2, "Cluster Queue", "Cohort", "Preemption", "Workload Priority Class", "Run Deployments".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.model.money import Rule
from seatrial.compiler.plan import NodesPlan, Plan, PoolPlan
from seatrial.compiler.plan_money import DivisionPlan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..names import GPU, NODES_LABEL, labels, pool_metadata, priority_class
from ..quantity import cpu, memory
from ..sidecar import CPU_REQUEST, MEMORY_REQUEST

VERSION = "kueue.x-k8s.io/v1beta2"
FOLDER = "kueue"


@dataclass(frozen=True, slots=True)
class KueueEmitter:
    """`sidecar`: the istio target is emitted too, so each pod asks for its proxy as well."""

    sidecar: bool = False

    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        """Without node classes, or with a pool that states no size, there is nothing to share: ST7072, no document."""
        unsized = [pool for pool in plan.pools if pool.cpu_cores is None or pool.memory_bytes is None]
        if not plan.nodes or unsized:
            at = unsized[0].origin if unsized else (plan.pools[0].origin if plan.pools else None)
            what = "no node class" if not plan.nodes else f"no cpu or memory for {unsized[0].name}"
            note = Diagnostic(
                "ST7072",
                Severity.WARNING,
                f"kueue: the spec states {what}, so there is no quota to share",
                () if at is None else (Label(at),),
                help="state `nodes general { count …; cpu …; memory … }` and `each { cpu …; memory … }`, "
                "or leave kueue out",
            )
            return (), (note,)
        documents = tuple(Document(f"{FOLDER}/{name}.yaml", body) for name, body in self._documents(plan))
        return documents, tuple(_to_switch_on(plan))

    def _documents(self, plan: Plan) -> Iterator[tuple[str, Object]]:
        for nodes in plan.nodes:
            yield f"{nodes.name}-flavor", _flavor(plan, nodes)
        for level in sorted({pool.priority for pool in plan.pools}, reverse=True):
            yield f"priority-{priority_class(plan, level)}", _priority(plan, level)
        yield "cohort", self._cohort(plan)
        for pool in plan.pools:
            yield f"{pool.name}-clusterqueue", self._cluster_queue(plan, pool)
            yield f"{pool.name}-queue", _local_queue(plan, pool)

    def _cohort(self, plan: Plan) -> Object:
        """What the nodes have and no pool has a right to: everyone may borrow it."""
        flavors: list[Json] = []
        covered = _covered(plan)
        for nodes in plan.nodes:
            mine = [pool for pool in plan.pools if _flavors(plan, pool)[0] is nodes]
            taken = [self._amounts(pool, _fewest(pool)) for pool in mine]
            free = {name: _capacity(nodes, name) - sum(one[name] for one in taken) for name in covered}
            flavors.append(
                _flavor_quota(plan.fleet, nodes, {name: max(Fraction(0), amount) for name, amount in free.items()})
            )
        spec: Object = {"resourceGroups": [{"coveredResources": [*covered], "flavors": flavors}]}
        return {"apiVersion": VERSION, "kind": "Cohort", "metadata": _cluster_wide(plan, plan.fleet), "spec": spec}

    def _cluster_queue(self, plan: Plan, pool: PoolPlan) -> Object:
        covered = _covered(plan)
        least, most = self._amounts(pool, _fewest(pool)), self._amounts(pool, _most(pool))
        flavors: list[Json] = []
        for index, nodes in enumerate(_flavors(plan, pool)):
            # The right to the minimum is in the first class; any class may be borrowed up to the maximum.
            nominal = {name: least[name] if index == 0 else Fraction(0) for name in covered}
            borrowed = {name: most[name] - nominal[name] for name in covered}
            flavors.append(_flavor_quota(plan.fleet, nodes, nominal, borrowed))
        weight = _weights(plan).get(pool.name)
        # A pool takes back what anybody borrowed from its minimum; beyond that weight decides, or priority: Kueue
        # refuses the second beside the first.
        above: Object = {} if weight is not None else {"borrowWithinCohort": {"policy": "LowerPriority"}}
        spec: Object = {
            "cohortName": plan.fleet,
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": plan.fleet}},
            "queueingStrategy": "BestEffortFIFO",
            "preemption": {"reclaimWithinCohort": "Any", **above, "withinClusterQueue": "Never"},
            "resourceGroups": [{"coveredResources": [*covered], "flavors": flavors}],
        }
        if weight is not None:
            spec["fairSharing"] = {"weight": cpu(weight)}
        meta = _cluster_wide(plan, _queue(plan, pool))
        return {"apiVersion": VERSION, "kind": "ClusterQueue", "metadata": meta, "spec": spec}

    def _amounts(self, pool: PoolPlan, pods: int) -> dict[str, Fraction]:
        proxy = (CPU_REQUEST, Fraction(MEMORY_REQUEST)) if self.sidecar else (Fraction(0), Fraction(0))
        return {
            "cpu": pods * ((pool.cpu_cores or Fraction(0)) + proxy[0]),
            "memory": pods * ((pool.memory_bytes or 0) + proxy[1]),
            GPU: Fraction(pods * (pool.gpus or 0)),
        }


def _by_weight(plan: Plan) -> DivisionPlan | None:
    """The first budget that is shared by weight: whoever has a right to more money has one to more room."""
    return next((one for one in plan.divisions if one.rule is Rule.WEIGHT), None)


def _weights(plan: Plan) -> dict[str, Fraction]:
    """A pool's, of all its agents; none where no budget is shared by weight."""
    division = _by_weight(plan)
    shares = division.pools if division is not None else ()
    return {share.pool: share.agents * share.weight for share in shares if share.weight}


def _to_switch_on(plan: Plan) -> Iterator[Diagnostic]:
    division = _by_weight(plan)
    if division is not None:
        yield Diagnostic(
            "ST7073",
            Severity.NOTE,
            "kueue: weights count where fair sharing is on in Kueue's own configuration",
            (Label(division.origin),),
            notes=("what nobody has a right to is shared by weight then, and pre-emption goes by it too",),
            help="set `fairSharing` in Kueue's Configuration",
        )


def _flavors(plan: Plan, pool: PoolPlan) -> list[NodesPlan]:
    """Node classes that a pool may use, in its order of preference."""
    if not pool.on:
        return list(plan.nodes)
    return [nodes for name in pool.on for nodes in plan.nodes if nodes.name == name]


def _fewest(pool: PoolPlan) -> int:
    return pool.agents_min + pool.surge


def _most(pool: PoolPlan) -> int:
    return pool.agents_max + pool.surge


def _covered(plan: Plan) -> tuple[str, ...]:
    return ("cpu", "memory", GPU) if any(pool.gpus for pool in plan.pools) else ("cpu", "memory")


def _capacity(nodes: NodesPlan, name: str) -> Fraction:
    each = {"cpu": nodes.cpu_cores, "memory": Fraction(nodes.memory_bytes), GPU: Fraction(nodes.gpus or 0)}
    return nodes.count_max * each[name]


def _flavor_quota(
    fleet: str, nodes: NodesPlan, nominal: dict[str, Fraction], borrowed: dict[str, Fraction] | None = None
) -> Object:
    resources: list[Json] = []
    for name, amount in nominal.items():
        resource: Object = {"name": name, "nominalQuota": _written(name, amount)}
        if borrowed is not None:
            resource["borrowingLimit"] = _written(name, borrowed[name])
        resources.append(resource)
    return {"name": _class(fleet, nodes), "resources": resources}


def _written(name: str, amount: Fraction) -> str:
    return cpu(amount) if name == "cpu" else memory(int(amount)) if name == "memory" else str(int(amount))


def _flavor(plan: Plan, nodes: NodesPlan) -> Object:
    toleration: Object = {"key": NODES_LABEL, "operator": "Equal", "value": nodes.name, "effect": "NoSchedule"}
    spec: Object = {"nodeLabels": {NODES_LABEL: nodes.name}, "tolerations": [toleration]}
    meta = _cluster_wide(plan, _class(plan.fleet, nodes))
    return {"apiVersion": VERSION, "kind": "ResourceFlavor", "metadata": meta, "spec": spec}


def _priority(plan: Plan, level: int) -> Object:
    return {
        "apiVersion": VERSION,
        "kind": "WorkloadPriorityClass",
        "metadata": _cluster_wide(plan, priority_class(plan, level)),
        "value": level,
        "description": f"Agents of fleet {plan.fleet} with priority {level}",
    }


def _local_queue(plan: Plan, pool: PoolPlan) -> Object:
    meta = pool_metadata(plan, pool.name)
    spec: Object = {"clusterQueue": _queue(plan, pool)}
    return {"apiVersion": VERSION, "kind": "LocalQueue", "metadata": meta, "spec": spec}


def _queue(plan: Plan, pool: PoolPlan) -> str:
    """ClusterQueues belong to the whole cluster, so the fleet's name is in front."""
    return f"{plan.fleet}-{pool.name}"


def _class(fleet: str, nodes: NodesPlan) -> str:
    return f"{fleet}-{nodes.name}"


def _cluster_wide(plan: Plan, name: str) -> Object:
    return {"name": name, "labels": labels(plan)}
