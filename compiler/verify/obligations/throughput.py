"""Throughput that is promised, and the share of a budget that may be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from ...model import Call, CallerKind, Demand, Fleet, ThroughputGuarantee, UseGuarantee
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import UP, among
from ..flows.uneven import by_header, largest_part, same_header, worth
from ..obligation import Condition, Obligation
from ..words import counted, dollars, number, per_second, rounded_up, seconds, share, told_together
from .budgets import items_of
from .items import beyond, largest_of
from .limits import limit_bounds
from .quotas import through_of


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
    hand as slots, a dependency gets more requests or tokens than it takes or a quota allows, or a call is made more
    often than all proxies of its callers may send, or have under way.

    By Little's law, as for the capacity: necessary without waits of the callees and of all agents, sufficient with them
    and of those that the autoscaler leaves alone at this rate. Limits: means and steady state; no retries; bursts that
    find no token, or meet a limit, are `admits` and `limits`.
    """
    demand = analysis.demand(guarantee.demand.value)
    rate = guarantee.per_second
    wanted = Leaf(f"throughput of {id.removeprefix('throughput/')}", rate, f"{per_second(rate.value)} of {demand.name}")
    at_rate = Analysis(_with_peak(analysis, demand, rate.value))
    must = (
        *_pools(analysis, demand, wanted),
        *_dependencies(analysis, demand, wanted),
        *_quotas(analysis, demand, wanted),
        *_proxies(analysis, demand, wanted),
    )
    proof = list(_surely_below(analysis, at_rate, demand))
    gaps = list(_untold(analysis, demand))
    for pool in analysis.fleet.pools:
        if pool.name not in analysis.visits(demand):
            continue
        state = at_rate.occupancy(Level.PEAK).of(pool)
        if isinstance(state, str):
            gaps += [state] if state not in gaps else []
            continue
        if state.held.mean == float("inf"):
            continue
        # Its autoscaler goes by all agents alike, and may be content where those of one skill are too few.
        agents = pool.agents_most.value if state.unrest else state.agents
        held = Fraction(among(pool, state.held, agents).mean) * UP
        in_hand = Derived(f"requests in hand at {pool.name}", state.rate * held, ())
        slots = worth(at_rate, pool, agents) * pool.each.concurrency.value
        relation = Relation(in_hand, Order.BELOW, lift(slots))
        those = ", or those of one skill," if pool.divided else ""
        those = ", or those of one agent," if by_header(analysis, pool.name) else those
        busy = f"{share(1 - relation.slack)} of the slots of {pool.name}{those} are busy"
        told = f"at {per_second(rate.value)} of {demand.name}, {busy}"
        proof.append(Condition(relation, told, told))
    return Obligation(
        id=id,
        claim=f"{per_second(rate.value)} of {demand.name} can be served",
        at=rate.span,
        code="ST2603",
        must=must,
        proof=tuple(proof),
        gap=told_together(gaps),
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
        for what, stated in (("requests", one.requests_per_second), ("tokens", one.tokens_per_second)):
            rate = _taken(analysis, demand, wanted, one.name, what) if stated is not None else None
            if rate is None or stated is None:
                continue
            takes = leaves.as_written(stated.value, stated, what)
            limit = Leaf(f"{what.removesuffix('s')} limit of {one.name}", stated, f"{one.name} takes {takes}")
            brings = leaves.as_written(value(rate), stated, what)
            told = f"{per_second(wanted.number)} of {demand.name} bring {brings} to {one.name}"
            relation = Relation(rate, Order.AT_MOST, limit)
            yield Condition(relation, f"{told}; {one.name} takes {takes}", f"{told} of {takes}")


def _taken(analysis: Analysis, demand: Demand, wanted: Leaf, dependency: str, what: str) -> Expression | None:
    """Requests or tokens per second that reach a dependency; None where none of the demand does."""
    if dependency not in analysis.visits(demand):
        return None
    parts = []
    for call in analysis.into(dependency):
        each = lift(1) if what == "requests" else leaves.tokens(call)
        if each is not None:
            parts += [one * each for one in _made(analysis, demand, wanted, call)]
    return total(sorted(parts, key=value))


def _made(analysis: Analysis, demand: Demand, wanted: Leaf, call: Call) -> list[Expression]:
    """How often a call is made a second, by each demand."""
    if call.caller_kind is CallerKind.DEMAND:
        return [wanted if call.caller == demand.name else leaves.peak(analysis.demand(call.caller))]
    return [
        (wanted if one.name == demand.name else leaves.peak(one)) * visits[call.caller] * leaves.per_request(call)
        for one in analysis.fleet.demands
        if call.caller in (visits := analysis.visits(one))
    ]


def _on_the_way(analysis: Analysis, demand: Demand) -> list[Call]:
    callers = {demand.name, *analysis.visits(demand)}
    return [call for call in analysis.fleet.calls if call.caller in callers]


def _untold(analysis: Analysis, demand: Demand) -> list[str]:
    """Calls of which it is not known how much they take of what is limited."""
    counted_ = {one.name for one in analysis.fleet.dependencies if one.tokens_per_second is not None}
    counted_ |= {one.dependency.value for one in analysis.fleet.quotas if one.what == "tokens"}
    return [
        f"{call.name} does not state its tokens"
        for name in sorted(counted_ & set(analysis.visits(demand)))
        for call in analysis.into(name)
        if call.tokens_per_call is None
    ]


def _quotas(analysis: Analysis, demand: Demand, wanted: Leaf) -> Iterator[Condition]:
    for quota in analysis.fleet.quotas:
        taken = _taken(analysis, demand, wanted, quota.dependency.value, quota.what)
        if taken is not None:
            through, told = through_of(quota)
            need = taken * quota.period_seconds
            asked = f"{number(round(value(need)))} {quota.what} of {quota.dependency.value}"
            text = f"{per_second(wanted.number)} of {demand.name} ask for {asked} in {seconds(quota.period_seconds)}"
            yield Condition(Relation(need, Order.AT_MOST, through), f"{text}; {told}", f"{text}; {told}")


def _proxies(analysis: Analysis, demand: Demand, wanted: Leaf) -> Iterator[Condition]:
    """What all agents of a caller at its largest size may send, and have under way without any waits."""
    for call in _on_the_way(analysis, demand):
        made = total(sorted(_made(analysis, demand, wanted, call), key=value))
        proxies = _proxies_of(analysis, call)
        told = f"{per_second(wanted.number)} of {demand.name} make {per_second(value(made))} of {call.name}"
        admit, limit = call.policy.admit, call.policy.limit
        if admit is not None:
            said = f"at most {per_second(admit.per_second.value)}"
            rate = Leaf(f"rate of {call.name}", admit.per_second, said, positive=True)
            text = f"{told}; all its proxies together let {per_second(value(rate * proxies))} through"
            yield Condition(Relation(made, Order.AT_MOST, rate * proxies), text, text)
        for bound in limit_bounds(call, limit) if limit is not None else ():
            under_way = made * analysis.occupancy(Level.PEAK).least_response(call)
            text = (
                f"{told}, of which {number(value(under_way))} are under way on average; all its proxies together may "
                f"have {number(value(bound * proxies))}"
            )
            yield Condition(Relation(under_way, Order.AT_MOST, bound * proxies), text, "")


def _proxies_of(analysis: Analysis, call: Call) -> Expression:
    by_demand = call.caller_kind is CallerKind.DEMAND
    return lift(1) if by_demand else leaves.agents_max(analysis.pool(call.caller))


def _surely_below(analysis: Analysis, at_rate: Analysis, demand: Demand) -> Iterator[Condition]:
    """The limits of `_proxies` with the waits of callees, and the part of the calls that one of the agents may have to
    make that the autoscaler leaves alone at this rate; who has no more slots than its limit never comes to it."""
    for call in _on_the_way(analysis, demand):
        limit, admit = call.policy.limit, call.policy.admit
        part = _part_of_one(at_rate, call) if limit is not None or admit is not None else ""
        if isinstance(part, str):
            # Told of the caller itself, or nobody there has some skill, for which its slots are too few.
            continue
        same = same_header(analysis, call.caller)
        who = f"{same}; one may" if same else "its proxy may" if part == 1 else f"an agent of {call.caller} may"
        calls = at_rate.call_rate(Level.PEAK, call)
        if admit is not None:
            made, may = value(calls) * part, admit.per_second.value
            relation = Relation(Derived(f"most of {call.name} in one proxy", made, ()), Order.AT_MOST, lift(may))
            yield Condition(
                relation,
                f"{who} be asked for {per_second(made)} of {call.name}, and send {per_second(may)}",
                "",
                remedy=f"a rate of {per_second(rounded_up(made))} or more would decide it",
            )
        times = at_rate.occupancy(Level.PEAK).response_of(call) if limit is not None else ""
        if limit is None or isinstance(times, str) or times.mean == float("inf"):
            continue
        under_way = value(calls) * part * Fraction(times.mean) * UP
        slots = analysis.pool(call.caller).each.concurrency.value if call.caller_kind is CallerKind.POOL else None
        for bound in limit_bounds(call, limit):
            if slots is None or slots > bound.number:
                need = Derived(f"calls {call.name} under way", under_way, ())
                told = (
                    f"{who} have {number(round(under_way, 1))} calls {call.name} under way, of {number(bound.number)}"
                )
                yield Condition(Relation(need, Order.AT_MOST, lift(bound.number)), told, "")


def _part_of_one(at_rate: Analysis, call: Call) -> Fraction | str:
    """Of all calls the most that go through one proxy: by header one may have to send all."""
    if call.caller_kind is CallerKind.DEMAND:
        return Fraction(1)
    caller = at_rate.pool(call.caller)
    state = at_rate.occupancy(Level.PEAK).of(caller)
    if isinstance(state, str):
        return state
    return largest_part(at_rate, caller, caller.agents_min.value if state.unrest else state.agents)


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
        gap=told_together(gaps),
        remedy="" if budgets else f"write `budget {guarantee.scope} $…/day`",
    )
