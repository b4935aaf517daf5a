"""Scaling rules and recent scale events -> how far one sync of the autoscaler may go.

Invariant: a limit never reverses the direction: the up limit is at least, the down limit at most the current count
(`limit_up`, `limit_down`).

Source: Kubernetes `pkg/controller/podautoscaler/horizontal.go` (calculateScaleUpLimitWithScalingRules,
calculateScaleDownLimitWithBehaviors, storeScaleEvent), `pkg/apis/autoscaling/v2/defaults.go`, and
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
Times are milliseconds; periods and windows whole seconds, as in the API.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from .controller import Instant

_BEYOND = 2**31 - 1  # int32, the type of a replica count


class Select(Enum):
    """Which of several policies counts: the one that moves furthest, least, or no move at all."""

    MAX = "Max"
    MIN = "Min"
    DISABLED = "Disabled"


class PolicyType(Enum):
    PODS = "Pods"
    PERCENT = "Percent"


@dataclass(frozen=True, slots=True)
class Policy:
    """At most `value` pods or per cent of the pods within `period_s` (1..1800 seconds)."""

    type: PolicyType
    value: int
    period_s: int


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """One direction of `spec.behavior`.

    `window_s` None: the API's default, 0 for scaling up and the controller's flag (300 s) for scaling down.
    `tolerance` None: the controller's flag (0.1).
    """

    policies: tuple[Policy, ...]
    select: Select = Select.MAX
    window_s: int | None = None
    tolerance: Fraction | None = None

    @property
    def longest_period_s(self) -> int:
        return max((policy.period_s for policy in self.policies), default=0)


DEFAULT_UP = ScalingRules((Policy(PolicyType.PODS, 4, 15), Policy(PolicyType.PERCENT, 100, 15)), window_s=0)
DEFAULT_DOWN = ScalingRules((Policy(PolicyType.PERCENT, 100, 15),))


@dataclass(frozen=True, slots=True)
class Behavior:
    """`spec.behavior`; `Behavior()` is `behavior: {}`, which is not the same as no behavior at all."""

    up: ScalingRules = DEFAULT_UP
    down: ScalingRules = DEFAULT_DOWN


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """The autoscaler changed the scale by `change` > 0 pods at `at`. An outdated one is overwritten by the next."""

    at: Instant
    change: int
    outdated: bool = False


def percent_up(replicas: int, percent: int) -> int:
    """Most replicas after adding `percent`: a ceiling, in doubles as the controller has it (100 and 10 % give 111)."""
    return math.ceil(float(replicas) * (1 + float(percent) / 100))


def percent_down(replicas: int, percent: int) -> int:
    """Fewest replicas after removing `percent`: what remains is truncated, so at least one pod goes."""
    return int(float(replicas) * (1 - float(percent) / 100))


def limit_up(
    current: int, added: Iterable[ScaleEvent], deleted: Iterable[ScaleEvent], rules: ScalingRules, now: Instant
) -> int:
    """Most replicas that the up rules allow at `now`; never below `current`."""
    if rules.select is Select.DISABLED:
        return current
    pick: Callable[[int, int], int] = min if rules.select is Select.MIN else max
    limit = _BEYOND if rules.select is Select.MIN else -_BEYOND
    added, deleted = tuple(added), tuple(deleted)
    for policy in rules.policies:
        base = _at_period_start(current, added, deleted, policy, now)
        bound = base + policy.value if policy.type is PolicyType.PODS else percent_up(base, policy.value)
        limit = pick(limit, bound)
    return max(limit, current)


def limit_down(
    current: int, added: Iterable[ScaleEvent], deleted: Iterable[ScaleEvent], rules: ScalingRules, now: Instant
) -> int:
    """Fewest replicas that the down rules allow at `now`; never above `current`."""
    if rules.select is Select.DISABLED:
        return current
    pick: Callable[[int, int], int] = max if rules.select is Select.MIN else min
    limit = -_BEYOND if rules.select is Select.MIN else _BEYOND
    added, deleted = tuple(added), tuple(deleted)
    for policy in rules.policies:
        base = _at_period_start(current, added, deleted, policy, now)
        bound = base - policy.value if policy.type is PolicyType.PODS else percent_down(base, policy.value)
        limit = pick(limit, bound)
    return min(limit, current)


def _at_period_start(
    current: int, added: tuple[ScaleEvent, ...], deleted: tuple[ScaleEvent, ...], policy: Policy, now: Instant
) -> int:
    """The count when the policy's period began, as far as the autoscaler's own changes tell."""
    cutoff = now - policy.period_s * 1000
    inside = sum(event.change for event in added if event.at > cutoff)
    return current - inside + sum(event.change for event in deleted if event.at > cutoff)


def store_event(
    events: tuple[ScaleEvent, ...], change: int, rules: ScalingRules, at: Instant
) -> tuple[ScaleEvent, ...]:
    """The events of one direction with a new one; it takes the place of an outdated one, as the controller does."""
    cutoff = at - rules.longest_period_s * 1000
    marked = [replace(one, outdated=True) if one.at < cutoff and not one.outdated else one for one in events]
    old = [index for index, event in enumerate(marked) if event.outdated]
    if old:
        marked[old[-1]] = ScaleEvent(at, change)
    else:
        marked.append(ScaleEvent(at, change))
    return tuple(marked)
