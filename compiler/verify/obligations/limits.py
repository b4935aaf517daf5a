"""Limits on what one proxy has under way: the peak passes below them, and they are not beyond all reach."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from ...model import Call, CalleeKind, CallerKind, DelayFault, Demand, HangFault, Limit, Pool, Trial
from ...semantics.latency import LogNormal, fit_moments
from ...semantics.queueing import Wait
from ...semantics.rare import CHANCE, most_of, rare_backlog, rare_wait
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, lift, value
from ..faults.reach import place_of, reached_by, told_of
from ..faults.recovering import Unknown, course
from ..faults.rising import rising_in
from ..finding import Status
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.crowded import Crowded, crowd
from ..flows.occupancy import UP
from ..flows.pods import most_pods
from ..flows.released import works_off
from ..flows.uneven import largest_part, same_header, sharing
from ..flows.waits import called_beside_items, queues_at
from ..flows.waves import sure_rate
from ..obligation import Condition, Obligation
from ..words import counted, number

FAR = 10
"""A limit of so many times the callee's slots acts only when nearly everything already waits."""


def limits(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found = []
    for call in analysis.fleet.calls:
        limit = call.policy.limit
        id = f"limits/{call.caller}->{call.callee}"
        if limit is not None and analysis.wants(id) and (limit.in_flight is not None or limit.connections is not None):
            found.append(_passes(analysis, call, limit, id))
    return found


def _passes(analysis: Analysis, call: Call, limit: Limit, id: str) -> Obligation:
    """Unsatisfiable iff one proxy has more requests under way at the peak, or from peak to peak where a queue levels
    it, on average and without waits, than it may.

    A demand comes in through one proxy; each agent of a calling pool has its own, with an even part of the calls at
    the pool's largest size. By Little's law a proxy has rate x time to the answer under way. Connections carry one
    request each (HTTP/1.1), so they limit as `in flight` does, and those that are idle count too (`_idle_too`).
    Sufficient: an agent has no more requests in hand than the limit; or what is being worked on and what waits
    (`rare_backlog`), at the worst level and the fewest agents, each the most that one in a million finds, is no more.
    Or what comes until the caller gives up. Source: Envoy, `max_requests` and `max_connections`
    (intro/arch_overview/upstream/circuit_breaking).
    Limit: pending requests wait for a connection only, and what that takes depends on the bursts, so no figure is
    held against them here; what they may be refused of leaves `success` unknown (`overflows_in`).
    """
    bounds = limit_bounds(call, limit)
    most = min(bounds, key=lambda leaf: leaf.number)
    proxy = "its proxy has" if call.caller_kind is CallerKind.DEMAND else f"each agent of {call.caller} has"
    need = _least_under_way(analysis, call)
    text = (
        f"at the peak {proxy} {number(value(need))} requests of {call.name} under way on average, "
        f"{number(most.number)} may be: the others are refused"
    )
    must = tuple(Condition(Relation(need, Order.AT_MOST, leaf), text, "") for leaf in bounds)
    obligation = partial(
        Obligation,
        id=id,
        claim=f"the limits of {call.name} let the peak pass",
        at=most.stated.span,
        code="ST4701",
        must=must,
        caution=_out_of_reach(analysis, call, limit),
        caution_code="ST4702",
    )
    if call.caller_kind is CallerKind.POOL:
        slots = leaves.concurrency(analysis.pool(call.caller))
        if slots.number <= most.number:
            room = (
                f"an agent of {call.caller} has at most {counted(slots.number, 'request')} in hand, so a limit of "
                f"{number(most.number)} is never reached"
            )
            if not all(one.holds for one in must):
                must = ()
            proof = [Condition(Relation(lift(slots.number), Order.AT_MOST, most), "", room)]
            proof += _idle_too(analysis, call, limit, slots.number)
            return obligation(must=must, proof=tuple(proof), remedy=IN_FLIGHT)
        if works_off(analysis, analysis.pool(call.caller)):
            full = counted(slots.number, "request")
            gap = f"an agent of {call.caller} that works off what has piled up has {full} in hand"
            return obligation(gap=gap, remedy=f"a limit of {number(slots.number)} or more would do")
    found = _most_under_way(analysis, call)
    if isinstance(found, str):
        return obligation(gap=found)
    under_way, high = found
    told = f"at the peak {proxy} {number(under_way)} requests of {call.name} under way, {number(high)} at most"
    same = same_header(analysis, call.caller)
    unsure = f"{same}; {told}" if same else told
    relation = Relation(Derived(f"most under way of {call.name}", high, ()), Order.AT_MOST, lift(most.number))
    condition = Condition(relation, f"{unsure}, {number(most.number)} may be", f"{told}, of {number(most.number)}")
    proof = [condition, *_idle_too(analysis, call, limit, Fraction(math.ceil(high)))]
    return obligation(proof=tuple(proof), remedy=f"a limit of {number(math.ceil(high))} or more would do")


IN_FLIGHT = "a limit of requests `in flight`, which idle connections do not count for, would decide it"


def _idle_too(analysis: Analysis, call: Call, limit: Limit, at_once: Fraction) -> Iterator[Condition]:
    """Connections that are idle count too, and each is to one agent: each may keep as many as were ever under way to
    it. Where that is too many, requests for an agent wait until one of its own is free."""
    if limit.connections is None or call.callee_kind is not CalleeKind.POOL:
        return
    pool, may_be = analysis.pool(call.callee), limit.connections.value
    if pool.agents_most.value > 1:
        hosts = most_pods(pool)
        need = Derived(f"connections of {call.name} that may be kept", hosts * at_once, ())
        kept = (
            f"idle connections count too, and a proxy may keep {number(at_once)} of {call.name} to each of "
            f"{counted(hosts, 'agent')}: {number(need.number)}, and {number(may_be)} may be"
        )
        yield Condition(Relation(need, Order.AT_MOST, lift(may_be)), kept, "", remedy=IN_FLIGHT)


def overflows_in(analysis: Analysis, trial: Trial, demand: Demand) -> Iterator[str]:
    """Why limits on the way of a demand may refuse some of its requests in a trial: each call that may come to one.

    A fault that makes nobody wait leaves no more under way. Else only the slots of a calling agent, or the time after
    which calls are given up, bound what is.
    """
    for name in (demand.name, *analysis.reached(demand.name)):
        for call in analysis.out(name):
            limit = call.policy.limit
            bounds = limit_bounds(call, limit) if limit is not None else []
            if bounds:
                most = min(bound.number for bound in bounds)
                never = _never_reached(analysis, call, most) and not _may_be_kept(analysis, call, limit)
                if not never and (why := _overflowing(analysis, trial, call, most)):
                    yield why
            if limit is not None and limit.pending is not None:
                few = Fraction(limit.pending.value)
                if not _never_reached(analysis, call, few) and (why := _kept_waiting(analysis, trial, call, few)):
                    yield why


def _kept_waiting(analysis: Analysis, trial: Trial, call: Call, most: Fraction) -> str:
    """Why more may wait for a connection than may be pending: no more than are under way, each over one of its own
    (HTTP/1.1), which may all begin at once."""
    remedy = "`pending` that is no less, or none, would decide it"
    one = "its proxy" if call.caller_kind is CallerKind.DEMAND else f"an agent of {call.caller}"
    if call.caller_kind is CallerKind.POOL and works_off(analysis, analysis.pool(call.caller)):
        slots = counted(leaves.concurrency(analysis.pool(call.caller)).number, "request")
        found: tuple[Fraction, Fraction] | str = f"{one} that works off what has piled up has {slots} in hand"
    else:
        found = _most_under_way(analysis, call)
    if not isinstance(found, str) and found[1] <= most:
        return _overflowing_in(analysis, trial, call, most)
    has = found if isinstance(found, str) else f"{one} has up to {number(math.ceil(found[1]))} of {call.name} under way"
    return (
        f"{has}, any of which may wait for a connection, and how many its limit of {number(most)} pending refuses is "
        f"not stated; {remedy}"
    )


def _may_be_kept(analysis: Analysis, call: Call, limit: Limit | None) -> bool:
    """Whether idle connections may come to the limit of them."""
    if limit is None or limit.connections is None:
        return False
    at_once = Fraction(limit.connections.value)
    if call.caller_kind is CallerKind.POOL:
        at_once = Fraction(analysis.pool(call.caller).each.concurrency.value)
    return not all(one.holds for one in _idle_too(analysis, call, limit, at_once))


def _never_reached(analysis: Analysis, call: Call, most: Fraction) -> bool:
    if call.caller_kind is CallerKind.POOL:
        return analysis.pool(call.caller).each.concurrency.value <= most
    longest = analysis.ends(call).longest
    return longest < math.inf and most_of(float(value(analysis.call_rate(Level.PEAK, call))) * longest) <= most


def _overflowing(analysis: Analysis, trial: Trial, call: Call, most: Fraction) -> str:
    limit = call.policy.limit
    assert limit is not None
    id = f"limits/{call.caller}->{call.callee}"
    if analysis.kept(id, lambda: _passes(analysis, call, limit, id)).status is not Status.PROVED:
        return f"the limit of {number(most)} of {call.name} may refuse requests at the peak, as {id} tells"
    return _overflowing_in(analysis, trial, call, most)


def _overflowing_in(analysis: Analysis, trial: Trial, call: Call, most: Fraction) -> str:
    """Why a fault, or agents that are still to come, may leave more under way than there are otherwise."""
    behind = [call.callee, *analysis.reached(call.callee)]
    if near := rising_in(analysis, trial).near(analysis.reached(call.callee)):
        return f"{near[0].told}, and how many the limit of {number(most)} of {call.name} then refuses is not worked out"
    for strike, felt in course(analysis, trial, whole=False):
        if {call.caller, *behind}.isdisjoint({place_of(strike.fault), *reached_by(analysis, strike.fault)}):
            continue
        waits = isinstance(strike.fault, DelayFault | HangFault)
        if waits or isinstance(felt, Unknown) or any(felt.filled.get(name, 0) > 1 for name in behind):
            return (
                f"in trial {trial.name} {told_of(strike.fault)} may leave more than {number(most)} of {call.name} "
                "under way in one proxy, and how many its limit then refuses is not worked out; a higher limit, or a "
                "shorter timeout, would decide it"
            )
    return ""


def limit_bounds(call: Call, limit: Limit) -> list[Leaf]:
    """What one proxy may have under way, as literals."""
    found = []
    for what, stated in (("requests in flight", limit.in_flight), ("connections", limit.connections)):
        if stated is not None:
            said = f"at most {number(stated.value)} {what}"
            found.append(Leaf(f"limit of {what} of {call.name}", stated, said, positive=True))
    return found


def _least_under_way(analysis: Analysis, call: Call) -> Expression:
    occupancy = analysis.occupancy(Level.PEAK)
    if call.caller_kind is CallerKind.DEMAND:
        return analysis.call_rate(Level.PEAK, call) * occupancy.least_response(call)
    made = sure_rate(analysis, call.caller)[0] * leaves.per_request(call)
    return made * occupancy.least_response(call) / leaves.agents_max(analysis.pool(call.caller))


def _most_under_way(analysis: Analysis, call: Call) -> tuple[Fraction, Fraction] | str:
    """Requests that one proxy has under way on average at the peak, and at the most; tries that are made again for
    being late are counted (`flows.crowded`), each until its answer would be there."""
    late, occupancy = crowd(analysis), analysis.occupancy(Level.PEAK)
    if again := late.unknown.get(call.callee):
        return again
    to_pool = call.callee_kind is CalleeKind.POOL
    stirred = late.occupancy if late.occupancy is not None and call.callee in late.occupancy.arriving else None
    times = (stirred or occupancy).response_of(call)
    if isinstance(times, str):
        return times
    if math.isinf(times.mean):
        return f"{call.callee} is overloaded at the peak, so its answers take without end"
    tries, rate = late.tries(analysis, call), value(analysis.call_rate(Level.PEAK, call))
    if isinstance(tries, str):
        return tries
    made = rate if late.occupancy is None else Fraction(tries) * UP
    if call.caller_kind is CallerKind.POOL:
        # Those of the steady level are the fewest, while a rise is not answered yet.
        caller = analysis.occupancy(Level.STEADY).of(analysis.pool(call.caller))
        part = caller if isinstance(caller, str) else largest_part(analysis, analysis.pool(call.caller), caller.agents)
        if isinstance(part, str):
            return part
        made *= part
    high = most_of(float(made) * times.mean)
    if call.caller_kind is CallerKind.POOL and called_beside_items(analysis, call.callee):
        return f"{call.callee} works off a queue too, and whether requests of {call.name} wait for that is not stated"
    if to_pool:
        queued = _most_with_waits(analysis, analysis.pool(call.callee), float(made), stirred)
        if isinstance(queued, str):
            return queued
        high = max(high, queued)
    longest = analysis.ends(call).longest
    if longest < math.inf:
        high = min(high, most_of(float(made) * longest))
    return made * Fraction(times.mean), Fraction(math.ceil(high * 1000), 1000)


def _most_with_waits(analysis: Analysis, pool: Pool, rate: float, stirred: Crowded | None) -> float | str:
    """Requests of a proxy with this rate that wait, or are worked on meanwhile; 0 where hardly anybody waits."""
    state = (stirred or analysis.occupancy(Level.BETWEEN)).of(pool)
    if isinstance(state, str) or state.unrest:
        return state if isinstance(state, str) else state.unrest
    if state.wait.endless:
        return f"{pool.name} is overloaded, so its answers take without end"
    if state.wait.waiting <= CHANCE:
        return 0.0
    slots = sharing(analysis, pool.name, state.agents) * pool.each.concurrency.value
    hold = fit_moments(state.held.mean, state.held.variance / state.held.mean**2)
    whole = float(state.rate) if stirred is None else stirred.arriving[pool.name]
    busy = min(slots, most_of(slots * rate / max(rate, whole)))
    if pool.divided:
        return busy + most_of(rate * rare_wait(state.wait, hold, CHANCE))
    # Some agents are full, or all of them.
    some = min(busy, most_of(rate * state.held.mean)) + _backlog(state.wait, hold, rate, slots)
    (queue,) = queues_at(analysis, pool, whole, state.held, state.agents)
    every = _backlog(queue.wait(), hold, rate, slots)
    return max(some, busy + every) if every else some


def _backlog(wait: Wait, hold: LogNormal, rate: float, slots: int) -> float:
    return rare_backlog(wait, hold, rate, slots // wait.servers, CHANCE)


def _out_of_reach(analysis: Analysis, call: Call, limit: Limit) -> str:
    if call.callee_kind is not CalleeKind.POOL or limit.in_flight is None:
        return ""
    pool = analysis.pool(call.callee)
    slots = leaves.agents_max(pool).number * pool.each.concurrency.value
    if limit.in_flight.value <= FAR * slots:
        return ""
    return (
        f"the limit of {number(limit.in_flight.value)} requests in flight of {call.name} never acts: all agents of "
        f"{pool.name} together have {counted(slots, 'slot')}"
    )
