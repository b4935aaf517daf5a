"""One pool to its HorizontalPodAutoscaler and PodDisruptionBudget.

Turns a scaling clause into metrics and behavior of autoscaling/v2. Invariant: nobody else scales the same Deployment.

Source: Kubernetes API reference, HorizontalPodAutoscaler v2; "Pod disruption budgets" for unhealthyPodEvictionPolicy.
"""

from __future__ import annotations

from fractions import Fraction

from seatrial.compiler.model import Signal
from seatrial.compiler.plan import Plan, PoolPlan, ScalingPlan

from ..base import Object
from ..behavior import METRICS, behavior, percent_up
from ..names import POOL_LABEL, pool_metadata
from .constants import CONTAINER


def autoscaler(plan: Plan, pool: PoolPlan, scaling: ScalingPlan, *, sidecar: bool) -> Object:
    """`sidecar`: its CPU would count into a Resource metric, so the agent's container is measured alone."""
    spec: Object = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": pool.name},
        "minReplicas": pool.agents_min,
        "maxReplicas": pool.agents_max,
        "metrics": [_metric(scaling, sidecar=sidecar)],
        "behavior": behavior(scaling),
    }
    meta = pool_metadata(plan, pool.name)
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec}


def _metric(scaling: ScalingPlan, *, sidecar: bool) -> Object:
    if scaling.signal is Signal.CPU:
        target: Object = {"type": "Utilization", "averageUtilization": percent_up(scaling.target)}
        if sidecar:
            return {
                "type": "ContainerResource",
                "containerResource": {"name": "cpu", "container": CONTAINER, "target": target},
            }
        return {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    return {
        "type": "Pods",
        "pods": {
            "metric": {"name": METRICS[scaling.signal]},
            "target": {"type": "AverageValue", "averageValue": _amount(scaling.target)},
        },
    }


def _amount(value: Fraction) -> str:
    """A quantity in thousandths, the finest that the controller computes with."""
    milli = max(1, round(value * 1000))
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def disruption_budget(plan: Plan, pool: PoolPlan, min_available: int) -> Object:
    """An integer, for a percentage is taken anew from whatever is left; a broken agent may always be evicted."""
    spec: Object = {
        "minAvailable": min_available,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": {POOL_LABEL: pool.name}},
    }
    meta = pool_metadata(plan, pool.name)
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta, "spec": spec}
