"""What the fleet shares and does not own: connections, requests and tokens per second of each dependency."""

from __future__ import annotations

from functools import partial

from ...model import Dependency
from .. import leaves
from ..analysis import Analysis, Level
from ..expression import Expression, Leaf, Order, Relation, total, value
from ..obligation import Condition, Obligation
from ..words import counted, listed, number, per_second, share


def connections(analysis: Analysis) -> list[Obligation]:
    """Unsatisfiable iff the agents of all pools, with those that a rolling update adds, hold more than there are.

    Source: maxSurge of a Deployment (`semantics.scaling.update_bounds`). Limit: an agent that is terminating gives its
    connections back before the one that takes its place opens its own, beyond what the surge counts.
    """
    found = []
    for dependency in analysis.fleet.dependencies:
        if dependency.connections is None:
            continue
        parts: list[tuple[Expression, str]] = []
        for pool in analysis.fleet.pools:
            pods = analysis.pods(pool)
            for hold in pool.each.holds:
                if hold.dependency == dependency.name:
                    said = f"each holds {counted(hold.connections.value, 'connection')} to {dependency.name}"
                    each = Leaf(f"connections of each {pool.name} to {dependency.name}", hold.connections, said)
                    told = f"{counted(pods.number, 'agent')} of {pool.name} with {number(each.number)} each"
                    parts.append((pods * each, told))
        if parts:
            parts.sort(key=lambda part: value(part[0]))
            found.append(_connections(dependency, parts))
    return found


def _connections(dependency: Dependency, parts: list[tuple[Expression, str]]) -> Obligation:
    assert dependency.connections is not None
    limit = Leaf(
        f"connections of {dependency.name}",
        dependency.connections,
        f"{dependency.name} takes {number(dependency.connections.value)} connections",
    )
    need = total(part for part, _ in parts)
    relation = Relation(need, Order.AT_MOST, limit)
    who = ", ".join(told for _, told in reversed(parts[-3:]))
    rest = f" and {counted(len(parts) - 3, 'more pool')}" if len(parts) > 3 else ""
    text = (
        f"{who}{rest} (a rolling update's extra ones counted) hold {counted(value(need), 'connection')}, "
        f"{dependency.name} takes {number(limit.number)}"
    )
    room = f"{number(value(need))} of {number(limit.number)} connections, {share(relation.slack)} to spare"
    return Obligation(
        id=f"connections/{dependency.name}",
        claim=f"the fleet never holds more connections to {dependency.name} than it takes",
        at=dependency.connections.span,
        code="ST2301",
        must=(Condition(relation, text, room),),
    )


def rates(analysis: Analysis) -> list[Obligation]:
    """Unsatisfiable iff at the peak more requests, or tokens, per second reach a dependency than it takes.

    Both plain and with every call retried to its last attempt along the whole chain: that is what arrives when the
    dependency begins to refuse, which is just when the limit counts (Google SRE book, ch. 22). Limit: attempts are
    taken as spread evenly; back-off that delays them into quieter times is not credited.
    """
    if analysis.circle:
        return []
    found = []
    for dependency in analysis.fleet.dependencies:
        calls = analysis.into(dependency.name)
        if dependency.requests_per_second is not None:
            limit = Leaf(
                f"requests per second of {dependency.name}",
                dependency.requests_per_second,
                f"{dependency.name} takes {per_second(dependency.requests_per_second.value, 'requests')}",
            )
            plain, worst = (analysis.rate(Level.PEAK, dependency.name, retried=one) for one in (False, True))
            found.append(_rate(dependency, limit, plain, worst, "requests", []))
        if dependency.tokens_per_second is not None:
            limit = Leaf(
                f"tokens per second of {dependency.name}",
                dependency.tokens_per_second,
                f"{dependency.name} takes {per_second(dependency.tokens_per_second.value, 'tokens')}",
            )
            untold = [call.name for call in calls if call.tokens_per_call is None]
            sums = []
            for retried in (False, True):
                parts = [
                    analysis.call_rate(Level.PEAK, call, retried=retried) * each
                    for call in calls
                    if (each := leaves.tokens(call)) is not None
                ]
                sums.append(total(sorted(parts, key=value)))
            found.append(_rate(dependency, limit, sums[0], sums[1], "tokens", untold))
    return found


def _rate(
    dependency: Dependency, limit: Leaf, plain: Expression, worst: Expression, what: str, untold: list[str]
) -> Obligation:
    said = f"{dependency.name} takes {per_second(limit.number, what)}"
    usual = f"{per_second(value(plain), what)} reach {dependency.name} at the peak"
    retried = (
        f"{per_second(value(worst), what)} reach {dependency.name} at the peak when every call is retried to the end"
    )
    first, second = Relation(plain, Order.AT_MOST, limit), Relation(worst, Order.AT_MOST, limit)
    if value(plain) == value(worst):
        usual_room = f"{usual} of {number(limit.number)}/s: {share(first.slack)} to spare"
        must: tuple[Condition, ...] = (Condition(first, f"{usual}, with no retries at all; {said}", usual_room),)
    else:
        room = f"{retried} of {number(limit.number)}/s: {share(second.slack)} to spare"
        must = (
            Condition(first, f"{usual}, without any retries; {said}", ""),
            Condition(second, f"{retried} ({per_second(value(plain), what)} without retries); {said}", room),
        )
    obligation = partial(
        Obligation,
        id=f"{'rate' if what == 'requests' else 'tokens'}/{dependency.name}",
        claim=f"{dependency.name} is never asked for more {what} per second than it takes",
        at=limit.stated.span,
        code="ST2302" if what == "requests" else "ST2303",
        must=must,
    )
    if untold:
        return obligation(gap=f"{listed(untold)} {'does' if len(untold) == 1 else 'do'} not state tokens")
    return obligation()
