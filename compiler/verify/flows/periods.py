"""A demand and a period -> the requests that come in it at the most, and those that had piled up before.

Invariant: upper bounds. A period begins and ends when it likes; the rise into a peak comes on top of the peak.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Call, CallerKind, Demand, Pool
from ...semantics.spend import HOUR_S, Peak, worst_spend
from ..exact.expression import value
from . import leaves
from .analysis import Analysis, Level
from .occupancy import UP
from .released import laid, piles_up
from .rises import climb_of
from .tried import tried_in
from .uneven import sharing
from .waves import wave_of


def most_coming(demand: Demand, seconds: Fraction | int) -> Fraction:
    """Requests in so many seconds."""
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    above = Peak(lasts.value + demand.climb_seconds if lasts else None, every.value if every else None)
    steady, peak = demand.steady_per_second.value * HOUR_S, demand.peak_per_second.value * HOUR_S
    return worst_spend(seconds, steady, peak, above)


def most_passing(analysis: Analysis, call: Call, seconds: Fraction | int) -> Fraction | None:
    """Requests of a call in so many seconds, every one retried to the last: no more than come, and had piled up before.
    None where that may be before a pool that no queue feeds, or has no bound."""
    found = Fraction(0)
    if call.caller_kind is CallerKind.DEMAND:
        demand = analysis.demand(call.caller)
        return tried_in(analysis, demand, most_coming(demand, seconds), seconds)[call.name]
    if unqueued(analysis, call):
        return None
    for demand in analysis.demands_of(call.caller):
        before = piled_up_before(analysis, demand)
        if isinstance(before, str):
            return None
        found += tried_in(analysis, demand, most_coming(demand, seconds) + before, seconds)[call.name]
    return found


def unqueued(analysis: Analysis, call: Call) -> str:
    """A pool on the way of a call before which requests may pile up that no queue keeps, where how many is not known;
    "" where there is none."""
    fed = {queue.pool.value for queue in analysis.fleet.queues}
    for each in analysis.above(call.caller):
        if not analysis.is_pool(each) or not piles_up(analysis, pool := analysis.pool(each)):
            continue
        if any(one.caller_kind is not CallerKind.DEMAND for one in analysis.into(each)):
            return each
        if each not in fed and _piled_up_at_a_peak(analysis, pool) is None:
            return each
    return ""


def piled_up_before(analysis: Analysis, demand: Demand) -> Fraction | str:
    """Requests that came before a period and may be worked off in it: what queues hold that may pile up, or waits for
    agents that come late, and the agents have in hand; or why there is no bound."""
    most = Fraction(0)
    for pool in (analysis.pool(call.callee) for call in analysis.out(demand.name)):
        queues = [queue for queue in analysis.fleet.queues if queue.pool.value == pool.name]
        if not piles_up(analysis, pool):
            continue
        most += pool.agents_most.value * pool.each.concurrency.value
        held = [value(holds) for one in queues if (holds := leaves.held_at_most(one)) is not None]
        at_a_peak = _piled_up_at_a_peak(analysis, pool)
        if queues and len(held) == len(queues):
            most += sum(held, Fraction(0)) if at_a_peak is None else min(at_a_peak, sum(held, Fraction(0)))
        elif at_a_peak is not None:
            most += sum(held, at_a_peak)
        elif not queues:
            return f"how much piles up before {pool.name} is not known"
        else:
            unbounded = next(one.name for one in queues if one.bound is None)
            return f"nothing bounds what piles up in {unbounded} before; write `holds at most …` in it"
    return most


def _piled_up_at_a_peak(analysis: Analysis, pool: Pool) -> Fraction | None:
    """The most that waits while the autoscaler follows the demand, or until a peak is over that agents work off before
    the next; None where nothing else bounds it."""
    if laid(analysis, pool):
        return None
    wave, held = wave_of(analysis, pool), analysis.occupancy(Level.PEAK).held(pool)
    if wave is not None and not isinstance(held, str):
        fewest = sharing(analysis, pool.name, pool.agents_min.value)
        above, slots = wave.lasts.value + wave.climb, fewest * pool.each.concurrency.value
        holding = Fraction(held.mean) * UP if held.mean < float("inf") else None
        if holding and wave.mean(above) * holding < slots:
            return wave.waiting(above, slots / holding)
    state = analysis.occupancy(Level.PEAK).of(pool)
    if pool.scaling is None or isinstance(state, str) or state.unrest or state.wait.endless:
        return None
    climb = climb_of(analysis, pool, pool.scaling)
    return None if isinstance(climb, str) else climb.waiting
