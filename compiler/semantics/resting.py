"""A pool under its autoscaler and a demand that does not change -> whether it comes to rest, or goes to and fro.

Invariant: what is found was run by the exact rules, from the agents that the demand leaves alone.

Where a target leaves slots free beyond the controller's tolerance, a constant demand wants one count: from above it is
reached and kept, since nobody waits there; from below the queue that was left is worked off first. A reading that is a
sync old shows the count before: a window of two syncs or more has the right one as well, and the larger of them
counts. Source: the HPA's formula, tolerance and stabilization window (`semantics.hpa`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .pool_loop import PoolLoop
from .pool_loop_fast import SYNC_S, resting_agents, tried

LEAST_WINDOW_S = 2 * SYNC_S
"""A scale-down window that outlasts a reading of the sync before."""

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
