"""Throughput that is promised, and the share of a budget that may be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from ...model import Demand, Fleet, ThroughputGuarantee, UseGuarantee
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import UP
from ..obligation import Condition, Obligation
from ..words import counted, dollars, per_second, seconds, share
from .budgets import beyond, items_of, largest_of


def throughputs(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    met: dict[str, int] = {}
    found = []
    for guarantee in analysis.fleet.throughput:
        name = guarantee.demand.value
        met[name] = met.get(name, 0) + 1
        id = f"throughput/{name}" + ("" if met[name] == 1 else f"/{met[name]}")
        if analysis.wants(id):
            found.append(_served(analysis, guarantee, id))
    return found


def _served(analysis: Analysis, guarantee: ThroughputGuarantee, id: str) -> Obligation:
    """Unsatisfiable iff at this rate, the other demands at their peaks, some pool on the way has as many requests in
    hand as slots, or a dependency gets more requests than it takes.

    By Little's law, as for the capacity: necessary without waits of the callees, sufficient with them. Limits: means
    and steady state; no retries.
    """
    demand = analysis.demand(guarantee.demand.value)
    rate = guarantee.per_second
    wanted = Leaf(f"throughput of {id.removeprefix('throughput/')}", rate, f"{per_second(rate.value)} of {demand.name}")
    at_rate = Analysis(_with_peak(analysis, demand, rate.value))
    must = (*_pools(analysis, demand, wanted), *_dependencies(analysis, demand, wanted))
    proof: list[Condition] = []
    gaps: list[str] = []
    for pool in analysis.fleet.pools:
        if pool.name not in analysis.visits(demand):
            continue
        state = at_rate.occupancy(Level.PEAK).of(pool)
        if isinstance(state, str):
            gaps += [state] if state not in gaps else []
            continue
        if state.held.mean == float("inf"):
            continue
        in_hand = Derived(f"requests in hand at {pool.name}", state.rate * Fraction(state.held.mean) * UP, ())
        slots = leaves.agents_max(pool).number * pool.each.concurrency.value
        relation = Relation(in_hand, Order.BELOW, lift(slots))
        busy = f"{share(1 - relation.slack)} of the slots of {pool.name} are busy"
        told = f"at {per_second(rate.value)} of {demand.name}, {busy}"
        proof.append(Condition(relation, told, told))
    return Obligation(
        id=id,
        claim=f"{per_second(rate.value)} of {demand.name} can be served",
        at=rate.span,
        code="ST2603",
        must=must,
        proof=tuple(proof),
        gap="; ".join(gaps),
        remedy="" if gaps else "more agents, more slots or faster calls would decide it",
    )


def _with_peak(analysis: Analysis, demand: Demand, rate: Fraction) -> Fleet:
    """The fleet with the demand's peak, and its steady level where that is higher, at this rate."""
    steady = min(demand.steady_per_second.value, rate)
    changed = replace(
        demand,
        steady_per_second=replace(demand.steady_per_second, value=steady),
        peak_per_second=replace(demand.peak_per_second, value=rate),
    )
    fleet = analysis.fleet
    return replace(fleet, demands=tuple(changed if one.name == demand.name else one for one in fleet.demands))


def _pools(analysis: Analysis, demand: Demand, wanted: Leaf) -> Iterator[Condition]:
    for pool in analysis.fleet.pools:
        rate = _rate(analysis, demand, wanted, pool.name)
        if rate is None:
            continue
        most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
        held = analysis.occupancy(Level.PEAK).least_held[pool.name]
        broken = (
            f"{per_second(wanted.number)} of {demand.name} bring {per_second(value(rate), 'requests')} to {pool.name}, "
            f"which holds each for {seconds(value(held))}: {counted(most.number, 'agent')} with "
            f"{counted(slots.number, 'slot')} each are too few"
        )
        yield Condition(Relation(rate * held, Order.BELOW, most * slots), broken, "")


def _dependencies(analysis: Analysis, demand: Demand, wanted: Leaf) -> Iterator[Condition]:
    for one in analysis.fleet.dependencies:
        rate = _rate(analysis, demand, wanted, one.name)
        if rate is None or one.requests_per_second is None:
            continue
        stated = one.requests_per_second
        said = f"{one.name} takes {leaves.as_written(stated.value, stated, 'requests')}"
        limit = Leaf(f"request limit of {one.name}", stated, said)
        told = f"{per_second(wanted.number)} of {demand.name} bring {per_second(value(rate), 'requests')} to {one.name}"
        yield Condition(
            Relation(rate, Order.AT_MOST, limit), f"{told}; {said}", f"{told} of {per_second(limit.number)}"
        )


def _rate(analysis: Analysis, demand: Demand, wanted: Leaf, name: str) -> Expression | None:
    """What arrives there at this rate; None where the demand does not get there."""
    own = analysis.visits(demand).get(name)
    if own is None:
        return None
    others = [
        leaves.peak(other) * visits[name]
        for other in analysis.fleet.demands
        if other.name != demand.name and name in (visits := analysis.visits(other))
    ]
    return total(sorted([own * wanted, *others], key=value))


def uses(analysis: Analysis) -> list[Obligation]:
    found = []
    for index, guarantee in enumerate(analysis.fleet.uses):
        rank = "" if index == 0 else f"/{index + 1}"
        id = f"use/{guarantee.scope}{rank}"
        if analysis.wants(id):
            found.append(_used(analysis, guarantee, id))
    return found


def _used(analysis: Analysis, guarantee: UseGuarantee, id: str) -> Obligation:
    """Unsatisfiable iff what a budget of the scope counts comes, at the bounds, to this share of it or more.

    Sufficient: the same with what `budgets` proves by.
    """
    part = Leaf(
        f"share of the {guarantee.scope} budget {id.rpartition('/')[2]}",
        guarantee.share,
        f"less than {share(guarantee.share.value)} of it",
    )
    must: list[Condition] = []
    proof: list[Condition] = []
    gaps: list[str] = []
    budgets = [one for one in analysis.fleet.budgets if one.scope is guarantee.scope]
    for budget in budgets:
        items = items_of(analysis, budget)
        gaps += [item.gap for item in items if item.gap]
        a_period = budget.period.one
        said = f"at most {dollars(budget.dollars.value)} {a_period}"
        limit = Leaf(f"{budget.scope} budget {a_period}", budget.dollars, said)
        least, most = total(item.least for item in items), value(total(item.most for item in items))
        allowed = limit.number * part.number
        told = f"{share(part.number)} of {dollars(limit.number)} {a_period} are {dollars(allowed)}"
        top = largest_of(items, value(least))
        broken = f"it may cost {dollars(value(least))} {a_period}, {told}: {top}"
        must.append(Condition(Relation(least, Order.BELOW, limit * part), broken, ""))
        upper = Relation(Derived("most cost", most, ()), Order.BELOW, lift(allowed))
        room = f"at most {dollars(most)} {a_period}; {told}"
        more, remedy = beyond(items)
        proof.append(Condition(upper, f"with {more} {dollars(most)} {a_period}; {told}", room, remedy=remedy))
    if not budgets:
        gaps = [f"there is no {guarantee.scope} budget"]
    return Obligation(
        id=id,
        claim=f"less than {share(guarantee.share.value)} of the {guarantee.scope} budget is used",
        at=guarantee.share.span,
        code="ST2604",
        must=tuple(must),
        proof=tuple(proof),
        gap="; ".join(gaps),
        remedy="" if budgets else f"write `budget {guarantee.scope} $…/day`",
    )
