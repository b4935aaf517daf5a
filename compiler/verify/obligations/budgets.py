"""Money: what the bounds let the fleet cost in an hour, a day or a month, against each budget.

Source: prices and bounds of the spec; a month is 730 hours (`semantics.spend`, as clouds bill); tokens flow along the
call graph through the worst window of each demand's peaks. Which nodes pods lie on is the scheduler's choice, pod by
pod, and what leaves leaves gaps: each pod may keep a node, of as many as there may be. Limits of the model: agents and
nodes are billed for as long as the bounds allow, agents that drain too, but not those that a rolling update adds, for
no spec says how often one is made: the margin tells what each costs. Discounts, storage and traffic are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from fractions import Fraction
from functools import partial

from ...model import Budget, Call, Demand, Dependency, Fleet, Pool, Scope
from ...semantics.spend import HOUR_S, Peak, worst_spend
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, total, value
from ..finding import Case
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.figures import double, surely_below
from ..flows.packing import fitted, lower_bound
from ..flows.periods import most_coming, piled_up_before, unqueued
from ..flows.placement import usable
from ..flows.pods import drained_seconds, most_pods
from ..flows.released import most_asked_in
from ..flows.tried import has_budget, most_times, tried_in
from ..flows.warming import updated_seconds
from ..flows.waves import let_go_in, passed_on, waves_before
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, dollars, listed, number, share, told_together
from .items import Item, beyond, largest_of

_RETRIED = ("every call retried to the end", "")


def budgets(analysis: Analysis) -> list[Judged]:
    fleet = analysis.fleet
    stated = [(budget, f"budget/{budget.scope}/{budget.period}") for budget in fleet.budgets]
    stated += [(budget, f"cost/{budget.period}") for budget in fleet.cost]
    met: dict[str, int] = {}
    found: list[Judged] = []
    for budget, id in stated:
        met[id] = met.get(id, 0) + 1
        told = id if met[id] == 1 else f"{id}/{met[id]}"
        if analysis.wants(told):
            make = partial(_kept, analysis, budget, told)
            most = most_cost(analysis, budget)
            sure = most is not None and surely_below(most, double(budget.dollars.value))
            found.append(Proven(told, budget.at, "ST2201", make) if sure else make())
    return found


def most_cost(analysis: Analysis, budget: Budget) -> float | None:
    """No less than what all items may cost, in doubles: every node is taken as in use. None where a price is missing
    that the budget needs, or where calls are paid for."""
    fleet, scope, horizon = analysis.fleet, budget.scope, budget.period.hours * HOUR_S
    nodes = scope.has_nodes and bool(fleet.nodes)
    if scope.has_tokens and any(
        call.tokens_per_call is not None or (scope is Scope.TOTAL and call.bytes_per_call is not None)
        for call in fleet.calls
    ):
        return None
    found, priced = 0.0, False
    if nodes:
        prices = [one.dollars_per_hour for one in fleet.nodes]
        if scope is Scope.NODES and None in prices:
            return None
        for one, price in zip(fleet.nodes, prices, strict=True):
            if price is not None:
                found, priced = found + one.count_max.value * double(price.value), True
    if scope.has_agents:
        agents = analysis.of_pools(f"most cost of agents in {horizon} s", partial(_agents_cost, horizon))
        if None in agents and not priced:
            return None
        paid = [one for one in agents if one is not None]
        found, priced = found + sum(paid), priced or bool(paid)
    return found * budget.period.hours if priced else None


def _agents_cost(horizon: int, pool: Pool) -> float | None:
    """Dollars an hour, of all agents and those that drain."""
    price, agents = pool.each.dollars_per_hour, pool.agents_most.value + drained_seconds(pool, horizon) / horizon
    return None if price is None else agents * double(price.value)


def _kept(analysis: Analysis, budget: Budget, id: str) -> Obligation:
    """Unsatisfiable iff agents at their maximum, the nodes that these need, and the tokens of plain demand at the
    worst time come to more than the budget.

    Sufficient: the same with all nodes that pods may keep, with agents that drain while an autoscaler goes to and fro
    (`semantics.flapping`), and with every call retried to its last attempt. Between the two it is unknown: whether
    attempts that fail are billed is not in the spec. Agents that a rolling update adds are in neither (`_updated`).
    """
    items = items_of(analysis, budget)
    case = _case(items, budget.scope)
    a_period = budget.period.one
    what = f"{budget.scope} budget" if id.startswith("budget") else "limit of the cost"
    rank = id.rpartition("/")[2]
    limit = Leaf(
        f"{what} {a_period}{f' {rank}' if rank.isdigit() else ''}",
        budget.dollars,
        f"at most {dollars(budget.dollars.value)} {a_period}",
    )
    least, most = total(item.least for item in items), total(item.most for item in items)
    top = largest_of(items, value(least))
    said = f"the {'budget' if id.startswith('budget') else 'guarantee'} allows {dollars(limit.number)}"
    relation = Relation(least, Order.AT_MOST, limit)
    name = "" if budget.scope is Scope.TOTAL or id.startswith("cost") else f"{budget.scope} "
    broken = f"{name or 'the fleet '}may cost {dollars(value(least))} {a_period}, {said}: {top}"
    bound = value(most)
    upper = Relation(Derived("most cost", bound, ()), Order.AT_MOST, lift(limit.number))
    room = f"at most {dollars(bound)} of {dollars(limit.number)} {a_period}, {share(upper.slack)} to spare"
    more, remedy = beyond(items)
    if more:
        broken += f"; with {more} up to {dollars(bound)}"
    open_ = f"it may cost {dollars(bound)} {a_period} with {more}, {dollars(value(least))} without; {said}"
    usual = [item.usual for item in items]
    note = ""
    if items and None not in usual:
        note = f"{dollars(sum((one for one in usual if one is not None), Fraction(0)))} {a_period} at the steady level"
    updated = _updated(analysis) if budget.scope.has_agents else Fraction(0)
    if updated:
        note = "; ".join(filter(None, (note, f"not counted: {dollars(updated)} for each update of all agents")))
    gaps = [item.gap for item in items if item.gap]
    if not items:
        gaps = [f"nothing that this {'budget' if id.startswith('budget') else 'guarantee'} counts has a price"]
    return Obligation(
        id=id,
        claim=f"the bill {f'for {name}' if name else ''}stays within {dollars(limit.number)} {a_period}",
        at=budget.at,
        code="ST2201",
        must=(Condition(relation, broken, "", case),),
        proof=(Condition(upper, open_, room, case),),
        gap=told_together(gaps),
        remedy="" if gaps else remedy,
        note=note,
        bound=None if gaps else bound,
    )


def _updated(analysis: Analysis) -> Fraction:
    """Dollars, at the most, for what is there beside all agents while each pool is updated once at its largest."""
    prices = ((pool, pool.each.dollars_per_hour) for pool in analysis.fleet.pools)
    paid = (updated_seconds(analysis, pool) * price.value for pool, price in prices if price is not None)
    return sum(paid, Fraction(0)) / HOUR_S


def _case(items: list[Item], scope: Scope) -> Case:
    """Which bounds and which demand, and the item that makes the most of it."""
    bounds = "the most agents that the bounds allow, all the time" if scope not in (Scope.TOKENS, Scope.NODES) else ""
    if scope is Scope.NODES:
        bounds = "the most nodes that the bounds allow, all the time"
    spent = "the worst window of the peaks, every call retried to the end" if scope.has_tokens else ""
    most = f"the largest part: {items[-1].told}" if items and items[-1].told else ""
    return Case(text="; ".join(filter(None, (bounds, spent, most))))


def items_of(analysis: Analysis, budget: Budget) -> list[Item]:
    """What the budget counts, the least first."""
    items: list[Item] = []
    if budget.scope.has_agents:
        items += _agents(analysis, budget)
    if budget.scope.has_nodes:
        items += _nodes(analysis, budget)
    if budget.scope.has_tokens:
        items += _used(analysis, budget, "tokens", leaves.tokens, leaves.token_price)
    if budget.scope is Scope.TOTAL:
        items += _used(analysis, budget, "data", leaves.data, leaves.byte_price)
    return sorted(items, key=lambda item: value(item.least))


def _agents(analysis: Analysis, budget: Budget) -> list[Item]:
    """A pool without a price is paid through its nodes, where nodes with a price are counted."""
    hours = budget.period.hours
    paid_by_nodes = budget.scope.has_nodes and any(each.dollars_per_hour for each in analysis.fleet.nodes)
    found: list[Item] = []
    bare = []
    for pool in analysis.fleet.pools:
        price, most = leaves.agent_price(pool), leaves.agents_max(pool)
        if price is None:
            bare.append(pool.name)
            continue
        cost = most * price * hours
        told = (
            f"{counted(most.number, 'agent')} of {pool.name} at {dollars(price.number)} an hour for "
            f"{counted(hours, 'hour')} are {dollars(value(cost))}"
        )
        state = None if analysis.circle else analysis.occupancy(Level.STEADY).of(pool)
        if state is None or isinstance(state, str) or pool.may_be_empty:
            usual = None
        else:
            usual = state.agents * price.number * hours
        drained = Fraction(drained_seconds(pool, hours * HOUR_S), HOUR_S) * price.number
        beyond = (("what still drains while an autoscaler goes to and fro of ", pool.name),)
        remedy = f"a shorter drain of {pool.name}, or a longer `down over`, would decide it"
        found.append(Item(cost, lift(value(cost) + drained), told, usual, beyond=beyond, remedy=remedy))
    if bare and not paid_by_nodes:
        gap = f"{listed(bare)} {'states' if len(bare) == 1 else 'state'} no price; write `price $…/h` in `each`"
        found.append(Item(lift(0), lift(0), "", None, gap))
    return found


def _nodes(analysis: Analysis, budget: Budget) -> list[Item]:
    fleet, hours = analysis.fleet, budget.period.hours
    at_peak = {pool.name: pool.agents_most.value for pool in fleet.pools}
    usual_agents: dict[str, int] = {}
    for pool in fleet.pools:
        state = None if analysis.circle else analysis.occupancy(Level.STEADY).of(pool)
        if state is not None and not isinstance(state, str):
            usual_agents[pool.name] = state.agents
    usual_used = _placement(fleet, usual_agents) if len(usual_agents) == len(fleet.pools) else None
    found = []
    for each in fleet.nodes:
        price = leaves.node_price(each)
        if price is None:
            if budget.scope is Scope.NODES:
                found.append(Item(lift(0), lift(0), "", None, f"{each.name} states no price; write `price $…/h` in it"))
            continue
        low, high = each.count_min.value, each.count_max.value
        kept = sum(most_pods(pool) for pool in fleet.pools if each in usable(pool, fleet.nodes))
        count = min(max(kept, low), high)
        least: Expression = leaves.node_count_min(each)
        if len(fleet.nodes) == 1:
            sure = min(max(lower_bound(each, fleet.pools, at_peak), low), high)
            least = derived(f"nodes of {each.name} in use at the maximum", sure, _basis(fleet))
        usual = None
        if usual_used is not None:
            usual = min(max(usual_used.get(each.name, 0), low), high) * price.number * hours
        cost = least * price * hours
        told = (
            f"{counted(value(least), 'node')} of {each.name} at {dollars(price.number)} an hour for "
            f"{counted(hours, 'hour')} are {dollars(value(cost))}"
        )
        beyond = ((f"all {counted(count, 'node')} of {each.name} that agents may lie on", ""),)
        remedy = f"fewer nodes of {each.name} at the most would decide it"
        anywhere = [pool.name for pool in fleet.pools if not pool.on and each in usable(pool, fleet.nodes)]
        if anywhere and len(fleet.nodes) > 1:
            remedy += f", or `on NODES` in {listed(anywhere)}, which may lie on nodes of any class"
        most = lift(count * price.number * hours)
        found.append(Item(cost, most, told, usual, beyond=beyond, remedy=remedy))
    return found


def _placement(fleet: Fleet, agents: dict[str, int]) -> dict[str, int] | None:
    return fitted(fleet.nodes, fleet.pools, agents, {each.name: each.count_max.value for each in fleet.nodes})


def _basis(fleet: Fleet) -> list[Expression]:
    """The literals that a placement rests on."""
    found: list[Expression] = []
    for pool in fleet.pools:
        found += [leaves.agents_max(pool), *leaves.of_pod(pool)]
    for each in fleet.nodes:
        found += [leaves.node_cpu(each), leaves.node_memory(each), leaves.node_pods(each)]
        found += [leaves.node_count_min(each), leaves.node_count(each)]
    return found


def _used(
    analysis: Analysis,
    budget: Budget,
    what: str,
    size_of: Callable[[Call], Leaf | None],
    price_of: Callable[[Dependency], Leaf | None],
) -> list[Item]:
    """Tokens, or bytes, that calls use up at a dependency that charges for them."""
    if analysis.circle:
        return []
    found = []
    horizon = budget.period.hours * HOUR_S
    for demand in analysis.fleet.demands:
        requests, most_requests, usual_requests = _requests(demand, budget.period.hours)
        paid: dict[str, tuple[Expression, Expression]] = {}
        let_go: dict[str, tuple[str, Expression]] = {}
        visits = analysis.visits(demand)
        for call in analysis.fleet.calls:
            used = size_of(call)
            if used is None or call.callee not in visits or call.caller not in visits:
                continue
            priced = [one for one in analysis.fleet.dependencies if one.name == call.callee]
            price = price_of(priced[0]) if priced else None
            if price is not None:
                paid[call.name] = visits[call.caller] * leaves.per_request(call), used * price
                if levelled := _levelled(analysis, demand, call.caller, horizon):
                    let_go[call.name] = min(levelled, key=lambda one: value(one[1]))
        if not paid:
            continue
        each = total(sorted((made * cost for made, cost in paid.values()), key=value))
        cost, queues = requests * each, sorted({queue for queue, _ in let_go.values()})
        told = (
            f"{number(round(value(requests)))} requests of {demand.name} in the worst {budget.period} at "
            f"{dollars(value(each))} of {what} each are {dollars(value(cost))}"
        )
        if let_go:
            come = {name: let_go[name][1] if name in let_go else requests for name in paid}
            cost = total(sorted((come[name] * made * price for name, (made, price) in paid.items()), key=value))
            told = (
                f"{what} of {demand.name} are at least {dollars(value(cost))} in the worst {budget.period}, though "
                f"{listed(queues)} level{'s' * (len(queues) == 1)} its peaks"
            )
        before = piled_up_before(analysis, demand)
        tried: dict[str, Fraction] = {}
        if not isinstance(before, str):
            tried = tried_in(analysis, demand, most_requests + before, horizon)
        most, gap, works_off = Fraction(0), "", set[str]()
        for call in (call for call in analysis.fleet.calls if call.name in paid):
            # Agents that work something off do no more than they can, whatever came before.
            waits = unqueued(analysis, call)
            made = None if waits else tried.get(call.name)
            if waits or before:
                asked = most_asked_in(analysis, call, Fraction(horizon))
                if made is None and isinstance(asked, str):
                    gap = before if isinstance(before, str) and not waits else asked
                elif not isinstance(asked, str) and (made is None or asked < made):
                    made = asked
                    works_off.add(waits or call.caller)
            most += (made or Fraction(0)) * value(paid[call.name][1])
        if gap:
            found.append(Item(cost, cost, told, usual_requests * value(each), gap))
            continue
        plain = most_requests + (before if isinstance(before, Fraction) else 0)
        cold = {one.caller for one in analysis.fleet.calls if one.name in paid and _begins_cold(analysis, one)}
        retries = not works_off and not cold and most > plain * value(each)
        beyond = [_RETRIED] if retries else []
        beyond += [("what rises to each peak of ", demand.name)] if most_requests > requests.number else []
        beyond += [("what piled up before of ", demand.name)] if before and not works_off else []
        beyond += [("what works off all that it can of ", name) for name in sorted(works_off)]
        beyond += [("the calls of empty caches of ", name) for name in sorted(cold)]
        remedy = _fewer_retries(analysis, tried) if retries else ""
        if before and not remedy:
            remedy = f"a higher minimum of what {demand.name} comes to, so that less waits, would decide it"
        if cold:
            remedy = f"a minimum of 1 in {listed(sorted(cold))}, which keeps its caches, would decide it"
        if works_off:
            remedy = f"a higher minimum of {listed(sorted(works_off))}, or fewer agents at the most, would decide it"
        usual = usual_requests * value(each)
        found.append(Item(cost, lift(max(most, value(cost))), told, usual, beyond=tuple(beyond), remedy=remedy))
    return found


def _begins_cold(analysis: Analysis, call: Call) -> bool:
    return most_times(analysis, call) > call.per_request.value


def _levelled(analysis: Analysis, demand: Demand, caller: str, seconds: int) -> list[tuple[str, Expression]]:
    """Queues on the way to a caller that level the demand's peaks, and the requests that each surely lets go."""
    return [
        (wave.queue.name, let_go_in(analysis, wave, seconds))
        for wave in waves_before(analysis, caller)
        if wave.demand is demand and passed_on(analysis, wave) < seconds
    ]


def _fewer_retries(analysis: Analysis, tried: Container[str]) -> str:
    if any(call.name in tried and has_budget(call) for call in analysis.fleet.calls):
        return "a longer back-off, or fewer retries, would decide it"
    return "a retry budget bounds what retries cost"


def _requests(demand: Demand, hours: int) -> tuple[Derived, Fraction, Fraction]:
    """Requests in the worst period: surely, and at the most, as the rise into a peak comes on top of it; and those at
    the steady level."""
    steady, peak = leaves.steady(demand), leaves.peak(demand)
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    horizon = hours * HOUR_S
    spell = Peak(lasts.value if lasts else None, every.value if every else None)
    least = worst_spend(horizon, steady.number * HOUR_S, peak.number * HOUR_S, spell)
    return (
        derived(f"requests of {demand.name} in {hours} h", least, [steady, peak, *leaves.spell(demand)]),
        most_coming(demand, horizon),
        steady.number * horizon,
    )
