"""A pool that may be empty under KEDA -> when somebody is there once something waits, and when nobody is any more.

Invariant: `polled` is a pure function; all that KEDA remembers between two polls is when a trigger was last active.

KEDA alone goes from 0 to 1 and back to 0; from 1 on its HorizontalPodAutoscaler, whose minimum is then 1, does all else
(`semantics.hpa`), and while nobody is there that one is switched off. Source: KEDA, "Scaling Deployments" ("Activating
and scaling thresholds") and "ScaledObject specification" (pollingInterval, cooldownPeriod, minReplicaCount) of 2.20,
and `pkg/scaling/executor/scale_scaledobjects.go` (RequestScale, scaleToZeroOrIdle). Limit: a poll takes no time of its
own. Times are milliseconds, or seconds where a name says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from .controller import SYNC_PERIOD_MS, Instant
from .growth import METRIC_DELAY_S, Growth, growth
from .hpa_behavior import Behavior

POLLING_S = SYNC_PERIOD_MS // 1000
"""`pollingInterval` as it is compiled; KEDA's own is 30 s."""

SEEN_AFTER_S = METRIC_DELAY_S + POLLING_S
"""An item that still waits has been seen: the metric is as old as it may be, and the last poll was just before."""


@dataclass(frozen=True, slots=True)
class Activity:
    """`last_active`: when a poll last found something waiting; None where none has, as when the object is made."""

    last_active: Instant | None = None


def polled(activity: Activity, replicas: int, waiting: int, now: Instant, cooldown_ms: Instant) -> tuple[Activity, int]:
    """One poll of a ScaledObject with minReplicaCount 0 and activationThreshold 0: what it remembers, the replicas.

    All agents go at once, however many there are, once nothing has waited for longer than the cooldown.
    """
    if waiting > 0:
        return Activity(now), max(1, replicas)
    last = activity.last_active
    return activity, 0 if last is None or last + cooldown_ms < now else replicas


def cooldown_s(down_over: Fraction) -> int:
    """`cooldownPeriod` of who may go after so many seconds, and the window of the autoscaler: whole, and no shorter."""
    return math.ceil(down_over)


def first_ready_s(startup_s: Fraction) -> Fraction:
    """Seconds after which an agent is surely ready for an item that still waits, whenever it came."""
    return SEEN_AFTER_S + startup_s


def grown_from_zero_s(count: int, behavior: Behavior, startup_s: Fraction) -> Fraction | None:
    """Seconds after which so many agents are surely ready that are asked for by what waits all the time; None: never.

    What the autoscaler added before everybody went may still be within its period, and then it adds nobody: it is
    taken to begin one period after KEDA's first agent. A per cent of one agent is rounded up, so that it does begin.
    """
    found: Growth | None = growth(lambda _: count, Fraction(0), 1, behavior, startup=startup_s)
    if found is None:
        return None
    return SEEN_AFTER_S + behavior.up.longest_period_s + found.rungs[-1][0]
