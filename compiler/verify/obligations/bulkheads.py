"""Bulkheads: two sides share no pool, no dependency that is not divided, and no class of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Bulkhead, CalleeKind, Dependency, Stated
from ..exact.expression import Expression, Order, Relation, derived, lift, smallest, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.placement import usable
from ..obligation import Condition, Obligation
from ..words import listed
from .limits import limit_bounds

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
    `limit` of connections or of requests in flight: then one side cannot take what is the other's. Limit: a dependency
    that fails as a whole fails both.
    """
    sides = [_reached(analysis, side) for side in (bulkhead.left, bulkhead.right)]
    left, right = (listed([one.value for one in side]) for side in (bulkhead.left, bulkhead.right))
    apart = f"{left} and {right}"
    must = tuple(_conditions(analysis, sides[0], sides[1], apart))
    alone = [sorted(name for name in side if _is_pool(analysis, name)) for side in sides]
    note = f"{left} has {listed(alone[0])}, {right} has {listed(alone[1])}, and nothing is shared"
    return Obligation(
        id=id,
        claim=f"{left} and {right} fail apart",
        at=bulkhead.at,
        code="ST4603",
        must=must,
        note=note,
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
