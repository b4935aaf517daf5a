"""Empty caches: what is then asked of those behind them is still within what they can do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ...model import Call, Fleet
from ..exact.expression import Expression, Leaf, Order, Relation, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..obligation import Condition, Obligation
from ..words import counted, number, per_second, seconds, share
from .shared import with_released


def cold_caches(analysis: Analysis) -> list[Obligation]:
    """One guarantee for each callee, dependency or pool, that gets more calls while caches are empty."""
    fleet = analysis.fleet
    if analysis.circle or all(call.cold_per_request is None for call in fleet.calls):
        return []
    cold = Analysis(_cold(fleet), analysis.wants)
    found = []
    for dependency in fleet.dependencies:
        id = f"cold/{dependency.name}"
        warm, rate = (one.rate(Level.PEAK, dependency.name) for one in (analysis, cold))
        stated = dependency.requests_per_second
        if value(rate) != value(warm) and stated is not None and analysis.wants(id):
            said = f"{dependency.name} takes {leaves.as_written(stated.value, stated, 'requests')}"
            limit = Leaf(f"request limit of {dependency.name}", stated, said)
            made = _dependency(dependency.name, warm, rate, limit, id)
            found.append(with_released(cold, made, dependency.name, limit, "requests"))
    for pool in fleet.pools:
        id = f"cold/{pool.name}"
        warm, rate = (one.rate(Level.PEAK, pool.name) for one in (analysis, cold))
        if value(rate) != value(warm) and analysis.wants(id):
            found.append(_pool(cold, pool.name, warm, rate, id))
    return found


def _cold(fleet: Fleet) -> Fleet:
    def of(call: Call) -> Call:
        return call if call.cold_per_request is None else replace(call, per_request=call.cold_per_request)

    return replace(fleet, calls=tuple(of(call) for call in fleet.calls))


def _told(name: str, warm: Expression, rate: Expression) -> str:
    times = f", {number(value(rate) / value(warm))} times as many as usual" if value(warm) > 0 else ""
    return f"with empty caches {per_second(value(rate), 'requests')} reach {name} at the peak{times}"


def _dependency(name: str, warm: Expression, rate: Expression, limit: Leaf, id: str) -> Obligation:
    """Unsatisfiable iff at the peak, with every cache empty, more requests reach the dependency than it takes.

    Source: Google SRE book, ch. 22, "Slow startup and cold caching". Limits: no retries on top; all caches are empty at
    once and fill no faster than the fault lasts.
    """
    relation = Relation(rate, Order.AT_MOST, limit)
    told = _told(name, warm, rate)
    return Obligation(
        id=id,
        claim=f"{name} is never asked for more than it takes while caches are empty",
        at=limit.stated.span,
        code="ST2304",
        must=(Condition(relation, f"{told}; {limit.demands}", f"{told}: {share(relation.slack)} to spare"),),
    )


def _pool(cold: Analysis, name: str, warm: Expression, rate: Expression, id: str) -> Obligation:
    """Unsatisfiable iff at the peak, with every cache empty, the pool has no more slots than requests in hand.

    By Little's law, without any waits; never proved beyond that the model's waits are finite too. Limits as above.
    """
    pool = cold.fleet.pool(name)
    held = cold.occupancy(Level.PEAK).least_held[name]
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    relation = Relation(rate * held, Order.BELOW, most * slots)
    told = _told(name, warm, rate)
    holds = f"{told}, which holds each for {seconds(value(held))} in {counted(value(most * slots), 'slot')}"
    obligation = partial(
        Obligation,
        id=id,
        claim=f"{name} keeps up with the peak while caches are empty",
        at=pool.at,
        code="ST2304",
        must=(Condition(relation, holds, f"{told}: {share(relation.slack)} of the slots stay free"),),
    )
    state = cold.occupancy(Level.PEAK).of(pool)
    if isinstance(state, str):
        return obligation(gap=state)
    if state.wait.endless:
        return obligation(gap=f"with the waits for its calls {name} is overloaded")
    return obligation()
