"""A pool -> how much of it is in use at rest, at the worst level of demand.

Invariant: 1 and more where its requests wait without end.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Pool
from .analysis import ENDS, Analysis, Level
from .occupancy import busiest


def used_at_rest(analysis: Analysis, pool: Pool) -> Fraction | str:
    """The largest share of its slots, at any level from steady to peak; or why it is not known."""
    state, start = (analysis.occupancy(level).of(pool) for level in (Level.PEAK, Level.STEADY))
    if isinstance(state, str) or isinstance(start, str):
        return state if isinstance(state, str) else str(start)
    if state.unrest or state.wait.endless:
        return state.unrest or Fraction(1)
    low, high = (analysis.flow(level).get(pool.name, 0.0) for level in ENDS)
    rates = {state.agents: high}
    if state.agents > start.agents:
        for count in {start.agents, state.agents - 1}:
            rates[count] = busiest(pool, low, high, state.held, count)
    slots = pool.each.concurrency.value
    return max(Fraction(rate * state.held.mean) / (count * slots) for count, rate in rates.items())
