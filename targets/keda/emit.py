"""Plan to KEDA's ScaledObjects.

Turns each pool that scales on a signal of the agents' own into one ScaledObject under `keda/`, which asks Prometheus
for it. Invariant: what KEDA scales has no HorizontalPodAutoscaler of ours: KEDA makes one, and two on one Deployment
fight. The kubernetes target leaves those out when this one is named.

Source: KEDA, "ScaledObject specification", "Prometheus" scaler and "Fallback" (2.20).
"""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.compiler.plan import Plan, PoolPlan, ScalingPlan
from seatrial.compiler.semantics.hpa import SYNC_PERIOD_MS
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Object
from ..behavior import METRICS, behavior
from ..names import namespace, pool_metadata
from ..quantity import number

FOLDER = "keda"

PROMETHEUS = "http://prometheus-operated.monitoring.svc:9090"
"""The Service that prometheus-operator makes, in the namespace that its charts take; a placeholder (ST7071)."""

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
            f"keda: {', '.join(pool.name for pool, _ in scaled)} ask Prometheus at {PROMETHEUS}, a placeholder",
            (Label(scaled[0][0].origin),),
            notes=("the spec names no Prometheus; set `triggers[0].metadata.serverAddress` in an overlay",),
        )
        return tuple(documents), (note,)


def _scaled_object(plan: Plan, pool: PoolPlan, scaling: ScalingPlan) -> Object:
    metric = METRICS[scaling.signal]
    trigger: Object = {
        "type": "prometheus",
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": PROMETHEUS,
            # The sum over the pods: KEDA's autoscaler divides it by their number, as the checker's does.
            "query": f'sum({metric}{{namespace="{namespace(plan)}",pool="{pool.name}"}})',
            "threshold": str(number(scaling.target)),
            # No answer is no load of 0, or a Prometheus that is down would empty the fleet.
            "ignoreNullValues": "false",
        },
    }
    spec: Object = {
        "scaleTargetRef": {"name": pool.name},
        "pollingInterval": SYNC_PERIOD_MS // 1000,
        "minReplicaCount": pool.agents_min,
        "maxReplicaCount": pool.agents_max,
        "fallback": {"failureThreshold": FAILURES, "replicas": pool.agents_min, "behavior": "currentReplicasIfHigher"},
        "advanced": {"horizontalPodAutoscalerConfig": {"name": pool.name, "behavior": behavior(scaling)}},
        "triggers": [trigger],
    }
    meta = pool_metadata(plan, pool.name)
    return {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": meta, "spec": spec}
