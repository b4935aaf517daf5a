"""An autoscaling clause -> the size it settles at and the behavior it is compiled to.

Invariant: the sizes are the least at which the signal is at its target; how fast they are reached is `growth`'s.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ and
Little's law (Operations Research 9(3), 1961) for requests in flight. Shares, rates and times are exact; times in
seconds, except where a name ends in `_ms`.
"""

from __future__ import annotations

import math
from fractions import Fraction

from .hpa_behavior import Behavior, Policy, PolicyType, ScalingRules

MAX_WINDOW_S = 3600
"""Longest `stabilizationWindowSeconds` that the API accepts; the manifests cut what is longer."""
MAX_PERIOD_S = 1800
"""Longest `periodSeconds` of a policy, likewise; the shortest is 1."""


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


def behavior_of(down_over_s: int, percent: int, period_s: int) -> Behavior:
    """The HPA behavior for "up within U; down over D; at most P % per S".

    The chosen meaning: *at most P % per S* is a Percent policy in both directions, and the only one; *down over D* is
    the scale-down stabilisation window (a shrink needs lower recommendations for that long); scaling up has window 0.
    *Up within U* configures nothing: it is an obligation, `growth.Growth.lag` <= U. Seconds must suit the API:
    down_over_s 0..3600, period_s 1..1800, percent >= 1.
    """
    policy = (Policy(PolicyType.PERCENT, percent, period_s),)
    return Behavior(ScalingRules(policy, window_s=0), ScalingRules(policy, window_s=down_over_s))
