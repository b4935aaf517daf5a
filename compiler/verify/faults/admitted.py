"""A call with a rate -> how many requests a second one calling proxy may be asked to send, and whether they pass.

Invariant: `most_in_one` is an upper bound in the mean for every number of calling agents within the bounds, those that
an autoscaler has not added yet and those that a fault struck left out.

What a bucket refuses of arrivals in the mean is of random ones (`semantics.token_bucket`): users' requests are Poisson,
as everywhere, and all the calls that one of them leads to are taken to come at once.
"""

from __future__ import annotations

import math
from fractions import Fraction

from ...model import Admit, Call, CallerKind, HangFault, KillFault, Trial
from ...semantics.token_bucket import ALONE, Bunch, burst_for
from ..exact.expression import value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.released import works_off
from ..flows.uneven import largest_part
from .outages import most_dead, strikes
from .traffic import Traffic

CHANCE = 1e-6
"""Of this share of the requests nothing is promised."""


def most_in_one(analysis: Analysis, call: Call, rate: Fraction, dead: Fraction = Fraction(0)) -> Fraction | str:
    """The most that one proxy is asked to send of `rate` a second in all; or why that is not known.

    All of it where a demand comes in. Of a pool the fewest agents share it, those of the steady level, `dead` of them
    left out; and none sends more than its slots turn over, which is what one does that works off what has piled up.
    Of what faults leave nothing is told by skill.
    """
    if call.caller_kind is CallerKind.DEMAND:
        return rate
    pool = analysis.pool(call.caller)
    bounds = []
    held = analysis.occupancy(Level.PEAK).least_held.get(pool.name)
    if held is not None and value(held) > 0:
        bounds.append(leaves.concurrency(pool).number / value(held) * call.per_request.value)
    state = analysis.occupancy(Level.STEADY).of(pool)
    part: Fraction | str = state if isinstance(state, str) else f"all agents of {pool.name} may be gone at once"
    if not isinstance(state, str) and dead < 1:
        part = largest_part(analysis, pool, state.agents)
        if dead and not isinstance(part, str):
            part = min(Fraction(1), max(part, 1 / (state.agents * (1 - dead))))
    if works_off(analysis, pool):
        part = f"{pool.name} does not state how long a request takes"
    if not isinstance(part, str):
        bounds.append(rate * part)
    elif not bounds:
        return part
    return min(bounds)


def enough_burst(
    analysis: Analysis, call: Call, admit: Admit, rate: Fraction, dead: Fraction = Fraction(0)
) -> int | None:
    """The burst with which all but one request in a million of so many a second pass one proxy of a call, `dead` of its
    callers left out; None where none is enough."""
    return burst_for(float(rate), float(admit.per_second.value), CHANCE, _bunch(analysis, call, dead))


def _bunch(analysis: Analysis, call: Call, dead: Fraction) -> Bunch:
    """What one request of a user sends through the call, and through how many proxies."""
    if call.caller_kind is CallerKind.DEMAND:
        return ALONE
    visits = [_visits(analysis, demand.name, call.caller) for demand in analysis.demands_of(call.caller)]
    pool = analysis.pool(call.caller)
    state = analysis.occupancy(Level.STEADY).of(pool)
    part = state if isinstance(state, str) else largest_part(analysis, pool, state.agents)
    agents = 1 if isinstance(part, str) else max(1, math.floor((1 - dead) / part))
    return Bunch(math.ceil(call.per_request.value), max(visits, default=1), agents)


def _visits(analysis: Analysis, demand: str, pool: str) -> int:
    """The most requests at a pool for one request of a demand."""
    found = {demand: 1}
    for name in (demand, *analysis.reached(demand)):
        for one in analysis.out(name):
            times = 1 if name == demand else math.ceil(one.per_request.value)
            found[one.callee] = found.get(one.callee, 0) + found.get(name, 0) * times
    return max(1, found.get(pool, 1))


def refuses_in(analysis: Analysis, trial: Trial, call: Call) -> str:
    """What a call's rate may refuse in a trial, while callers on the way there retry to the end; "" for nothing."""
    admit = call.policy.admit
    assert admit is not None
    dead = Fraction(0)
    for strike in strikes(trial):
        fault = strike.fault
        if isinstance(fault, KillFault | HangFault) and fault.pool.value == call.caller:
            dead = max(dead, most_dead(fault, analysis.pool(call.caller)))
    plain = value(analysis.call_rate(Level.PEAK, call))
    if plain == 0:
        return ""
    # Its own retries are behind its bucket.
    retried = value(analysis.call_rate(Level.PEAK, call, retried=True)) / value(analysis.attempts(call)) / plain
    besides = _of_backlogs(analysis, trial, call)
    rate = most_in_one(analysis, call, (Traffic(analysis, trial).of(call).most + besides) * retried, dead)
    if isinstance(rate, str):
        return rate
    need = enough_burst(analysis, call, admit, rate, dead)
    if need is not None and need <= admit.depth:
        return ""
    return (
        f"in trial {trial.name} one caller may be asked for {float(rate):.4g} requests a second of {call.name} while "
        f"all is retried, and what `{admit.per_second.clause}` then refuses is not bounded"
    )


def _of_backlogs(analysis: Analysis, trial: Trial, call: Call) -> Fraction:
    """What a trial's waiting tasks add on a call: each pool that works them off keeps all of its slots busy."""
    found = Fraction(0)
    for backlog in trial.backlogs:
        fed = next(queue.pool.value for queue in analysis.fleet.queues if queue.name == backlog.queue.value)
        held = analysis.occupancy(Level.PEAK).least_held.get(fed)
        if held is None or value(held) <= 0:
            continue
        pool = analysis.pool(fed)
        worked = leaves.agents_max(pool).number * leaves.concurrency(pool).number / value(held)
        if call.caller_kind is CallerKind.DEMAND:
            found += worked if call.callee == fed else 0
        elif call.caller == fed or call.caller in analysis.reached(fed):
            arriving = value(analysis.rate(Level.PEAK, fed))
            found += worked * value(analysis.call_rate(Level.PEAK, call)) / arriving if arriving else worked
    return found
