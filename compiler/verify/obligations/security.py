"""Who may reach whom: agents that have to talk may, and no call is allowed that nobody needs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from ...model import CallerKind, Fleet
from ..exact.expression import Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..obligation import Condition, Obligation
from ..words import counted, listed, per_second
from .losses import without_pool


def security(analysis: Analysis) -> list[Obligation]:
    secure = analysis.fleet.security
    found: list[Obligation] = []
    if secure is not None and secure.only_declared is not None:
        found.append(_may_talk(analysis.fleet))
    if secure is not None and secure.least_privilege is not None and not analysis.circle:
        found.append(_is_needed(analysis))
    return found


def must_talk(fleet: Fleet) -> Iterator[tuple[str, str, str]]:
    """(one pool, another, why): pairs that some clause lets talk, in either direction."""
    for deal in fleet.negotiations:
        yield deal.buyers, deal.sellers, f"negotiation {deal.name}"
        if deal.mediator is not None:
            yield deal.buyers, deal.mediator, f"negotiation {deal.name}"
            yield deal.sellers, deal.mediator, f"negotiation {deal.name}"
    for vote in fleet.consensuses:
        if vote.tie is not None:
            yield vote.pool.value, vote.tie.value, f"consensus {vote.name}"
    for loss in fleet.takeovers:
        lost, heir = loss.lost.value, loss.heir.value
        for call in fleet.calls:
            if call.callee == lost and call.caller_kind is CallerKind.POOL and call.caller != heir:
                yield call.caller, heir, f"{heir} takes over for {lost}"
    for one in fleet.organisations:
        named = [tier.pool for tier in one.tiers if tier.pool]
        for above, below in pairwise(named):
            yield above, below, f"organisation {one.name}"


def enter_after_a_loss(fleet: Fleet) -> dict[tuple[str, str], str]:
    """(demand, pool) and why: what enters a pool that may be lost has to be let in by the one that takes over. No
    `call` can say so, and a demand is served by one pool."""
    entering = {(call.caller, call.callee) for call in fleet.calls if call.caller_kind is CallerKind.DEMAND}
    return {
        (demand, loss.heir.value): f"{loss.heir.value} takes over for {loss.lost.value}"
        for loss in fleet.takeovers
        for demand, pool in sorted(entering)
        if pool == loss.lost.value
    }


def talk_within(fleet: Fleet) -> dict[str, str]:
    """Pools whose own agents talk with one another, and why: no `call` can say so of one pool."""
    found: dict[str, str] = {}
    for vote in fleet.consensuses:
        found.setdefault(vote.pool.value, f"consensus {vote.name}")
    for one in fleet.organisations:
        for tier in one.tiers:
            if tier.pool:
                found.setdefault(tier.pool, f"organisation {one.name}")
    for deal in fleet.negotiations:
        ends = [deal.buyers, deal.sellers, deal.mediator]
        for name in ends:
            if name is not None and ends.count(name) > 1:
                found.setdefault(name, f"negotiation {deal.name}")
    for pool in fleet.pools:
        if pool.pattern is not None:
            found.setdefault(pool.name, f"pattern {pool.pattern.kind.value}")
    return found


def _may_talk(fleet: Fleet) -> Obligation:
    """Unsatisfiable iff two pools have to talk, and no call between them is declared: then it would be refused.

    The agents of one pool that have to talk are let through (`SecurityPlan.within`), and so is what enters a pool that
    may be lost by the one that takes over (`SecurityPlan.entering`).
    """
    assert fleet.security is not None and fleet.security.only_declared is not None
    open_ = {frozenset((call.caller, call.callee)) for call in fleet.calls}
    shut: list[str] = []
    for one, other, why in must_talk(fleet):
        if one != other and frozenset((one, other)) not in open_:
            shut.append(f"{one} and {other} ({why})")
    shut = list(dict.fromkeys(shut))
    calls = counted(len(fleet.calls), "edge")
    text = f"only declared calls are let through, and none is declared between {listed(shut)}"
    room = f"{calls} of the call graph {'is' if len(fleet.calls) == 1 else 'are'} open"
    if within := talk_within(fleet):
        room += f", and {listed([f'{pool} to itself ({why})' for pool, why in within.items()])}"
    if entering := enter_after_a_loss(fleet):
        room += f", and {listed([f'{pool} to {demand} ({why})' for (demand, pool), why in entering.items()])}"
    missing = derived("pairs that have to talk and may not", len(shut), ())
    return Obligation(
        id="secure/calls",
        claim="whoever has to talk may talk, and nothing else",
        at=fleet.security.only_declared,
        code="ST6340",
        must=(Condition(Relation(missing, Order.AT_MOST, lift(0)), text, room),),
    )


def _is_needed(analysis: Analysis) -> Obligation:
    """Unsatisfiable iff a declared call is never made: not at the peak, nor with empty caches, nor by a pool that takes
    over; and nobody has to talk that way for another reason (`must_talk`). Then its permission is one too many."""
    fleet = analysis.fleet
    moved = [Analysis(without_pool(fleet, one.lost.value, one.heir.value)) for one in fleet.takeovers]
    assert fleet.security is not None and fleet.security.least_privilege is not None
    talk = {frozenset((one, other)) for one, other, _ in must_talk(fleet)}
    conditions = []
    for call in fleet.calls:
        if call.caller_kind is CallerKind.DEMAND or {call.caller, call.callee} in talk:
            continue
        often = leaves.most_per_request(call)
        comes, when = value(analysis.rate(Level.PEAK, call.caller)), ""
        if not comes:
            comes, when = max((_comes_after(one, call.caller) for one in moved), default=comes), " after a takeover"
        rate = comes * often.number
        made = derived(f"calls {call.name} at the peak{when}", rate, [often])
        text = f"{call.name} is allowed and never made: no demand comes that way"
        room = f"{call.name} is made {per_second(rate)} at the peak{when}"
        conditions.append(Condition(Relation(lift(0), Order.BELOW, made), text, room))
    calls = counted(len(conditions), "call")
    return Obligation(
        id="secure/privilege",
        claim="no call is allowed that nobody needs",
        at=fleet.security.least_privilege,
        code="ST6341",
        must=tuple(conditions),
        note=f"{calls} between pools and dependencies, all made; agents get no rights in the cluster",
    )


def _comes_after(moved: Analysis, pool: str) -> Fraction:
    """Requests a second at the peak once another pool has taken over; to the lost one none."""
    there = not moved.circle and any(one.name == pool for one in moved.fleet.pools)
    return value(moved.rate(Level.PEAK, pool)) if there else Fraction(0)
