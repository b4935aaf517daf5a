"""A pool and what its agents lose to one another -> how much longer each works on a request, by how many there are.

Invariant: `service mean` is the time of an agent alone; nobody takes longer than with as many others as there may be.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Pool
from ...semantics.economics import slowdown

_NOTHING = (Fraction(0), Fraction(0))


def lost_to_others(pool: Pool) -> tuple[Fraction, Fraction]:
    """Shares of its work that an agent loses for each other one, and for each other pair."""
    overhead = pool.overhead
    return _NOTHING if overhead is None else (overhead.contention.value, overhead.coherency.value)


def slowed(pool: Pool) -> bool:
    return pool.overhead is not None and any(lost_to_others(pool))


def times_longer(pool: Pool, agents: int) -> float:
    return float(slowdown(max(1, agents), *lost_to_others(pool))) if slowed(pool) else 1.0


def saved(pool: Pool, agents: int) -> float:
    """Seconds that a request takes less among so many agents than among as many as there may be."""
    own = pool.each.service_mean_seconds
    if own is None or not slowed(pool):
        return 0.0
    return float(own.value) * (times_longer(pool, pool.agents_most.value) - times_longer(pool, agents))
