"""Agents that are divided by skill: each skill has somebody, and enough for its share of the requests."""

from __future__ import annotations

import math
from fractions import Fraction

from ...model import Pool, Skill
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.waves import LEVELLED, sure_rate
from ..obligation import Condition, Obligation
from ..words import counted, number, per_second, share


def skills(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    return [
        _covered(analysis, pool, skill)
        for pool in analysis.fleet.pools
        for skill in pool.skills
        if analysis.wants(f"skill/{pool.name}/{skill.name}")
    ]


def _covered(analysis: Analysis, pool: Pool, skill: Skill) -> Obligation:
    """Unsatisfiable iff at the least agents nobody has the skill, or at the most those who have it have as many of its
    requests in hand as slots.

    Sufficient: as many have it of those that the autoscaler leaves alone at any level, which looks at all agents alike.
    Where a queue levels the peak, what is needed is the mean from peak to peak; sufficient: the peak.

    Agents are divided as the requests are, each skill's part rounded down, an agent having one skill. Limit: no waits
    of the callees.
    """
    low, high, slots = leaves.agents_min(pool), leaves.agents_max(pool), leaves.concurrency(pool)
    part = _part(pool, skill)
    wanted = value(part)
    fewest, most = (math.floor(end.number * wanted) for end in (low, high))
    few = derived(f"fewest agents of {pool.name} for {skill.name}", fewest, [low, part])
    many = derived(f"most agents of {pool.name} for {skill.name}", most, [high, part])
    rate = analysis.rate(Level.PEAK, pool.name)
    held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    nobody = f"of {counted(low.number, 'agent')} of {pool.name} a share of {share(wanted)} is nobody for {skill.name}"
    peak = f"{per_second(value(rate) * wanted, 'requests')} for {skill.name} at the peak"
    room = f"{counted(most, 'agent')} of {pool.name} with {number(slots.number)} slots each get {peak}"
    must, proof = [Condition(Relation(lift(1), Order.AT_MOST, few), nobody, "")], list[Condition]()
    if value(rate) > 0 and value(held) > 0:
        relation = Relation(rate * part * held, Order.BELOW, many * slots)
        sure, when = sure_rate(analysis, pool.name)
        mean = Relation(sure * part * held, Order.BELOW, many * slots)
        levelled = Condition(mean, f"{room}, which is too many, {when} too", "")
        must.append(Condition(relation, f"{room}, which is too many", room) if value(sure) == value(rate) else levelled)
        proof.append(Condition(relation, f"{room}, which is too many; {LEVELLED}", room))
    state, worst = (analysis.occupancy(level).of(pool) for level in (Level.PEAK, Level.BETWEEN))
    gap, remedy = state if isinstance(state, str) and value(rate) > 0 else "", ""
    if not gap and not isinstance(state, str) and most:
        busy = state.rate * Fraction(state.held.mean) * wanted if state.held.mean != float("inf") else None
        if busy is None or busy >= most * slots.number:
            gap = f"the calls of {pool.name} wait at the peak, and those with {skill.name} may then be too few"
    if not gap and pool.scaling is not None and value(rate) > 0 and not isinstance(worst, str):
        gap = worst.unrest
        if not gap and worst.wait.endless:
            gap = (
                f"the autoscaler of {pool.name} goes by all its agents, and leaves alone so few of them that some "
                "skill has no more slots than requests in hand, though others have some free"
            )
            remedy = f"a lower target, or a higher minimum of {pool.name}, would decide it"
    return Obligation(
        id=f"skill/{pool.name}/{skill.name}",
        claim=f"{pool.name} always has somebody for {skill.name}, and enough of them at the peak",
        at=skill.share.span,
        code="ST2605",
        must=tuple(must),
        proof=tuple(proof),
        gap=gap,
        remedy=remedy,
    )


def _part(pool: Pool, skill: Skill) -> Expression:
    """The skill's share as it is written; what is left is divided evenly among those that state none."""
    shares = [_share(pool, one) for one in pool.skills if one.share.written]
    if skill.share.written:
        return _share(pool, skill)
    return (lift(1) - total(shares)) / (len(pool.skills) - len(shares))


def _share(pool: Pool, skill: Skill) -> Leaf:
    said = f"{share(skill.share.value)} of the requests are {skill.name}"
    return Leaf(f"share of {skill.name} at {pool.name}", skill.share, said, positive=True)
