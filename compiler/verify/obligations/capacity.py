"""Demand against agents: at each level of the envelope every pool has fewer requests in hand than slots."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

from ...model import CallerKind, Pool
from ..exact.expression import Derived, Order, Relation, derived, lift, value
from ..finding import Status
from ..flows import leaves
from ..flows.analysis import ENDS, Analysis, Level
from ..flows.figures import surely_below
from ..flows.occupancy import ABOVE, UP, Occupied
from ..flows.overheads import slowed
from ..flows.pods import most_pods
from ..flows.uneven import sharing
from ..flows.waves import Wave, levelling, sure_rate, wave_of
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, listed, needed, number, per_second, seconds, share


def capacity(analysis: Analysis) -> list[Judged]:
    """Unsatisfiable iff the pool's slots are at least as many as the requests it has in hand on average.

    By Little's law a pool has rate x holding time requests in hand, and a queue before it comes to rest only where
    that is less than agents x concurrency (Kleinrock, "Queueing Systems" vol. 1, section 2.1). Necessary: holding
    times without any waits of the callees. Sufficient: with the waits of the queueing model (`occupancy`). The rate is
    the plain one; what retries add is the amplification's question. Limits: means and steady state; bursts within a
    level are the latency's question. The ends decide: requests in hand grow with the demand, the most agents stay.
    Behind a queue a peak that ends is worked off until the next one begins (`_levelled`).
    """
    if analysis.circle:
        return []
    found: list[Judged] = []
    for level in ENDS:
        rates, occupancy = analysis.flow(level), analysis.occupancy(level)
        for pool in analysis.fleet.pools:
            id = f"capacity/{pool.name}/{level}"
            if pool.name in rates and analysis.wants(id):
                make = partial(_kept_up, analysis, pool, level)
                sure = _surely(pool, occupancy.of(pool), rates[pool.name])
                found.append(Proven(id, pool.at, "ST2101", make) if sure else make())
    return found


def _surely(pool: Pool, state: Occupied | str, rate: float) -> bool:
    """Both conditions of `_covered`: agents are held no shorter with waits than without, but for rounding."""
    if isinstance(state, str):
        return False
    return surely_below(rate * state.held.mean * ABOVE, pool.agents_most.value * pool.each.concurrency.value)


def _kept_up(analysis: Analysis, pool: Pool, level: Level) -> Obligation:
    made = _covered(analysis, pool, level)
    if level is not Level.PEAK or made.status is Status.PROVED:
        return made
    wave = wave_of(analysis, pool)
    if wave is not None:
        return _levelled(analysis, wave)
    return _behind(analysis, pool, made) if levelling(analysis, pool.name) else made


def _covered(analysis: Analysis, pool: Pool, level: Level) -> Obligation:
    rate = analysis.rate(level, pool.name)
    at_level = "at the peak" if level is Level.PEAK else "at the steady level"
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    held = analysis.occupancy(level).least_held[pool.name]
    state = analysis.occupancy(level).of(pool)
    asked = f"{pool.name} gets {per_second(value(rate), 'requests')} {at_level}"
    least = _least_agents(value(rate) * value(held), slots.number)
    broken = (
        f"{asked} and holds each for {seconds(value(held))}: at least {counted(least, 'agent')} of concurrency "
        f"{number(slots.number)} are needed, at most {number(most.number)} may run"
    )
    must = Condition(Relation(rate * held, Order.BELOW, most * slots), broken, "")
    obligation = partial(
        Obligation,
        id=f"capacity/{pool.name}/{level}",
        claim=f"{pool.name} keeps up with its demand {at_level}",
        at=pool.at,
        code="ST2101",
        must=(must,),
    )
    if isinstance(state, str):
        return obligation(gap=state)
    if state.held.mean == float("inf"):
        return obligation(gap=f"a pool that {pool.name} calls is itself overloaded {at_level}")
    return obligation(proof=(_with_waits(pool, state, asked),))


def _behind(analysis: Analysis, pool: Pool, made: Obligation) -> Obligation:
    """Behind other pools' queues: unsatisfiable iff from peak to peak more comes than all agents work off.

    Sufficient: no more than the peak, or all who call it have no more slots than it has: each makes one call at a time.
    """
    (rate, when), held = sure_rate(analysis, pool.name), analysis.occupancy(Level.PEAK).least_held[pool.name]
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    least = _least_agents(value(rate) * value(held), slots.number)
    broken = (
        f"{pool.name} gets {per_second(value(rate), 'requests')} {when} and holds each for {seconds(value(held))}: "
        f"at least {needed(least, slots.number)}, at most "
        f"{number(most.number)} may run"
    )
    must = (Condition(Relation(rate * held, Order.BELOW, most * slots), broken, ""),)
    calls = [call for call in analysis.into(pool.name) if call.caller_kind is CallerKind.POOL]
    if made.gap or len(calls) < len(analysis.into(pool.name)):
        return replace(made, must=must)
    callers = {call.caller: analysis.pool(call.caller) for call in calls}
    open_ = Fraction(sum(one.agents_most.value * one.each.concurrency.value for one in callers.values()))
    have = most.number * slots.number
    told = f"{listed(sorted(callers))} may have {number(open_)} calls to {pool.name} under way, which has"
    relation = Relation(Derived(f"calls to {pool.name} under way", open_, ()), Order.AT_MOST, lift(have))
    enough = Condition(relation, f"{told} {counted(have, 'slot')}", f"{told} {counted(have, 'slot')}")
    remedy = f"more agents of {pool.name} would decide it"
    return replace(made, must=must, proof=(enough,), remedy=remedy)


def _levelled(analysis: Analysis, wave: Wave) -> Obligation:
    """Unsatisfiable iff from peak to peak more comes than all agents work off, or what they do not work off at the peak
    is more than the queue holds.

    As `_covered`, of means over a peak and the time to the next one. Sufficient: with the rise into the peak, the waits
    of calls, and for the queue the fewest agents. Where those behind could not do the whole peak, nobody waits for them
    if they have slots for all who call. How long items wait is `queue/QUEUE/age`'s question.
    """
    pool, queue = wave.pool, wave.queue
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    held, state = analysis.occupancy(Level.PEAK).least_held[pool.name], analysis.occupancy(Level.PEAK).of(pool)
    mean = derived(f"requests of {wave.demand.name} from peak to peak", wave.mean(wave.lasts.value), wave.basis)
    asked = f"{pool.name} gets {per_second(mean.number, 'requests')} from one peak of {wave.demand.name} to the next"
    least = _least_agents(mean.number * value(held), slots.number)
    may = f"at most {number(most.number)} may run"
    needs = f"{asked}: at least {needed(least, slots.number)}, {may}"
    must = [Condition(Relation(mean * held, Order.BELOW, most * slots), needs, "")]
    room = wave.holds
    if room is not None:
        quickest = most.number * slots.number / value(held)
        waiting = wave.waiting(wave.lasts.value, quickest)
        basis = [*wave.basis, most, slots, *(leaf for leaf in (leaves.service_mean(pool),) if leaf is not None)]
        piled = derived(f"requests that wait for {pool.name} after a peak", waiting, basis)
        told = f"{number(round(waiting))} requests of {wave.demand.name} wait after a peak, {queue.name} holds"
        must.append(Condition(Relation(piled, Order.AT_MOST, room), f"{told} {number(value(room))}", ""))
    obligation = partial(
        Obligation,
        id=f"capacity/{pool.name}/{Level.PEAK}",
        claim=f"{pool.name} keeps up with its demand from one peak to the next",
        at=pool.at,
        code="ST2101",
        must=tuple(must),
    )
    if isinstance(state, str):
        return obligation(gap=state)
    waits = state.held.mean
    if math.isinf(waits) and not _nobody_waits_behind(analysis, pool):
        return obligation(gap=f"a pool that {pool.name} calls is itself overloaded at the peak")
    above, holding = wave.lasts.value + wave.climb, (value(held) if math.isinf(waits) else Fraction(waits)) * UP
    high = wave.mean(above) * holding
    need, have = Derived(f"requests in hand at {pool.name}", high, ()), most.number * slots.number
    room_ = f"{asked}, and {share(1 - high / have)} of the slots stay free on average"
    proof = [Condition(Relation(need, Order.BELOW, lift(have)), f"{needs}, the waits for its calls included", room_)]
    if room is not None:
        slowest = pool.agents_min.value * slots.number / holding
        piles = Derived(f"requests that wait for {pool.name}", wave.waiting(above, slowest), ())
        holds = value(room)
        told = (
            f"up to {number(math.ceil(piles.number))} requests wait after a peak with "
            f"{counted(pool.agents_min.value, 'agent')} of {pool.name}, {queue.name} holds {number(holds)}"
        )
        proof.append(Condition(Relation(piles, Order.AT_MOST, lift(holds)), told, told))
    return obligation(
        proof=tuple(proof), remedy=f"more agents of {pool.name}, or a larger bound of {queue.name}, would decide it"
    )


def _nobody_waits_behind(analysis: Analysis, pool: Pool) -> bool:
    """Whether all pools behind it surely have slots for all agents that may call them: each makes one call at a time,
    and waits for it."""
    for name in analysis.reached(pool.name):
        calls = analysis.into(name)
        if name == pool.name or not calls:
            continue
        if any(call.caller_kind is CallerKind.DEMAND or call.policy.patience_seconds is not None for call in calls):
            return False
        callers = {call.caller: analysis.pool(call.caller) for call in calls}.values()
        behind = analysis.pool(name)
        have = sharing(analysis, name, behind.agents_min.value) * behind.each.concurrency.value
        if sum(most_pods(one) * one.each.concurrency.value for one in callers) > have:
            return False
    return True


def _with_waits(pool: Pool, state: Occupied, asked: str) -> Condition:
    slots = pool.each.concurrency.value
    held = Fraction(state.held.mean) * UP
    most = leaves.agents_max(pool)
    least = _least_agents(state.rate * held, Fraction(slots))
    busy = state.rate * held / (most.number * slots)
    needs = f"{asked}, which needs {counted(least, 'agent')} of at most {number(most.number)}"
    room = f"{needs}: {share(1 - busy)} of the slots stay free"
    lost = " and what its agents lose to one another" if slowed(pool) else ""
    broken = f"{needs}, the waits for its calls{lost} included"
    need = Derived(f"requests in hand at {pool.name}", state.rate * held, ())
    return Condition(Relation(need, Order.BELOW, lift(most.number * slots)), broken, room)


def _least_agents(in_hand: Fraction, slots: Fraction) -> int:
    """More slots than requests in hand."""
    return int(in_hand // slots) + 1
