"""`pool_loop.course` for searching: the same courses some hundred times as fast, summed up instead of told.

Invariant: `tried` gives what `summary(course(...))` gives, for every loop, demand and start; the tests compare them
sync by sync on random ones. What makes it fast is what a single Percent policy allows: the count at the beginning of a
policy's period is the count that was asked for a period ago, so no events are kept, and the windows are slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from . import controller
from .controller import SYNC_PERIOD_MS
from .pool_loop import Line, PoolLoop, between, readings, resting

SYNC_S = SYNC_PERIOD_MS // 1000
TOLERANCE = float(controller.TOLERANCE)
_UPPER, _LOWER = 1.0 + TOLERANCE, 1.0 - TOLERANCE


@dataclass(frozen=True, slots=True)
class Tried:
    """A course in short. `replicas` after each sync; `wait_ms` the longest wait of all."""

    replicas: tuple[int, ...]
    ready: tuple[int, ...]
    queued: tuple[int, ...]
    wait_ms: int


def proposal(total: int, measured: int, replicas: int, target: int) -> int:
    """What a Pods metric asks for: `total` thousandths over `measured` > 0 of `replicas` agents, the rest missing.

    `hpa_metrics.propose` for this case.
    """
    ratio = (total // measured) / target
    if measured == replicas:
        return replicas if _LOWER <= ratio <= _UPPER else ceil(ratio * replicas)
    if ratio < 1.0:
        total += (replicas - measured) * target
    again = (total // replicas) / target
    if _LOWER <= again <= _UPPER or ratio < 1.0 < again or again < 1.0 < ratio:
        return replicas
    asked = ceil(again * replicas)
    if (again < 1.0 and asked > replicas) or (again > 1.0 and asked < replicas):
        return replicas
    return asked


def resting_agents(loop: PoolLoop, rate_milli: int) -> int:
    """The fewest agents that are left alone at a rate, and answer it, if the bounds let them."""
    enough = -(-rate_milli // loop.answers_milli)
    for count in range(max(loop.minimum, min(loop.maximum, enough)), loop.maximum):
        values = resting(loop, rate_milli, count)
        if proposal(values.old * values.old_milli, count, count, loop.target_milli) <= count:
            return count
    return loop.maximum


def raised(base: int, percent: int) -> int:
    """`hpa_behavior.percent_up`."""
    return ceil(float(base) * (1 + float(percent) / 100))


def lowered(base: int, percent: int) -> int:
    """`hpa_behavior.percent_down`."""
    return int(float(base) * (1 - float(percent) / 100))


def tried(loop: PoolLoop, lines: Sequence[Line], start: int) -> Tried:
    """`summary(course(loop, lines, start))`, for a signal of `pool_loop.SIGNALS`."""
    whole, rest, age = loop.startup_syncs, loop.startup_rest_ms, loop.age
    back = -(-loop.period_s // SYNC_S)
    up_back, down_back = -(-loop.up_window_s // SYNC_S), -(-loop.down_window_s // SYNC_S)
    target, minimum, maximum, percent = loop.target_milli, loop.minimum, loop.maximum, loop.percent
    # Counts asked for, and raw proposals; the controller's first entry is the count that it finds.
    asked = [start] * (max(whole + 2, back))
    proposed = [start]
    at_first = len(asked)
    seen_ready, seen_last, seen_first = max(1, whole + (1 if rest else 0)), whole + 1, whole + 2
    fresh = stale = resting(loop, lines[0][0], start)
    queued = worst = 0
    ready_after: list[int] = []
    queues: list[int] = []
    for index, (rate, after) in enumerate(lines):
        replicas = asked[-1]
        ready = min(asked[-seen_ready:])
        values = stale if age else fresh
        old = values.old if values.old < ready else ready
        new = values.new if values.new < ready - old else ready - old
        raw = proposal(old * values.old_milli + new * values.new_milli, old + new, replicas, target)
        proposed.append(raw)
        # Entries are read that are younger than a window; the one found at first is as old as the first sync.
        desired = replicas if minimum <= replicas <= maximum else (maximum if replicas > maximum else minimum)
        if desired == replicas:
            reach = index + 2
            low = min(proposed[-min(max(up_back, 1) + (up_back > index), reach) :])
            high = max(proposed[-min(max(down_back, 1) + (down_back > index), reach) :])
            desired = replicas if replicas > low else low
            desired = desired if desired < high else high
            base = asked[-back]
            if desired > replicas:
                limit = max(raised(base, percent), replicas)
                desired = min(desired, limit, maximum)
            elif desired < replicas:
                limit = min(lowered(base, percent), replicas)
                desired = max(desired, limit, minimum)
        else:
            proposed.pop()
        asked.append(desired)
        last_ready = min(asked[-seen_last:])
        stale = fresh
        first_ready = min(asked[-seen_first:]) if rest else last_ready
        parts, queued, wait = between(loop, rate, after, queued, first_ready, last_ready)
        fresh = readings(loop, parts)
        if wait > worst:
            worst = wait
        ready_after.append(last_ready)
        queues.append(queued)
    return Tried(tuple(asked[at_first:]), tuple(ready_after), tuple(queues), worst)
