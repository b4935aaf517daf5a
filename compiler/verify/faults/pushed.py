"""Agents that push back, in a trial -> why some requests of a demand may be refused.

Invariant: nothing is told where no more than one request in a million finds so many waiting at its agent, each agent
getting its part of the requests as they come: who looks at agents sends fewer to those where many wait. Source: the
queue of M/M/c (`semantics.queueing`). Limit: what piles up at callers while a fault holds up their calls is not
counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...model import Demand, Fault, HangFault, KillFault, Pool, Trial
from ...semantics.queueing import Queue
from ..flows.analysis import Analysis, Level

_FEW = 1e-6


def pushed_back(analysis: Analysis, trial: Trial, demand: Demand) -> Iterator[str]:
    for name in analysis.reached(demand.name):
        pool = analysis.pool(name)
        if pool.push_back is None:
            continue
        state = analysis.occupancy(Level.BETWEEN).of(pool)
        if isinstance(state, str):
            yield state
            continue
        left = state.agents - sum(_gone(pool, fault) for fault in trial.faults)
        if left > 0 and math.isfinite(state.held.mean):
            mean = state.held.mean
            alone = Queue(
                pool.each.concurrency.value, float(state.rate) / left, mean, 1.0, state.held.variance / mean**2
            )
            if alone.finds(pool.push_back.value) <= _FEW:
                continue
        after = f" of {left} that are left in trial {trial.name}" if left < state.agents else ""
        refuses = f"agents of {name} refuse above {pool.push_back.value} pending"
        yield f"{refuses}, and more than one request in a million may find so many at one{after}"


def _gone(pool: Pool, fault: Fault) -> int:
    if not isinstance(fault, KillFault | HangFault) or fault.pool.value != pool.name:
        return 0
    if fault.count is not None:
        return fault.count.value
    return math.ceil(fault.share.value * pool.agents_most.value) if fault.share is not None else 0
