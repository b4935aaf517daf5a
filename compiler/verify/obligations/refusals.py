"""A demand in a trial -> why rates, quotas, limits, agents that push back or full queues may refuse some of it.

Invariant: told of everything on its way that is not proved to let it through; each has a guarantee of its own, or is
unknown here alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Demand, Trial
from ..faults.admitted import refuses_in
from ..faults.pushed import refused_for_room, turned_away_in
from ..faults.rising import MORE_TIME, rising_in
from ..flows.analysis import Analysis
from .limits import overflows_in
from .quotas import refused


def refusals(analysis: Analysis, trial: Trial, demand: Demand) -> Iterator[str]:
    yield from refused(analysis, demand)
    yield from refused_for_room(analysis, trial, demand)
    yield from overflows_in(analysis, trial, demand)
    yield from turned_away_in(analysis, trial, demand)
    yield from _as_it_grows(analysis, trial, demand)
    for name in (demand.name, *analysis.reached(demand.name)):
        for call in analysis.out(name):
            if call.policy.admit is not None and (gap := refuses_in(analysis, trial, call)):
                yield gap


def _as_it_grows(analysis: Analysis, trial: Trial, demand: Demand) -> Iterator[str]:
    """Of what waits for agents that are still to come."""
    rising = rising_in(analysis, trial)
    near = rising.near(analysis.reached(demand.name))
    for name in analysis.reached(demand.name) if near else ():
        pool = analysis.pool(name)
        bounded = [one.name for one in analysis.fleet.queues if one.pool.value == name and one.bound is not None]
        those = rising.near([name])
        if not those or (pool.push_back is None and not bounded):
            continue
        what = f"agents of {name} push back" if pool.push_back is not None else f"{bounded[0]} is full"
        yield f"{those[0].told}, and how many are turned away where {what} is not worked out; {MORE_TIME}"
