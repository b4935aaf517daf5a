"""A pool that may be empty, under KEDA and its autoscaler, and a course of demand -> what both see and do.

Turns a piecewise linear arrival rate into replicas, ready agents and items that wait, as `pool_loop` does of pools that
always have somebody. Invariant: every decision is `activation.polled`'s or `hpa.step`'s.

The queue itself says how many items wait, as an external metric. KEDA polls when the autoscaler syncs, and before it.
Limits: as of `pool_loop`; an item is done as soon as a fluid of such items would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .activation import Activity, polled
from .controller import SYNC_PERIOD_MS
from .hpa import HpaSpec, HpaState, Seen, step
from .hpa_metrics import ExternalAverageValue, ExternalReading
from .pool_loop import Line, Moment, PoolLoop, queue_after


def course_of_empty(loop: PoolLoop, cooldown_ms: int, lines: Sequence[Line], start: int) -> tuple[Moment, ...]:
    """The syncs at 0, 15 s, … with one of `lines` after each. `start` agents are ready at first, 0 or more; the object
    is just made, so that an empty queue empties the pool at once. `loop.minimum` is the autoscaler's own, 1."""
    spec = HpaSpec(1, loop.maximum, (ExternalAverageValue(loop.signal, loop.target_milli),), loop.spec.behavior)
    state, activity = HpaState(), Activity()
    whole, rest = loop.startup_syncs, loop.startup_rest_ms
    asked = [start] * (whole + 2)
    queued = stale = came = 0
    seen_to_come: list[int] = []
    served = [0]
    moments: list[Moment] = []
    for index, (rate, after) in enumerate(lines):
        now, before = index * SYNC_PERIOD_MS, asked[-1]
        waiting = stale if loop.age else queued
        activity, replicas = polled(activity, before, waiting, now, cooldown_ms)
        reading = ExternalReading((waiting // 1000,))
        state, decision = step(spec, state, Seen(replicas, replicas, (reading,)), now)
        asked.append(decision.desired)
        first, last = min(asked[-2 - whole :]) if rest else 0, min(asked[-1 - whole :])
        stale = queued
        middle = rate + (after - rate) * rest // SYNC_PERIOD_MS
        for begin, end, agents, passed in ((rate, middle, first, rest), (middle, after, last, SYNC_PERIOD_MS - rest)):
            arrived = (begin + end) * passed // 2
            left = queue_after(queued, begin, end, agents * loop.answers_milli, passed)
            came, queued = came + arrived, left
        seen_to_come.append(came)
        served.append(came - queued)
        moments.append(Moment(now, rate, before, decision.proposed, decision.desired, last, queued, 0))
    waits = _waits(seen_to_come, served)
    return tuple(replace(one, wait_ms=wait) for one, wait in zip(moments, waits, strict=True))


def _waits(came: Sequence[int], served: Sequence[int]) -> list[int]:
    """How long the item waits, in the order of arrival, that comes at the end of each sync. One that is not served by
    the end of the course is as the last agents go on; where there is none, up to the end."""
    found, index, long = [], 0, len(came) * SYNC_PERIOD_MS
    for at, total in enumerate(came):
        while index < len(served) - 2 and served[index + 1] < total:
            index += 1
        gone = served[index + 1] - served[index]
        until = index * SYNC_PERIOD_MS + ((total - served[index]) * SYNC_PERIOD_MS // gone if gone else 0)
        if total > served[-1] and not gone:
            until = long
        found.append(max(0, until - (at + 1) * SYNC_PERIOD_MS))
    return found
