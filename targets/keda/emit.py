"""Plan to KEDA's ScaledObjects.

Turns each pool that scales on a signal of the agents' own into one ScaledObject under `keda/`, which asks Prometheus
for it. Invariant: what KEDA scales has no HorizontalPodAutoscaler of ours: KEDA makes one, and two on one Deployment
fight. The kubernetes target leaves those out when this one is named.

A pool that may be empty is asked about by its queues, for no agent is there to answer. While nobody answers one agent
is the fallback: with a fallback of none KEDA would take a silent Prometheus for an empty queue.

Source: KEDA, "ScaledObject specification", "Prometheus" scaler, "Fallback" and "Scaling Deployments" (2.20), and
RequestScale in pkg/scaling/executor.
"""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.compiler.model import Signal
from seatrial.compiler.plan import Plan, PoolPlan, ScalingPlan
from seatrial.compiler.plan_containment import QueuePlan
from seatrial.compiler.semantics.activation import POLLING_S
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Object
from ..behavior import METRICS, behavior
from ..names import namespace, pool_metadata
from ..quantity import number

FOLDER = "keda"

PROMETHEUS = "http://prometheus-operated.monitoring.svc:9090"
"""The Service that prometheus-operator makes, in the namespace that its charts take; a placeholder (ST7071)."""

QUEUED = METRICS[Signal.QUEUE]

FAILURES = 3
"""So many failed questions in a row before the fallback holds the size (KEDA's own example)."""


@dataclass(frozen=True, slots=True)
class KedaEmitter:
    """`scale on cpu` stays with Kubernetes' own autoscaler, for cpu needs nobody to fetch it."""

    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        scaled = [(pool, pool.scaling) for pool in plan.pools if pool.scaling and pool.scaling.signal in METRICS]
        documents = [
            Document(f"{FOLDER}/{pool.name}-scaledobject.yaml", _scaled_object(plan, pool, scaling))
            for pool, scaling in scaled
        ]
        if not scaled:
            return (), ()
        note = Diagnostic(
            "ST7071",
            Severity.NOTE,
            f"keda: {', '.join(pool.name for pool, _ in scaled)} {'ask' if len(scaled) > 1 else 'asks'} Prometheus at "
            f"{PROMETHEUS}, a placeholder",
            (Label(scaled[0][0].origin),),
            notes=("the spec names no Prometheus; set `triggers[0].metadata.serverAddress` in an overlay",),
        )
        return tuple(documents), (note, *(_told_by(plan, pool) for pool, _ in scaled if pool.agents_min == 0))


def _told_by(plan: Plan, pool: PoolPlan) -> Diagnostic:
    names = ", ".join(queue.name for queue in _queues(plan, pool))
    return Diagnostic(
        "ST7074",
        Severity.NOTE,
        f"keda: while {pool.name} is empty, {names} must say how many items wait",
        (Label(pool.origin),),
        notes=(f"until {QUEUED} has a series for it, KEDA cannot tell, and keeps one agent",),
        help=f"export {QUEUED} with the labels namespace, queue and shard from where the items are kept",
    )


def _queues(plan: Plan, pool: PoolPlan) -> list[QueuePlan]:
    return [queue for queue in plan.containment.queues if queue.pool == pool.name]


def _query(plan: Plan, pool: PoolPlan, signal: Signal) -> str:
    """The sum over the pods, or over the shards of the queues, each told once: KEDA's autoscaler divides it by the
    agents, as the checker's does."""
    where = f'namespace="{namespace(plan)}"'
    if pool.agents_min > 0:
        return f'sum({METRICS[signal]}{{{where},pool="{pool.name}"}})'
    names = "|".join(queue.name for queue in _queues(plan, pool))
    return f'sum(max by (queue, shard) ({QUEUED}{{{where},queue=~"{names}"}}))'


def _scaled_object(plan: Plan, pool: PoolPlan, scaling: ScalingPlan) -> Object:
    may_be_empty = pool.agents_min == 0
    asked: Object = {
        "serverAddress": PROMETHEUS,
        "query": _query(plan, pool, scaling.signal),
        "threshold": str(number(scaling.target)),
        # A single item that waits brings the first agent.
        **({"activationThreshold": "0"} if may_be_empty else {}),
        # No answer is no load of 0, or a Prometheus that is down would empty the fleet.
        "ignoreNullValues": "false",
    }
    spec: Object = {
        "scaleTargetRef": {"name": pool.name},
        "pollingInterval": POLLING_S,
        **({"cooldownPeriod": scaling.down_window_seconds} if may_be_empty else {}),
        "minReplicaCount": pool.agents_min,
        "maxReplicaCount": pool.agents_max,
        "fallback": {
            "failureThreshold": FAILURES,
            "replicas": max(1, pool.agents_min),
            "behavior": "currentReplicasIfHigher",
        },
        "advanced": {"horizontalPodAutoscalerConfig": {"name": pool.name, "behavior": behavior(scaling)}},
        "triggers": [{"type": "prometheus", "metricType": "AverageValue", "metadata": asked}],
    }
    meta = pool_metadata(plan, pool.name)
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": meta, "spec": spec}
