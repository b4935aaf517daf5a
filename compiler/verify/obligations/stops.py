"""Agents that stop at a budget: how much of it must be left for what they have in hand."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import ceil

from seatrial.dsl.source import Span

from ...model import Budget, Call, CalleeKind, Dependency, Scope
from ...semantics.spend import HOUR_S
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, total, value
from ..flows import leaves
from ..flows.abandoned import left_running
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import dollars


def limit_of(budget: Budget) -> Leaf:
    said = f"at most {dollars(budget.dollars.value)} {budget.period.one}"
    return Leaf(f"{budget.scope} budget {budget.period.one}", budget.dollars, said)


def in_hand(analysis: Analysis, budget: Budget) -> Expression | str:
    """Dollars that are still spent after agents have been told to stop, those of an update and those that drain
    included: their time to leave, all calls that what they have in hand may still make, those that were given up and
    still run, nodes until they have left, and those that stay to the end of the period. Or why nothing bounds it."""
    fleet, scope, hours = analysis.fleet, budget.scope, budget.period.hours
    if analysis.circle:
        return "calls go in a circle"
    parts: list[Expression] = []
    leaving: list[Expression] = []
    costs = _still_called(analysis, scope)
    for pool in fleet.pools:
        pods = analysis.most_pods(pool)
        leaving.append(leaves.leaving(pool))
        price = leaves.agent_price(pool)
        if price is not None and scope.has_agents:
            parts.append(pods * price * leaving[-1] / HOUR_S)
        if costs[pool.name].number:
            parts.append(pods * leaves.concurrency(pool) * costs[pool.name])
        for call in analysis.out(pool.name):
            if call.callee_kind is not CalleeKind.DEPENDENCY:
                continue
            callee = analysis.dependency(call.callee)
            (each, of), more = charged(call, callee, scope), left_running(analysis, call)
            if each and isinstance(more, str):
                return more
            if each and more:
                still = derived(f"dollars of calls of {call.name} that still run", each * int(more), of)
                parts.append(pods * leaves.concurrency(pool) * still)
    for nodes in fleet.nodes:
        node_price = leaves.node_price(nodes)
        if node_price is not None and scope.has_nodes:
            stay = leaves.node_count_min(nodes)
            parts.append(stay * node_price * hours)
            parts.append((leaves.node_count(nodes) - stay) * node_price * max(leaving, key=value) / HOUR_S)
    return total(parts)


def _still_called(analysis: Analysis, scope: Scope) -> dict[str, Derived]:
    """Dollars of the calls that one request in hand may still make, by pool: all of them, with empty caches and every
    one retried to the last, with what they call in turn."""
    priced = {one.name: one for one in analysis.fleet.dependencies}
    found: dict[str, Derived] = {}
    for pool in reversed(analysis.pools):
        cost, basis = Fraction(0), list[Expression]()
        for call in analysis.out(pool.name):
            if call.callee in found:
                each, of = found[call.callee].number, found[call.callee].of
            else:
                each, of = charged(call, priced[call.callee], scope)
            retry = call.policy.retry
            times = leaves.most_per_request(call)
            cost += ceil(times.number) * (1 + (retry.attempts.value if retry is not None else 0)) * each
            basis += [*of, times, *(leaves.retry(call) if retry is not None else ())] if each else []
        found[pool.name] = derived(f"dollars that a request in hand at {pool.name} may still cost", cost, basis)
    return found


def charged(call: Call, callee: Dependency, scope: Scope) -> tuple[Fraction, tuple[Leaf, ...]]:
    """Dollars of one call, and what they follow from."""
    cost, basis = Fraction(0), tuple[Leaf, ...]()
    for counts, used, price in (
        (scope.has_tokens, leaves.tokens(call), leaves.token_price(callee)),
        (scope is Scope.TOTAL, leaves.data(call), leaves.byte_price(callee)),
    ):
        if counts and used is not None and price is not None:
            cost, basis = cost + used.number * price.number, (*basis, used, price)
    return cost, basis


def stops(analysis: Analysis, budget: Budget, at: Span, where: str) -> Obligation:
    """Unsatisfiable iff what is still spent when agents stop costs as much as the whole budget.

    Calls are charged when they end, and agents are paid until they have left. Agents are told to stop that much before
    the budget. Source: `semantics.probes.grace`; `semantics.updates`.
    """
    reserve, limit = in_hand(analysis, budget), limit_of(budget)
    obligation = partial(
        Obligation,
        id=f"division/{where}/stop",
        claim="agents that stop at the budget do not pass it",
        at=at,
        code="ST3004",
    )
    if isinstance(reserve, str):
        return obligation(must=(), gap=reserve)
    kept = dollars(value(reserve))
    stays = budget.scope.has_nodes and any(each.count_min.value for each in analysis.fleet.nodes)
    stay = " and nodes that stay" if stays else ""
    text = f"work in hand{stay} may still cost {kept} when agents stop, the budget is {dollars(limit.number)}"
    room = f"agents stop {kept} below the budget, which is what work in hand{stay} may still cost"
    return obligation(must=(Condition(Relation(reserve, Order.BELOW, limit), text, room),))
