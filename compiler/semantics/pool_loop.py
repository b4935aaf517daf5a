"""A pool under its autoscaler and a course of demand -> what the autoscaler sees and does at each sync.

Turns a piecewise linear arrival rate into replicas, ready agents and requests that wait. Invariant: every decision is
`hpa.step`'s; here is only what lies between two syncs, in whole numbers, so that two runs never differ.

The pool is a fluid: requests come at the rate, an agent answers `answers_milli` of them a second, what is more waits in
one queue. An agent is ready `startup_ms` after the sync that asked for it; one that is not ready goes first, then the
youngest (as a ReplicaSet has it), so the agents that are ready at a time are the fewest asked for in the start-up time
before it. An agent without a reading (it starts, or has just started) is a missing metric of a Pods metric. Limits: no
chance in arrivals and service times, so real requests wait longer; no faults; nodes and images are there.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ and, for the queue, the fluid
approximation (Newell, Applications of Queueing Theory, 1982, ch. 2). Rates are thousandths of a request per second,
times milliseconds, and so requests millionths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .controller import SYNC_PERIOD_MS
from .hpa_behavior import Behavior, Policy, PolicyType, ScalingRules

if TYPE_CHECKING:
    # Whoever only asks for bounds runs no course: the controller is loaded where one begins.
    from .hpa import HpaSpec, Seen

SIGNALS = ("rate", "busy", "in flight", "queue")
"""Those of which the fluid gives a reading; what a request costs in cpu is not stated by any spec."""


@dataclass(frozen=True, slots=True)
class PoolLoop:
    """What of a pool and its autoscaler decides a course.

    `target_milli`: thousandths of what the signal counts, per agent (busy: of a share of its slots).
    `percent` per `period_s` is the policy in both directions; windows in seconds. `age`: whole syncs that a reading is
    old when it is read, 0 or 1. 1 <= minimum <= maximum; `answers_milli` > 0.
    """

    signal: str
    target_milli: int
    minimum: int
    maximum: int
    percent: int
    period_s: int
    down_window_s: int
    concurrency: int
    answers_milli: int
    startup_ms: int
    age: int = 0
    up_window_s: int = 0
    apart: bool = False
    """Whether what came to an agent waits there: bounds are of such agents then, a course is of one queue for all."""

    @property
    def spec(self) -> HpaSpec:
        """The autoscaler of the manifests: one Pods metric, one Percent policy, both directions written."""
        from .hpa import HpaSpec
        from .hpa_metrics import PodsAverageValue

        policy = (Policy(PolicyType.PERCENT, self.percent, self.period_s),)
        behavior = Behavior(
            ScalingRules(policy, window_s=self.up_window_s), ScalingRules(policy, window_s=self.down_window_s)
        )
        return HpaSpec(self.minimum, self.maximum, (PodsAverageValue(self.signal, self.target_milli),), behavior)

    @property
    def answered_at_least(self) -> int:
        """What the fewest agents answer, thousandths of a request per second."""
        return self.minimum * self.answers_milli

    @property
    def startup_syncs(self) -> int:
        """Whole syncs in the start-up; what is left of it is `startup_rest_ms`."""
        return self.startup_ms // SYNC_PERIOD_MS

    @property
    def startup_rest_ms(self) -> int:
        return self.startup_ms % SYNC_PERIOD_MS


class Values(NamedTuple):
    """What the agents show at a sync: `old` of them `old_milli` each, `new` ones, ready since the last, `new_milli`."""

    old: int
    old_milli: int
    new: int
    new_milli: int


Part = tuple[int, int, int, int, int]
"""(milliseconds, ready agents, millionths that came, waited before, waited after)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One sync and the time up to the next. `rate_milli` arrives at the sync, `ready` are the agents at its end.

    `queued` wait at the end, in millionths of a request; `wait_ms` is the longest wait meanwhile, of who comes last in
    the queue. `proposed` is the raw proposal; None where there was nothing to read.
    """

    at_ms: int
    rate_milli: int
    before: int
    proposed: int | None
    replicas: int
    ready: int
    queued: int
    wait_ms: int


def queue_after(queued: int, before_milli: int, after_milli: int, capacity_milli: int, passed_ms: int) -> int:
    """What waits after a time in which the rate goes in a line from one value to another at a constant capacity."""
    a, b = before_milli - capacity_milli, after_milli - capacity_milli
    end = queued + (a + b) * passed_ms // 2
    if a < 0 < b:
        # What came after the rate passed the capacity waits in any case.
        return max(end, b * b * passed_ms // (2 * (b - a)))
    return max(end, 0)


def readings(loop: PoolLoop, parts: Sequence[Part]) -> Values:
    """The agents' means over the time between two syncs, from its one or two parts."""
    first, last = parts[0], parts[-1]
    shown, passed = _of(loop, last), last[0]
    if len(parts) == 1:
        return Values(first[1], shown // passed, 0, shown // passed)
    old = (_of(loop, first) + shown) // (first[0] + passed)
    return Values(first[1], old, max(0, last[1] - first[1]), shown // passed)


def _of(loop: PoolLoop, part: Part) -> int:
    """One agent's signal times the milliseconds of a part, in thousandths."""
    passed, ready, came, before, after = part
    signal = loop.signal
    if signal == "rate":
        return came // ready
    if signal == "busy":
        return (before + came - after) * 1000 // (ready * loop.answers_milli)
    waiting = (before + after) * passed // (2000 * ready)
    if signal == "queue":
        return waiting
    return (before + came - after) * 1000 // (ready * loop.answers_milli) * loop.concurrency + waiting


Line = tuple[int, int]
"""The rate, in thousandths, just after a sync and just before the next; it goes there in a line."""


def course(loop: PoolLoop, lines: Sequence[Line], start: int) -> tuple[Moment, ...]:
    """The syncs at 0, 15 s, … with one of `lines` after each.

    `start` agents are ready at first and have long had the first rate: they have read it. A controller that has just
    been started knows no more, so the first scale-down waits for a whole window. ValueError where the signal is none
    of `SIGNALS`.
    """
    from .hpa import HpaState, step

    if loop.signal not in SIGNALS:
        raise ValueError(f"no reading of {loop.signal}")
    spec, state = loop.spec, HpaState()
    whole, rest = loop.startup_syncs, loop.startup_rest_ms
    asked = [start] * (whole + 2)
    fresh = resting(loop, lines[0][0], start)
    stale = fresh
    queued = 0
    moments: list[Moment] = []
    for index, (rate, after) in enumerate(lines):
        now = index * SYNC_PERIOD_MS
        replicas = asked[-1]
        ready = min(asked[-max(1, whole + (1 if rest else 0)) :])
        seen = _seen(fresh if loop.age == 0 else stale, replicas, ready, now)
        state, decision = step(spec, state, seen, now)
        asked.append(decision.desired)
        first_ready, last_ready = min(asked[-2 - whole :]) if rest else 0, min(asked[-1 - whole :])
        stale = fresh
        parts, queued, wait = between(loop, rate, after, queued, first_ready, last_ready)
        fresh = readings(loop, parts)
        moments.append(Moment(now, rate, replicas, decision.proposed, decision.desired, last_ready, queued, wait))
    return tuple(moments)


def resting(loop: PoolLoop, rate_milli: int, agents: int) -> Values:
    """What `agents` show that have long had this rate, without a queue."""
    came = min(rate_milli, agents * loop.answers_milli) * SYNC_PERIOD_MS
    return readings(loop, ((SYNC_PERIOD_MS, agents, came, 0, 0),))


def between(
    loop: PoolLoop, rate: int, after: int, queued: int, first_ready: int, last_ready: int
) -> tuple[Sequence[Part], int, int]:
    """The parts of the time between two syncs, what waits at its end, and the longest wait in milliseconds.

    Without a part of a sync in the start-up there is one part.
    """
    answers, rest = loop.answers_milli, loop.startup_ms % SYNC_PERIOD_MS
    capacity = last_ready * answers
    if not rest:
        left = queue_after(queued, rate, after, capacity, SYNC_PERIOD_MS)
        came = (rate + after) * SYNC_PERIOD_MS // 2
        return ((SYNC_PERIOD_MS, last_ready, came, queued, left),), left, left // capacity
    middle = rate + (after - rate) * rest // SYNC_PERIOD_MS
    first_capacity, remains = first_ready * answers, SYNC_PERIOD_MS - rest
    meanwhile = queue_after(queued, rate, middle, first_capacity, rest)
    left = queue_after(meanwhile, middle, after, capacity, remains)
    parts = (
        (rest, first_ready, (rate + middle) * rest // 2, queued, meanwhile),
        (remains, last_ready, (middle + after) * remains // 2, meanwhile, left),
    )
    return parts, left, max(meanwhile // first_capacity, left // capacity)


def _seen(values: Values, replicas: int, ready: int, now: int) -> Seen:
    """The pods by age: those with a reading, as far as they are still there, then those without one."""
    from .hpa import Seen
    from .hpa_metrics import Phase, Pod, PodsReading

    old = min(values.old, ready)
    new = min(values.new, ready - old)
    # Of one kind all are the same pod: of thousands of agents, at each sync, none is made anew.
    names = _names(max(replicas, old + new))
    shown = dict.fromkeys(names[:old], values.old_milli) | dict.fromkeys(names[old : old + new], values.new_milli)
    pods = dict.fromkeys(names[: min(ready, replicas)], Pod(phase=Phase.RUNNING, ready=True))
    pods |= dict.fromkeys(names[ready:replicas], Pod(phase=Phase.RUNNING, ready=False))
    return Seen(replicas, replicas, (PodsReading(shown, sampled=now),), pods)


@lru_cache(maxsize=8)
def _names(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))
