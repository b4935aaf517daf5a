"""Empty caches: what is then asked of those behind them is still within what they can do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...model import Call, Dependency, Fleet
from ..exact.expression import Expression, Leaf, Order, Relation, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.waves import LEVELLED, sure_rate
from ..obligation import Condition, Obligation
from ..words import counted, listed, number, per_second, seconds, share
from .held_back import held_back
from .shared import asked, surely_asked, surely_when, unevenly, with_more


def cold_caches(analysis: Analysis) -> list[Obligation]:
    """One guarantee for each callee, dependency or pool, that gets more calls while caches are empty, and for each pool
    that then waits longer for its own."""
    fleet = analysis.fleet
    if analysis.circle or all(call.cold_per_request is None for call in fleet.calls):
        return []
    cold = Analysis(_cold(fleet), analysis.wants)
    found = []
    for dependency in fleet.dependencies:
        more = value(cold.rate(Level.PEAK, dependency.name)) != value(analysis.rate(Level.PEAK, dependency.name))
        for what, id, stated in (
            ("requests", f"cold/{dependency.name}", dependency.requests_per_second),
            ("tokens", f"cold/{dependency.name}/tokens", dependency.tokens_per_second),
        ):
            warm, rate = (asked(one, dependency, what, Level.PEAK, retried=False) for one in (analysis, cold))
            if (more or value(rate) != value(warm)) and stated is not None and analysis.wants(id):
                said = f"{dependency.name} takes {leaves.as_written(stated.value, stated, what)}"
                limit = Leaf(f"{what.removesuffix('s')} limit of {dependency.name}", stated, said)
                made = _dependency(analysis, cold, dependency, limit, what, id)
                when, _ = surely_when(cold, dependency, what)
                level = when if isinstance(when, Level) else Level.PEAK
                made = held_back(cold, made, dependency.name, level, limit, what, retried=False)
                found.append(with_more(cold, made, dependency.name, limit, what))
    for pool in fleet.pools:
        id = f"cold/{pool.name}"
        warm, rate = (one.rate(Level.PEAK, pool.name) for one in (analysis, cold))
        usual, held = (value(one.occupancy(Level.PEAK).least_held[pool.name]) for one in (analysis, cold))
        if value(rate) > 0 and (value(rate) != value(warm) or held != usual) and analysis.wants(id):
            found.append(_pool(cold, pool.name, warm, rate, id))
    return found


def _cold(fleet: Fleet) -> Fleet:
    def of(call: Call) -> Call:
        return call if call.cold_per_request is None else replace(call, per_request=call.cold_per_request)

    return replace(fleet, calls=tuple(of(call) for call in fleet.calls))


def _told(name: str, warm: Expression, rate: Expression, reach: str = "", at: str = "at the peak") -> str:
    more = 0 < value(warm) != value(rate)
    times = f", {number(value(rate) / value(warm))} times as many as usual" if more else ""
    return f"with empty caches {reach or per_second(value(rate), 'requests')} reach {name} {at}{times}"


def _dependency(
    analysis: Analysis, cold: Analysis, dependency: Dependency, limit: Leaf, what: str, id: str
) -> Obligation:
    """Unsatisfiable iff at the peak, with every cache empty, more requests, or tokens, reach the dependency than it
    takes; or at the steady level where queues level the peak, or in the worst time in which its limit counts where a
    peak is over before that is.

    Source: Google SRE book, ch. 22, "Slow startup and cold caching". Limits: no retries on top; all caches are empty at
    once and fill no faster than the fault lasts.
    """
    name = dependency.name

    def condition(when: Level | int, at: str) -> Condition:
        warm, rate = (surely_asked(one, dependency, what, when, retried=False) for one in (analysis, cold))
        reach = leaves.as_written(value(rate), limit.stated, what)
        if what == "requests" and isinstance(when, Level):
            reach = per_second(value(rate), what)
        relation, told = Relation(rate, Order.AT_MOST, limit), _told(name, warm, rate, reach, at)
        return Condition(relation, f"{told}; {limit.demands}", f"{told}: {share(relation.slack)} to spare")

    when, at = surely_when(cold, dependency, what)
    surely, proof, remedy = condition(when, at), None, ""
    if not isinstance(when, Level):
        finer, remedy = unevenly(dependency, what, when)
        peak = condition(Level.PEAK, "at the peak")
        proof = (replace(peak, broken=f"{peak.broken}; {finer}"),)
    untold = [call.name for call in analysis.into(name) if call.tokens_per_call is None] if what == "tokens" else []
    more = f"{what} " if what == "tokens" else ""
    return Obligation(
        id=id,
        claim=f"{name} is never asked for more {more}than it takes while caches are empty",
        at=limit.stated.span,
        code="ST2304",
        must=(surely,),
        proof=proof,
        remedy=remedy,
        gap=f"{listed(untold)} {'does' if len(untold) == 1 else 'do'} not state tokens" if untold else "",
    )


def _pool(cold: Analysis, name: str, warm: Expression, rate: Expression, id: str) -> Obligation:
    """Unsatisfiable iff at the peak, or from peak to peak where a queue levels it, with every cache empty, the pool has
    no more slots than requests in hand.

    By Little's law, without any waits. Sufficient: the same at the peak, where the model's waits are finite too. Limits
    as above.
    """
    pool = cold.fleet.pool(name)
    held = cold.occupancy(Level.PEAK).least_held[name]
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    relation = Relation(rate * held, Order.BELOW, most * slots)
    told = _told(name, warm, rate)
    holds = f"{told}, which holds each for {seconds(value(held))} in {counted(value(most * slots), 'slot')}"
    room = f"{told}: {share(relation.slack)} of the slots stay free"
    sure, when = sure_rate(cold, name)
    levelled = Condition(Relation(sure * held, Order.BELOW, most * slots), f"{holds}, and too many {when} too", "")
    obligation = partial(
        Obligation,
        id=id,
        claim=f"{name} keeps up with the peak while caches are empty",
        at=pool.at,
        code="ST2304",
        must=(Condition(relation, holds, room),) if value(sure) == value(rate) else (levelled,),
        proof=(Condition(relation, f"{holds}; {LEVELLED}", room),),
        remedy=f"more agents of {name} would decide it",
    )
    state = cold.occupancy(Level.PEAK).of(pool)
    if isinstance(state, str):
        return obligation(gap=state)
    if state.wait.endless:
        return obligation(gap=f"with the waits for its calls {name} is overloaded")
    return obligation()
