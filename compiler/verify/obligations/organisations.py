"""Tiers, patterns and negotiations: spans, sizes and times that fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ...model.order import Negotiation, Organisation, Pattern, PatternKind
from ..exact.expression import Expression, Leaf, Order, Relation, ceiling, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, number, seconds

SUITS = {PatternKind.DIRECT: 10, PatternKind.HUB: 50, PatternKind.TREE: 500, PatternKind.MESH: 5_000}
"""Agents up to which a pattern suits: links of a direct pattern grow with the square, a hub sees every message."""


def organisations(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for one in analysis.fleet.organisations:
        found += _of(analysis, one)
    for pool in analysis.fleet.pools:
        if pool.pattern is not None:
            found.append(_suits(pool.pattern, f"pattern/{pool.name}", pool.name, leaves.agents_max(pool)))
    found += [_ends(one) for one in analysis.fleet.negotiations]
    return found


@dataclass(frozen=True, slots=True)
class _Sized:
    """A tier with its size in all and the most that report to one of the tier above."""

    name: str
    pool: str
    size: Expression
    span: Expression | None


def _sized(one: Organisation) -> list[_Sized]:
    found: list[_Sized] = []
    for tier in one.tiers:
        said = f"{number(tier.count.value)} {tier.name}{' each' if tier.each else ''}"
        count = Leaf(f"{tier.name} of {one.name}", tier.count, said, positive=True)
        above = found[-1].size if found else lift(1)
        size: Expression = above * count if tier.each else count
        span: Expression | None = None
        if found:
            span = count if tier.each else ceiling(count / above)
        found.append(_Sized(tier.name, tier.pool, size, span))
    return found


def tier_sizes(one: Organisation) -> list[int]:
    return [int(value(tier.size)) for tier in _sized(one)]


def _of(analysis: Analysis, one: Organisation) -> Iterator[Obligation]:
    tiers = _sized(one)
    shape = ", ".join(f"{number(value(tier.size))} {tier.name}" for tier in tiers)
    if one.span is not None:
        yield _span(one, tiers)
    if any(tier.pool for tier in tiers):
        yield _staffed(analysis, one, tiers, shape)
    yield from _times(one, tiers)
    if one.pattern is not None:
        size = total(tier.size for tier in tiers)
        yield _suits(one.pattern, f"organisation/{one.name}/pattern", one.name, size)


def _span(one: Organisation, tiers: list[_Sized]) -> Obligation:
    """Unsatisfiable iff somewhere more report to one than the span of control allows."""
    assert one.span is not None
    most = Leaf(f"span of {one.name}", one.span, f"at most {number(one.span.value)} report to one")
    conditions = []
    for above, tier in pairwise(tiers):
        if tier.span is not None:
            text = f"{number(value(tier.span))} {tier.name} report to one of {above.name}, {number(most.number)} may"
            conditions.append(Condition(Relation(tier.span, Order.AT_MOST, most), text, text))
    return Obligation(
        id=f"organisation/{one.name}/span",
        claim=f"nobody in {one.name} has more than {number(most.number)} reporting to it",
        at=one.span.span,
        code="ST6310",
        must=tuple(conditions),
        gap="" if conditions else f"{one.name} has one tier",
    )


def _staffed(analysis: Analysis, one: Organisation, tiers: list[_Sized], shape: str) -> Obligation:
    """Unsatisfiable iff a pool may have fewer agents than the tiers that are made of it."""
    conditions = []
    for pool in sorted({tier.pool for tier in tiers if tier.pool}):
        need = total(tier.size for tier in tiers if tier.pool == pool)
        agents = leaves.agents_min(analysis.pool(pool))
        names = " and ".join(tier.name for tier in tiers if tier.pool == pool)
        text = f"{names} of {one.name} are {number(value(need))}, {pool} may have {counted(agents.number, 'agent')}"
        conditions.append(Condition(Relation(need, Order.AT_MOST, agents), text, text))
    return Obligation(
        id=f"organisation/{one.name}/staff",
        claim=f"there are agents for every place in {one.name}",
        at=one.at,
        code="ST6311",
        must=tuple(conditions),
        note=shape,
    )


def _times(one: Organisation, tiers: list[_Sized]) -> Iterator[Obligation]:
    """Unsatisfiable iff the hops from the bottom to the top, one after the other, take longer than is allowed."""
    hops = len(tiers) - 1
    if one.decide_seconds is not None:
        limit = Leaf(f"time of {one.name} to decide", one.decide_seconds, f"within {seconds(one.decide_seconds.value)}")
        parts: list[Expression] = []
        told = []
        if one.reassign_seconds is not None:
            first = Leaf(f"reassignment in {one.name}", one.reassign_seconds, seconds(one.reassign_seconds.value))
            parts.append(first)
            told.append(f"{seconds(first.number)} to reassign")
        if one.escalate_seconds is not None:
            hop = Leaf(f"escalation in {one.name}", one.escalate_seconds, seconds(one.escalate_seconds.value))
            parts.append(hop * hops)
            told.append(f"{counted(hops, 'escalation')} of {seconds(hop.number)}")
        need = total(parts)
        text = f"{' and '.join(told)} take {seconds(value(need))}, the limit is {seconds(limit.number)}"
        gap = "" if parts else f"how long {one.name} takes is not stated; write `on failure reassign within …`"
        yield Obligation(
            id=f"organisation/{one.name}/decide",
            claim=f"a failure at the bottom of {one.name} is dealt with within {seconds(limit.number)}",
            at=one.decide_seconds.span,
            code="ST6312",
            must=(Condition(Relation(need, Order.AT_MOST, limit), text, text),) if parts else (),
            gap=gap,
        )
    if one.results_seconds is not None:
        limit = Leaf(
            f"time of {one.name} for results", one.results_seconds, f"within {seconds(one.results_seconds.value)}"
        )
        id, claim = f"organisation/{one.name}/results", f"results of {one.name} are at the top in time"
        if one.hop_seconds is None:
            gap = "how long a level takes to add results up is not stated; write `results within …, … per level`"
            yield Obligation(id, claim, one.results_seconds.span, "ST6312", must=(), gap=gap)
            return
        each = leaves.assumed(f"hop of {one.name}", one.hop_seconds, f"{seconds(one.hop_seconds.value)} a level")
        need = each * hops
        taken = f"{counted(hops, 'level')} of {seconds(each.number)}"
        text = f"{taken} take {seconds(value(need))} of {seconds(limit.number)}"
        condition = Condition(Relation(need, Order.AT_MOST, limit), text, text)
        yield Obligation(id, claim, one.results_seconds.span, "ST6312", must=(condition,))


def _suits(pattern: Pattern, id: str, name: str, size: Expression) -> Obligation:
    """Unsatisfiable iff there may be more agents than the pattern suits (`SUITS`, unless the spec says otherwise)."""
    said = f"{pattern.kind} up to {number(pattern.most.value)}"
    most = Leaf(f"size for {pattern.kind} of {name}", pattern.most, said)
    agents = value(size)
    better = [str(kind) for kind, limit in SUITS.items() if agents <= limit]
    advice = f"; {better[0]} suits up to {number(SUITS[PatternKind(better[0])])}" if better else "; split it"
    text = f"{name} may have {counted(agents, 'agent')}, {pattern.kind} suits up to {number(most.number)}"
    return Obligation(
        id=id,
        claim=f"the agents of {name} are few enough to talk by {pattern.kind}",
        at=pattern.at,
        code="ST6313",
        must=(Condition(Relation(size, Order.AT_MOST, most), text + advice, text),),
    )


def _ends(one: Negotiation) -> Obligation:
    """Unsatisfiable iff all rounds and the mediator together take longer than a negotiation may.

    Without a mediator nothing decides a deadlock: unknown.
    """
    rounds = Leaf(f"rounds of {one.name}", one.rounds, counted(one.rounds.value, "round"), positive=True)
    each = Leaf(f"round of {one.name}", one.round_seconds, f"{seconds(one.round_seconds.value)} each")
    limit = Leaf(f"limit of {one.name}", one.limit_seconds, f"at most {seconds(one.limit_seconds.value)}")
    need: Expression = rounds * each
    told = f"{counted(rounds.number, 'round')} of {seconds(each.number)}"
    if one.mediator_seconds is not None:
        need = need + Leaf(
            f"mediation of {one.name}", one.mediator_seconds, f"{seconds(one.mediator_seconds.value)} to mediate"
        )
        told += f" and {seconds(one.mediator_seconds.value)} for {one.mediator}"
    text = f"{told} take {seconds(value(need))}, {one.name} has {seconds(limit.number)}"
    gap = "" if one.mediator is not None else "after the last round nobody decides; write `mediator POOL within …`"
    return Obligation(
        id=f"negotiation/{one.name}",
        claim=f"{one.name} ends in a decision in time, whatever the two sides do",
        at=one.at,
        code="ST6314",
        must=(Condition(Relation(need, Order.AT_MOST, limit), text, text),),
        gap=gap,
    )
