"""A pool -> its pods at a time: those that a rolling update and an autoscaler that flaps have there at the worst.

Invariant: what is counted here is what the plan makes room for, and what follows from the manifests' own rules.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from ...model import Pool, Scaling
from ...semantics import flapping, updates
from ...semantics.activation import cooldown_s
from ...semantics.hpa_behavior import Behavior
from ...semantics.probes import grace
from ...semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S, behavior_of


class Steps(NamedTuple):
    """What `behavior_of` makes a behavior of: quicker to look up by."""

    window_s: int
    percent: int
    period_s: int


def steps_of(scaling: Scaling) -> Steps:
    """As the manifests have it: whole per cents and seconds, rounded up."""
    share, period = scaling.step_share.value, scaling.step_period_seconds.value
    percent = max(1, -(-100 * share.numerator // share.denominator))
    window = min(MAX_WINDOW_S, cooldown_s(scaling.down_over_seconds.value))
    return Steps(window, percent, max(1, min(MAX_PERIOD_S, math.ceil(period))))


def behavior(scaling: Scaling) -> Behavior:
    return behavior_by(steps_of(scaling))


@lru_cache(maxsize=1024)
def behavior_by(steps: Steps) -> Behavior:
    return behavior_of(*steps)


def most_pods(pool: Pool, drain_s: int | None = None) -> int:
    """At the worst moment of an update, whatever the autoscaler does meanwhile; with another drain in seconds, where
    one is given."""
    most, least = pool.agents_most.value, pool.agents_min.value
    if pool.scaling is None or most <= least:
        return updates.most_pods(most)
    drain = pool.drain_seconds.value if drain_s is None else drain_s
    return _most_pods(least, most, steps_of(pool.scaling), grace(drain))


@lru_cache(maxsize=4096)
def _most_pods(least: int, most: int, steps: Steps, grace_s: int) -> int:
    return flapping.updated_pods(least, most, behavior_by(steps), grace_s)


def drained_seconds(pool: Pool, horizon_s: int) -> int:
    """`flapping.drained_seconds`."""
    most, least = pool.agents_most.value, pool.agents_min.value
    if pool.scaling is None or most <= least:
        return 0
    return flapping.drained_seconds(least, most, behavior(pool.scaling), grace(pool.drain_seconds.value), horizon_s)
