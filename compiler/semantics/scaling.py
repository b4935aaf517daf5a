"""An autoscaling clause -> the size it settles at, the behavior it is compiled to, and how fast it gets there.

Invariant: a ramp computed here is what `hpa.step` does under the same rules: both call `limit_up` and `limit_down`.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/,
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment (maxSurge rounds up,
maxUnavailable down) and Little's law (Operations Research 9(3), 1961) for requests in flight. Shares, rates and times
are exact; times in seconds, except where a name ends in `_ms`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from .hpa import SYNC_PERIOD_MS
from .hpa_behavior import Behavior, Policy, PolicyType, ScaleEvent, ScalingRules, limit_down, limit_up, store_event

MAX_WINDOW_S = 3600
"""Longest `stabilizationWindowSeconds` that the API accepts; `periodSeconds` is 1..1800."""
MAX_PERIOD_S = 1800


def divided(count: int, scale: Fraction) -> int:
    """A count of agents at a smaller size of the fleet, 0 < scale <= 1: its share, rounded up.

    A fleet that is tried is then never smaller than its share of the real one, and no pool is empty.
    """
    return math.ceil(count * scale)


def replicas_for_load(total: Fraction, per_agent: Fraction) -> int:
    """Agents at which a total (queued requests, requests in flight, requests per second) is `per_agent` > 0 each.

    It is where an `AverageValue` target settles from outside its tolerance band.
    """
    return math.ceil(total / per_agent)


def in_flight(rate: Fraction, mean_response: Fraction) -> Fraction:
    """Requests in the system on average: Little's law, L = lambda W. A theorem for any stable system."""
    return rate * mean_response


def replicas_for_busy_share(offered: Fraction, concurrency: int, share: Fraction) -> int:
    """Agents at which `offered` busy slots (rate x mean service time) are at most `share` of all slots; share > 0."""
    return math.ceil(offered / (concurrency * share))


def replicas_for_signal(
    signal: str, target: Fraction, rate: Fraction, in_hand: Fraction, concurrency: int
) -> int | None:
    """Agents at which a signal is at its target, from the rate and the mean number of requests in hand.

    "rate" and "in flight": the target is per agent; "busy": a share of its slots. "in flight" is a lower bound where
    requests queue, since `in_hand` counts those that are served. None for "queue", which those two do not give away,
    and for "cpu".
    """
    match signal:
        case "rate":
            return replicas_for_load(rate, target)
        case "in flight":
            return replicas_for_load(in_hand, target)
        case "busy":
            return replicas_for_busy_share(in_hand, concurrency, target)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class UpdateBounds:
    """Most pods there are and fewest that are available during a rolling update; terminating pods come on top."""

    most: int
    available: int


def update_bounds(replicas: int, *, surge_percent: int = 25, unavailable_percent: int = 25) -> UpdateBounds:
    """Bounds during a Deployment's rolling update: maxSurge rounds up, maxUnavailable down.

    When both come to nothing one pod may be unavailable, else the update could not begin (ResolveFenceposts).
    """
    surge = -(-replicas * surge_percent // 100)
    unavailable = replicas * unavailable_percent // 100
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return UpdateBounds(replicas + surge, max(0, replicas - unavailable))


def behavior_of(down_over_s: int, percent: int, period_s: int) -> Behavior:
    """The HPA behavior for "up within U; down over D; at most P % per S".

    The chosen meaning: *at most P % per S* is a Percent policy in both directions, and the only one; *down over D* is
    the scale-down stabilisation window (a shrink needs lower recommendations for that long); scaling up has window 0.
    *Up within U* configures nothing: it is an obligation, `time_to_capacity` <= U. Seconds must suit the API:
    down_over_s 0..3600, period_s 1..1800, percent >= 1.
    """
    policy = (Policy(PolicyType.PERCENT, percent, period_s),)
    return Behavior(ScalingRules(policy, window_s=0), ScalingRules(policy, window_s=down_over_s))


@dataclass(frozen=True, slots=True)
class Rung:
    """From `at_ms` on the autoscaler has asked for `replicas`."""

    at_ms: int
    replicas: int


def ramp(start: int, goal: int, behavior: Behavior, *, sync_ms: int = SYNC_PERIOD_MS) -> tuple[Rung, ...] | None:
    """The scale writes from `start` to `goal` when every sync from time 0 on asks for `goal`; the last is `goal`.

    A sync every `sync_ms`, the first at 0; no earlier scale events. Empty when start = goal; None when the rules never
    get there (a direction that is disabled, or 0 replicas, where the autoscaler is off). Scaling down starts when the
    stabilisation window lets it: the window itself is not part of the ramp.

    Real syncs are a few milliseconds further apart than `sync_ms`, so a policy's period that is a multiple of it has
    run out at the sync that ends it, as on this grid (the cutoff of a period is exclusive).
    """
    up = goal > start
    rules = behavior.up if up else behavior.down
    if start == 0 and goal != 0:
        return None
    rungs: list[Rung] = []
    events: tuple[ScaleEvent, ...] = ()
    current, now = start, 0
    while current != goal:
        if up:
            after = min(goal, limit_up(current, events, (), rules, now))
        else:
            after = max(goal, limit_down(current, (), events, rules, now))
        if after != current:
            events = store_event(events, abs(after - current), rules, now)
            rungs.append(Rung(now, after))
            current = after
            now += sync_ms
            continue
        # Nothing can change before the oldest event leaves a period: go to the first sync at or after that.
        ends = [int(event.at) + policy.period_s * 1000 for event in events for policy in rules.policies]
        later = [end for end in ends if end > now]
        if not later:
            return None
        now = -(-min(later) // sync_ms) * sync_ms
    return tuple(rungs)


def ramp_seconds(start: int, goal: int, behavior: Behavior, *, sync_ms: int = SYNC_PERIOD_MS) -> Fraction | None:
    """Seconds between the first sync that asks for `goal` and the write that reaches it; None as for `ramp`."""
    rungs = ramp(start, goal, behavior, sync_ms=sync_ms)
    if rungs is None:
        return None
    return Fraction(rungs[-1].at_ms, 1000) if rungs else Fraction(0)


def time_to_capacity(
    start: int,
    goal: int,
    behavior: Behavior,
    *,
    startup: Fraction,
    metric_delay: Fraction = Fraction(0),
    sync_ms: int = SYNC_PERIOD_MS,
) -> Fraction | None:
    """Seconds from the rise in load until `goal` agents are ready, at the latest: what "up within U" promises.

    metric_delay (until the metric shows the load) + one sync period (the rise just missed a sync) + ramp + the up
    window (no recommendation older than it may hold back) + `startup` of the last agents. Assumes that the metric asks
    for `goal` at once and that nodes are there. None when the ramp never gets there.
    """
    climb = ramp_seconds(start, goal, behavior, sync_ms=sync_ms)
    if climb is None:
        return None
    window = behavior.up.window_s or 0
    return metric_delay + Fraction(sync_ms, 1000) + climb + window + startup
