"""How fast a HorizontalPodAutoscaler may move, whoever makes it.

Turns a scaling clause into `behavior` of autoscaling/v2 and the amounts that its metrics aim at. Invariant: both
directions and every field are written out, so that no controller default (4 pods or 100 % in 15 s up, a window of
300 s down) remains.

Source: Kubernetes API reference, HorizontalPodAutoscaler v2 (HPAScalingRules).
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from seatrial.compiler.model import Signal
from seatrial.compiler.plan import ScalingPlan, StepPolicy
from seatrial.compiler.semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S

from .base import Object

METRICS = {
    Signal.BUSY: "seatrial_busy_share",
    Signal.QUEUE: "seatrial_queue_items",
    Signal.RATE: "seatrial_requests_per_second",
    Signal.IN_FLIGHT: "seatrial_requests_in_flight",
}
"""What agents export, one value a pod; cpu comes from metrics.k8s.io."""


def behavior(scaling: ScalingPlan) -> Object:
    return {
        "scaleUp": _rules(scaling.up_window_seconds, scaling.up),
        "scaleDown": _rules(scaling.down_window_seconds, scaling.down),
    }


def percent_up(share: Fraction) -> int:
    """A policy's value is a whole number above 0; rounded up, for a slower step may miss the stated time."""
    return max(1, ceil(share * 100))


def _rules(window_seconds: int, step: StepPolicy) -> Object:
    policy: Object = {
        "type": "Percent",
        "value": percent_up(step.share),
        "periodSeconds": min(MAX_PERIOD_S, step.period_seconds),
    }
    return {
        "stabilizationWindowSeconds": min(MAX_WINDOW_S, window_seconds),
        "selectPolicy": "Max",
        "policies": [policy],
    }
