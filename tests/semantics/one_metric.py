"""An autoscaler with one external metric, and the writes that it makes on the way to a size."""

from __future__ import annotations

import math
from fractions import Fraction

from seatrial.compiler.semantics.hpa import Decision, HpaSpec, HpaState, Seen, step
from seatrial.compiler.semantics.hpa_behavior import Behavior
from seatrial.compiler.semantics.hpa_metrics import ExternalAverageValue, ExternalReading

SYNC_MS = 15_000


def milli(quantity: int | Fraction) -> int:
    """A quantity in whole milli-units, rounded up as `resource.Quantity.MilliValue` does."""
    return math.ceil(Fraction(quantity) * 1000)


def average_value_spec(minimum: int, maximum: int, target: int, behavior: Behavior | None = None) -> HpaSpec:
    return HpaSpec(minimum, maximum, (ExternalAverageValue("load", milli(target)),), behavior)


def step_average_value(
    spec: HpaSpec, state: HpaState, *, replicas: int, total: int | None, now: int
) -> tuple[HpaState, Decision]:
    """One sync with all `replicas` there; `total` is the metric over the whole pool, None where it is missing."""
    series = None if total is None else (milli(total),)
    return step(spec, state, Seen(replicas, replicas, (ExternalReading(series),)), now)


def writes(start: int, goal: int, behavior: Behavior, syncs: int = 1500) -> list[tuple[int, int]]:
    """(ms, replicas) of each scale write under a load that asks for `goal` at every sync from time 0 on."""
    spec = average_value_spec(1, 20_000, 100, behavior)
    state, replicas, found = HpaState(), start, []
    for now in range(0, syncs * SYNC_MS, SYNC_MS):
        state, decision = step_average_value(spec, state, replicas=replicas, total=goal * 100, now=now)
        if decision.rescale:
            replicas = decision.desired
            found.append((now, replicas))
        if replicas == goal:
            break
    return found
