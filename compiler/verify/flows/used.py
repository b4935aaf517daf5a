"""A pool or dependency -> how much of it is in use at rest, at the worst level of demand.

Invariant: 1 and more where its requests wait without end.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Pool
from .analysis import ENDS, Analysis, Level
from .occupancy import busiest
from .released import emptied, most_in_all
from .uneven import sharing


def used_at_rest(analysis: Analysis, pool: Pool) -> float | str:
    """The largest share of its slots, or of those of one agent that may be sent all, at any level from steady to peak;
    or why it is not known."""
    state, start = (analysis.occupancy(level).of(pool) for level in (Level.PEAK, Level.STEADY))
    if isinstance(state, str) or isinstance(start, str):
        return state if isinstance(state, str) else str(start)
    if state.unrest or state.wait.endless:
        return state.unrest or 1.0
    low, high = (analysis.flow(level).get(pool.name, 0.0) for level in ENDS)
    rates = {state.agents: high}
    if state.agents > start.agents:
        for count in {start.agents, state.agents - 1}:
            rates[count] = busiest(pool, low, high, state.held, count)
    slots = pool.each.concurrency.value
    return max(rate * state.held.mean / (sharing(analysis, pool.name, count) * slots) for count, rate in rates.items())


def most_used(analysis: Analysis, name: str) -> Fraction | str:
    """The largest share of what a pool or dependency can do that is asked of it at rest, at any level from steady to
    peak; 1 and more where that is too much."""
    if not analysis.is_pool(name):
        return _most_asked(analysis, name)
    used = used_at_rest(analysis, analysis.pool(name))
    return used if isinstance(used, str) else Fraction(used)


def _most_asked(analysis: Analysis, name: str) -> Fraction | str:
    limit = analysis.dependency(name).requests_per_second
    if limit is None:
        return Fraction(0)
    if emptied(analysis, name):
        most = most_in_all(analysis, name)
        return most if isinstance(most, str) else most / limit.value
    return Fraction(analysis.flow(Level.PEAK).get(name, 0.0)) / limit.value
