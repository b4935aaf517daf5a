"""What agents are worth: the bounds hold the most profitable number of agents."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...model import Pool, Signal
from ...model.money import Economics, Rule
from ...semantics.economics import Crew, slowdown
from ...semantics.spend import HOUR_S
from ...semantics.spreading import evenly
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, largest, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.overheads import lost_to_others, slowed
from ..flows.placement import usable
from ..obligation import Condition, Obligation
from ..words import counted, dollars, number
from .losses import without_pool
from .lost_places import places_of
from .organisations import tier_sizes


def economics(analysis: Analysis) -> list[Obligation]:
    divided = any(
        one.division is not None and one.division.rule.value is Rule.UTILITY for one in analysis.fleet.budgets
    )
    return [
        _holds_the_best(analysis, pool, pool.economics)
        for pool in analysis.fleet.pools
        # A value without an overhead may be there for the division of a budget alone.
        if pool.economics and (not divided or pool.overhead is not None)
    ]


def crew(analysis: Analysis, pool: Pool, stated: Economics) -> Crew | str:
    """The pool as `semantics.economics` sees it: what it is asked is its steady level, no limit where no demand reaches
    it; or what is not stated."""
    if pool.each.dollars_per_hour is None:
        return f"an agent of {pool.name} states no price; write `price $…/h` in `each`"
    if pool.each.service_mean_seconds is None or pool.each.service_mean_seconds.value == 0:
        return f"how long {pool.name} works on a request is not stated; write `service mean …` in `each`"
    if analysis.circle:
        return "calls go in a circle"
    asked = value(analysis.rate(Level.STEADY, pool.name)) * HOUR_S
    if asked == 0 and analysis.demands_of(pool.name):
        return f"nothing comes to {pool.name} at the steady level, by which its worth is judged"
    contention, coherency = lost_to_others(pool)
    return Crew(
        each_per_hour=Fraction(pool.each.concurrency.value * HOUR_S) / pool.each.service_mean_seconds.value,
        contention=contention,
        coherency=coherency,
        dollars_per_request=stated.dollars_per_request.value,
        dollars_per_agent_hour=pool.each.dollars_per_hour.value,
        asked_per_hour=asked if asked > 0 else None,
    )


def _holds_the_best(analysis: Analysis, pool: Pool, stated: Economics) -> Obligation:
    """Unsatisfiable iff the most profitable number of agents at the steady level is outside the bounds, or loses; a
    minimum above it is allowed as far as something else needs it (`_needed`).

    Source: `semantics.economics`. Limits: each agent works all its slots at its own service time; what its calls cost
    is not counted.
    """
    id, claim = f"economics/{pool.name}", f"the bounds of {pool.name} hold its most profitable size"
    found = crew(analysis, pool, stated)
    if isinstance(found, str):
        return Obligation(id, claim, stated.at, "ST2701", must=(), gap=found)
    best, even = found.best(), found.breaks_even()
    low, high = leaves.agents_min(pool), leaves.agents_max(pool)
    basis: list[Expression] = [
        Leaf(
            f"value of a request to {pool.name}",
            stated.dollars_per_request,
            f"earns {dollars(stated.dollars_per_request.value)}",
        ),
        *_overhead(pool),
        leaves.concurrency(pool),
        *(leaf for leaf in (leaves.agent_price(pool), leaves.service_mean(pool)) if leaf is not None),
        *(leaves.steady(one) for one in analysis.fleet.demands),
    ]
    most = derived(f"best number of {pool.name}", best, basis)
    profit = found.profit(best)
    told = f"{counted(best, 'agent')} of {pool.name} earn most, {_hourly(profit)}"
    limits = "every number of agents loses" if even is None else f"beyond {counted(even, 'agent')} the pool loses"
    said = f"{told}; {limits}"
    needed, why = _needed(analysis, pool)
    begin = f"{said}; the bounds begin at {number(low.number)}"
    if needed.number > best:
        begin += f", and {why} no more than {number(needed.number)}"
    zero = derived(f"loss of {pool.name} at its best", max(Fraction(0), -profit), basis)
    return Obligation(
        id=id,
        claim=claim,
        at=stated.at,
        code="ST2701",
        must=(
            Condition(Relation(zero, Order.AT_MOST, derived("nothing", 0, ())), f"{said}: {_hourly(profit)}", ""),
            Condition(Relation(most, Order.AT_MOST, high), f"{said}; the bounds end at {number(high.number)}", said),
            Condition(Relation(low, Order.AT_MOST, largest([most, needed])), begin, said),
        ),
        note=f"the bounds are {number(low.number)} to {number(high.number)}"
        + (f": {why} {number(needed.number)}" if needed.number > best else ""),
    )


def _overhead(pool: Pool) -> list[Leaf]:
    if pool.overhead is None:
        return []
    return [
        Leaf(f"overhead of each {pool.name}", pool.overhead.contention, "what an agent loses for each other one"),
        Leaf(f"overhead of each pair of {pool.name}", pool.overhead.coherency, "what an agent loses for each pair"),
    ]


def _needed(analysis: Analysis, pool: Pool) -> tuple[Derived, str]:
    """Agents that there must always be, whatever they earn, and why: members of votes, places in organisations, and of
    a pool that does not grow for its peak all for that, with those that may be lost then, a zone's or a node's too, and
    with what comes to a pool that takes over."""
    fleet = analysis.fleet
    needs: list[tuple[int, str, list[Expression]]] = [(0, "", [])]
    needs += [
        (one.members.value, f"{one.name} needs", [leaves.members(one)])
        for one in fleet.consensuses
        if one.pool.value == pool.name
    ]
    for one in fleet.organisations:
        sizes = [size for size, tier in zip(tier_sizes(one), one.tiers, strict=True) if tier.pool == pool.name]
        needs.append((sum(sizes), f"{one.name} needs", []))
    if pool.scaling is None or pool.scaling.signal in (Signal.QUEUE, Signal.CPU):
        needs += _for_the_peak(analysis, pool)
    most, why, basis = max(needs, key=lambda one: one[0])
    return derived(f"agents of {pool.name} that are always needed", most, basis), why


def _for_the_peak(analysis: Analysis, pool: Pool) -> Iterator[tuple[int, str, list[Expression]]]:
    """Of a pool that does not grow for it: for the peak with each loss that is to be survived, one kind at a time."""
    fleet = analysis.fleet
    basis: list[Expression] = [leaves.concurrency(pool), *map(leaves.peak, fleet.demands)]
    busy = _busy(analysis, pool)
    lost = max((one.count.value for one in fleet.agent_losses if one.pool.value == pool.name), default=0)
    why = "the peak needs" if not lost else f"the peak and a loss of {counted(lost, 'agent')} need"
    yield busy + lost, why, basis
    for one in fleet.survive:
        places = places_of(usable(pool, fleet.nodes), one.what) if fleet.nodes else 0
        if one.count.value < places:
            need = busy
            while sum(evenly(need, places)[one.count.value :]) < busy:
                need += 1
            yield need, f"the peak and a loss of {counted(one.count.value, one.what)} need", basis
    for takeover in fleet.takeovers:
        lost_pool, heir = takeover.lost.value, takeover.heir.value
        moved = Analysis(without_pool(fleet, lost_pool, heir)) if pool.name != lost_pool else analysis
        if not moved.circle:
            yield _busy(moved, pool), f"the peak and the loss of {lost_pool} need", basis


def _busy(analysis: Analysis, pool: Pool) -> int:
    """Agents without which it has no slots for the peak, among as many as these: they slow each other down. One more
    than there are, where so many are not enough."""
    held, own = value(analysis.occupancy(Level.PEAK).least_held[pool.name]), pool.each.service_mean_seconds
    rate, slots = value(analysis.rate(Level.PEAK, pool.name)), pool.each.concurrency.value
    need = int(rate * held // slots) + 1
    if not slowed(pool) or own is None:
        return need
    lost = lost_to_others(pool)
    while need <= pool.agents_most.value and rate * (held + own.value * (slowdown(need, *lost) - 1)) >= need * slots:
        need += 1
    return need


def _hourly(profit: Fraction) -> str:
    return f"{dollars(profit)} an hour" if profit >= 0 else f"a loss of {dollars(-profit)} an hour"
