"""A pool and what its agents lose to one another -> how much longer each works on a request, by how many there are.

Invariant: `service mean` is the time of an agent alone; nobody takes longer than with as many others as there may be.
"""

from __future__ import annotations

from ...model import Pool
from ...semantics.economics import slowdown


def slowed(pool: Pool) -> bool:
    overhead = pool.overhead
    return overhead is not None and bool(overhead.contention.value or overhead.coherency.value)


def times_longer(pool: Pool, agents: int) -> float:
    overhead = pool.overhead
    if overhead is None or not slowed(pool):
        return 1.0
    return float(slowdown(max(1, agents), overhead.contention.value, overhead.coherency.value))


def saved(pool: Pool, agents: int) -> float:
    """Seconds that a request takes less among so many agents than among as many as there may be."""
    own = pool.each.service_mean_seconds
    if own is None or not slowed(pool):
        return 0.0
    return float(own.value) * (times_longer(pool, pool.agents_most.value) - times_longer(pool, agents))
