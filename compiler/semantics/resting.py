"""A pool under its autoscaler and a demand that does not change -> whether it comes to rest, or goes to and fro.

Invariant: what is found was run by the exact rules, from the agents that the demand leaves alone.

Where a target leaves slots free beyond the controller's tolerance, a constant demand wants one count: from above it is
reached and kept, since nobody waits there; from below the queue that was left is worked off first. A reading that is a
sync old is the mean of the count before: it asks for too few after each step down. By the rate or by busy slots such a
count is put right once, for what comes does not grow. Who waits counts in flight: a count that is too small asks for
too many, and all begins again. There a step down must find a proposal in its window that is from three syncs after a
change (`least_window_s`). Source: the HPA's formula, tolerance and stabilization window (`semantics.hpa`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from .pool_loop import PoolLoop
from .pool_loop_fast import SYNC_S, lowered, resting_agents, tried
from .scaling import MAX_WINDOW_S

LEAST_WINDOW_S = 2 * SYNC_S
"""A scale-down window that outlasts a reading of the sync before; in flight more may be needed."""

_SHOWN_AFTER = 3
"""Syncs from a step to the first reading that is of the count after it alone."""

LOOKED_AT = 24
"""Levels of demand that are tried for one question."""
_NEAR_FULL = (900, 970, 1000, 1030)
"""Thousandths of what some agents answer: there a target is met or missed by little."""
_SYNCS, _TURNS = 960, 4
_LAST = _SYNCS // 2
"""Only in so many syncs turns count: the third and fourth hour."""


@dataclass(frozen=True, slots=True)
class Restless:
    """At `rate_milli`, which does not change, the pool turns `turns` times between these counts in the last `seconds`,
    the third and fourth hour; at most so many millionths of a request wait."""

    rate_milli: int
    fewest: int
    most: int
    turns: int
    seconds: int
    queued: int


@lru_cache(maxsize=4096)
def least_window_s(signal: str, minimum: int, maximum: int, percent: int, period_s: int) -> int:
    """The scale-down window with which a target that leaves slots free brings a pool to rest.

    In flight: policies that step down less often than a step shows leave each a right reading of its own; else what was
    proposed before the first step must count until the last.
    """
    if signal != "in flight":
        return LEAST_WINDOW_S
    syncs = -(-period_s // SYNC_S)
    if syncs >= _SHOWN_AFTER:
        return _SHOWN_AFTER * SYNC_S
    count, steps = maximum, 0
    while count > minimum and steps * syncs * SYNC_S <= MAX_WINDOW_S:
        count, steps = lowered(count, percent), steps + 1
    return (steps * syncs + _SHOWN_AFTER) * SYNC_S


def restless_from_nobody(loop: PoolLoop, cooldown_ms: int, rate: int) -> Restless | None:
    """The same of a pool that may be empty, at one level."""
    from .pool_loop_empty import course_of_empty

    last = course_of_empty(loop, cooldown_ms, ((rate, rate),) * _SYNCS, 0)[-_LAST:]
    counts = tuple(one.replicas for one in last)
    turns = _turns(counts)
    if turns < _TURNS:
        return None
    return Restless(rate, min(counts), max(counts), turns, len(last) * SYNC_S, max(one.queued for one in last))


def restless(loop: PoolLoop, low: int, high: int) -> Restless | None:
    """The first of the levels from `low` to `high` at which the pool still turns again and again; rates in
    thousandths."""
    for rate in _levels(loop, low, high):
        found = tried(loop, ((rate, rate),) * _SYNCS, resting_agents(loop, rate))
        last = found.replicas[-_LAST:]
        turns = _turns(last)
        if turns >= _TURNS:
            return Restless(rate, min(last), max(last), turns, len(last) * SYNC_S, max(found.queued[-_LAST:]))
    return None


def _levels(loop: PoolLoop, low: int, high: int) -> Iterator[int]:
    """Both ends, and in between those at which a count is as good as full."""
    yield from dict.fromkeys((high, low))
    counts = range(max(loop.minimum, low // loop.answers_milli), min(loop.maximum, high // loop.answers_milli) + 1)
    stride = max(1, len(counts) * len(_NEAR_FULL) // LOOKED_AT)
    for count in counts[::stride]:
        for share in _NEAR_FULL:
            rate = count * loop.answers_milli * share // 1000
            if low < rate < high:
                yield rate


def _turns(counts: tuple[int, ...]) -> int:
    """How often a rise follows a fall, or a fall a rise."""
    ways = [after > before for before, after in pairwise(counts) if after != before]
    return sum(one is not other for one, other in pairwise(ways))
