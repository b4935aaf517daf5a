"""Bulkheads: two sides share no pool, no dependency that is not divided, and no class of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Budget, Bulkhead, Call, CalleeKind, Dependency, Stated
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift, smallest, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.placement import usable
from ..flows.tried import most_proxies, tried
from ..obligation import Condition, Obligation
from ..words import dollars, listed, number, per_second
from .limits import limit_bounds
from .stops import charged

Side = dict[str, Expression]
"""For each pool and dependency that a side uses: requests there for one request of that side's."""


def bulkheads(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found = []
    for bulkhead in analysis.fleet.bulkheads:
        id = f"bulkhead/{_names(bulkhead.left, '+')}|{_names(bulkhead.right, '+')}"
        if analysis.wants(id):
            found.append(_apart(analysis, bulkhead, id))
    return found


def _names(side: tuple[Stated[str], ...], between: str) -> str:
    return between.join(one.value for one in side)


def _apart(analysis: Analysis, bulkhead: Bulkhead, id: str) -> Obligation:
    """Unsatisfiable iff requests of both sides reach one pool or one undivided dependency, with empty caches or after a
    pool was taken over too, or agents of both sides may stand on one class of nodes.

    A dependency is divided where every pool that calls it has stated how many connections it holds, or each call has a
    `limit` of connections or of requests in flight: then one side cannot take what is the other's. What it takes in a
    second is divided where each call has a rate (`admit`), and all proxies together send no more, with the retries of
    the call, which come after its bucket; a quota, and a budget of tokens at which agents stop, are not. Limit: a
    dependency that fails as a whole fails both; bursts of rates.
    """
    sides = [_reached(analysis, side) for side in (bulkhead.left, bulkhead.right)]
    left, right = (listed([one.value for one in side]) for side in (bulkhead.left, bulkhead.right))
    apart = f"{left} and {right}"
    must = tuple(_conditions(analysis, sides[0], sides[1], apart))
    alone = [sorted(name for name in side if _is_pool(analysis, name)) for side in sides]
    untold = next(_untold(analysis, sides[0], sides[1]), None)
    gap = "" if untold is None else f"{untold.name} does not say how many tokens it uses, which {untold.callee} limits"
    note = f"{left} has {listed(alone[0])}, {right} has {listed(alone[1])}, and nothing is shared"
    return Obligation(
        id=id,
        claim=f"{left} and {right} fail apart",
        at=bulkhead.at,
        code="ST4603",
        must=must,
        gap=gap,
        remedy="write `tokens …` in it" if gap else "",
        note=note,
    )


def _untold(analysis: Analysis, left: Side, right: Side) -> Iterator[Call]:
    """Calls to what both sides come to, of whose tokens nothing is known."""
    for name in sorted(set(left) & set(right)):
        if not _is_pool(analysis, name) and analysis.dependency(name).tokens_per_second is not None:
            yield from (
                call
                for call in analysis.into(name)
                if (call.caller in left or call.caller in right) and call.tokens_per_call is None
            )


def _is_pool(analysis: Analysis, name: str) -> bool:
    return any(pool.name == name for pool in analysis.fleet.pools)


def _reached(analysis: Analysis, side: tuple[Stated[str], ...]) -> Side:
    """What the named parties call, directly or not, and they themselves where they are pools; and what takes over from
    one of these, with all that it calls."""
    arriving: dict[str, list[Expression]] = {}
    for one in side:
        if _is_pool(analysis, one.value):
            arriving.setdefault(one.value, []).append(lift(1))
            continue
        for call in analysis.out(one.value):
            arriving.setdefault(call.callee, []).append(leaves.most_per_request(call))
    found = _behind(analysis, arriving)
    for takeover in analysis.fleet.takeovers:
        lost, heir = takeover.lost.value, takeover.heir.value
        if lost in found:
            basis = [found[lost], leaves.agents_max(analysis.pool(lost)), leaves.agents_max(analysis.pool(heir))]
            comes = derived(f"requests of {lost} that {heir} takes over", value(found[lost]), basis)
            found = _behind(analysis, {heir: [comes]}) | found
    return found


def _behind(analysis: Analysis, arriving: dict[str, list[Expression]]) -> Side:
    """With what is called behind."""
    found: Side = {}
    for pool in analysis.pools:
        if pool.name not in arriving:
            continue
        found[pool.name] = total(sorted(arriving[pool.name], key=value))
        for call in analysis.out(pool.name):
            arriving.setdefault(call.callee, []).append(found[pool.name] * leaves.most_per_request(call))
    for dependency in analysis.fleet.dependencies:
        if dependency.name in arriving:
            found[dependency.name] = total(sorted(arriving[dependency.name], key=value))
    return found


def _conditions(analysis: Analysis, left: Side, right: Side, who: str) -> Iterator[Condition]:
    shared = [name for name in sorted(set(left) & set(right)) if not _parted(analysis, name, left, right)]
    heirs = [one for one in analysis.fleet.takeovers if one.lost.value in left.keys() | right.keys()]
    handed = [f"{one.heir.value} takes over from {one.lost.value}" for one in heirs if one.heir.value in shared]
    for name in shared:
        both = smallest((left[name], right[name]))
        text = f"{who} both come to {listed(shared)}: when it is full of the one, the other waits"
        if len(shared) > 1:
            text = f"{who} both come to {listed(shared)}: when one of these is full of the one side, the other waits"
        text += f" ({listed(handed)})" if handed else ""
        yield Condition(Relation(both, Order.AT_MOST, lift(0)), f"{text}; {_apart_by(analysis, shared)}", "")
    for name in sorted(set(left) & set(right) - set(shared)):
        if not _is_pool(analysis, name):
            yield from _used_up(analysis, analysis.dependency(name), left, right, who)
    yield from _stopped(analysis, left, right, who)
    for each in analysis.fleet.nodes:
        standing = []
        for side in (left, right):
            on = [
                pool
                for pool in analysis.fleet.pools
                if pool.name in side and each in usable(pool, analysis.fleet.nodes)
            ]
            if on:
                count = sum(pool.agents_most.value for pool in on)
                names = " and ".join(pool.name for pool in on)
                agents = derived(f"agents of {names} on {each.name}", count, map(leaves.agents_max, on))
                standing.append((on, agents))
        if len(standing) == 2:
            pools = listed(sorted({pool.name for on, _ in standing for pool in on}))
            text = (
                f"{who} share the nodes of {each.name}, where {pools} may stand; write `on` in the pools of each side"
            )
            both = smallest(count for _, count in standing)
            yield Condition(Relation(both, Order.AT_MOST, lift(0)), text, "")


def _apart_by(analysis: Analysis, shared: list[str]) -> str:
    """What would keep the sides apart."""
    pools = [name for name in shared if _is_pool(analysis, name)]
    others = [name for name in shared if name not in pools]
    ways = [f"give each side a pool of its own for {listed(pools)}"] if pools else []
    ways += (
        [f"write `limit … connections` in the calls to {listed(others)}, or what each agent `holds` of it"]
        if others
        else []
    )
    return ", and ".join(ways)


def _parted(analysis: Analysis, name: str, left: Side, right: Side) -> bool:
    if _is_pool(analysis, name):
        return False
    return all(_divided(analysis, analysis.dependency(name), side) for side in (left, right))


def _divided(analysis: Analysis, dependency: Dependency, side: Side) -> bool:
    for call in analysis.into(dependency.name):
        if call.caller not in side or call.callee_kind is not CalleeKind.DEPENDENCY:
            continue
        holds = analysis.pool(call.caller).each.holds
        # What is bounded while it waits may still be under way without a bound.
        bounded = call.policy.limit is not None and limit_bounds(call, call.policy.limit)
        if not bounded and not any(hold.dependency == dependency.name for hold in holds):
            return False
    return True


def _used_up(analysis: Analysis, one: Dependency, left: Side, right: Side, who: str) -> Iterator[Condition]:
    """What of a dependency one side may use up, though each has connections of its own."""
    both, name = smallest((left[one.name], right[one.name])), one.name
    into = [call for call in analysis.into(name) if call.caller in left or call.caller in right]
    for stated, of, period in (
        (one.requests_per_second, "requests", one.requests_period_seconds),
        (one.tokens_per_second, "tokens", one.tokens_period_seconds),
    ):
        if stated is None:
            continue
        takes = Leaf(
            f"limit of {of} of {name}", stated, f"takes {number(stated.value * period)} {of}/{_PERIODS[period]}"
        )
        sent = [_sent(analysis, call, of) for call in into if of == "requests" or leaves.tokens(call) is not None]
        told = f"{who} both come to {name}, which {takes.demands}"
        known = [rate for rate in sent if rate is not None]
        if len(known) < len(sent):
            broken = (
                f"{told}: what the one sends leaves none to the other; write `admit at most …/s` in the calls to it, "
                "with which all proxies together send no more than that"
            )
            yield Condition(Relation(both, Order.AT_MOST, lift(0)), broken, "")
        elif sent:
            most = total(known)
            may = f"{told}, and their proxies may send {number(value(most) * period)}"
            broken = f"{may}: what the one sends leaves too few to the other"
            yield Condition(Relation(most, Order.AT_MOST, takes), broken, may)
    for quota in analysis.fleet.quotas:
        if quota.dependency.value == name:
            broken = (
                f"{who} both draw on the quota of {quota.what} of {name}, and what the one uses up the other lacks; a "
                "dependency for each side would keep them apart"
            )
            yield Condition(Relation(both, Order.AT_MOST, lift(0)), broken, "")


_PERIODS = {1: "s", 60: "min", 3600: "h"}


def _sent(analysis: Analysis, call: Call, of: str) -> Expression | None:
    """The most a second that all proxies of a call send; None where nothing bounds it."""
    rate, used = call.policy.admit, leaves.tokens(call)
    if rate is None:
        return None
    each = Leaf(f"rate of {call.name}", rate.per_second, f"at most {per_second(rate.per_second.value)}", positive=True)
    agents = [leaves.agents_max(analysis.pool(call.caller))]
    proxies = derived(f"proxies of {call.name}", most_proxies(analysis, call), agents)
    sent = each * proxies
    if call.policy.retry is not None:
        # The bucket comes before them.
        times = tried(analysis, call, value(sent)) / value(sent)
        sent = sent * derived(f"attempts for each call {call.name} that passes", times, leaves.retry(call))
    return sent if of == "requests" or used is None else sent * used


def _stopped(analysis: Analysis, left: Side, right: Side, who: str) -> Iterator[Condition]:
    """A budget that both sides spend by what they ask for, and at which all agents stop. What agents and nodes cost is
    bounded whatever comes."""
    for budget in analysis.fleet.budgets:
        if budget.division is None or budget.division.stop is None or not budget.scope.has_tokens:
            continue
        spent = [_spent(analysis, budget, side) for side in (left, right)]
        if all(spent):
            both = smallest((total(spent[0]), total(spent[1])))
            limit = f"{dollars(budget.dollars.value)} {budget.period.one}"
            text = (
                f"{who} both spend the budget of {limit} for {budget.scope}, at which agents stop: what the one side "
                "uses up stops the other; no more than one side may spend of it, or it must not stop"
            )
            yield Condition(Relation(both, Order.AT_MOST, lift(0)), text, "")


def _spent(analysis: Analysis, budget: Budget, side: Side) -> list[Expression]:
    """Of one side, the requests to what costs money by its use, for one of the side's."""
    found = []
    for call in analysis.fleet.calls:
        if call.callee_kind is not CalleeKind.DEPENDENCY or call.caller not in side or call.callee not in side:
            continue
        if charged(call, analysis.dependency(call.callee), budget.scope)[0]:
            found.append(side[call.callee])
    return found
