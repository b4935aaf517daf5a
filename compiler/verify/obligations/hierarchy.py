"""Votes in groups: all members have a place, there is time, the outcome can be trusted, and no question comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...model import Consensus
from ...model.order import Groups
from ...semantics.hierarchy import (
    fewest_that_block,
    least_votes,
    off_the_majority,
    top_groups,
    votes_to_count,
    wrong_outcome,
)
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.occupancy import UP
from ..obligation import Condition, Obligation
from ..words import counted, number, seconds, share
from .quorum import ROUNDS

_MOST_MEMBERS, _MOST_SIZE, _MOST_LEVELS = 1_000_000, 1_000, 20
"""Beyond these the exact chances of a group take too long to work out, and no vote is held like that."""


def hierarchies(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for one in analysis.fleet.consensuses:
        if one.groups is not None:
            found += [_seats(one, one.groups), _in_time(one, one.groups)]
            found += _trusted(one, one.groups)
        if one.tie is not None:
            found.append(_tie(analysis, one, one.tie.value))
        if one.remember_seconds is not None:
            found.append(_remembered(one))
    return found


def _seats(one: Consensus, groups: Groups) -> Obligation:
    """Unsatisfiable iff groups of that size in so many levels have no place for all members: size ^ levels < n."""
    members = leaves.members(one)
    # A power beyond any number of members says no more than a million does.
    seats = min(groups.size.value ** min(groups.levels.value, 64), 10**12)
    places = derived(f"places in {one.name}", seats, leaves.groups(one))
    text = (
        f"groups of {number(groups.size.value)} in {counted(groups.levels.value, 'level')} have {number(seats)} places "
        f"for {counted(members.number, 'member')}"
    )
    note = ""
    if members.number <= seats and groups.levels.value <= _MOST_LEVELS:
        few = least_votes(one.members.value, groups.size.value, groups.levels.value, one.majority.value)
        note = f"{number(few)} yes votes of {number(members.number)}, in the right groups, carry it"
    return Obligation(
        id=f"quorum/{one.name}/groups",
        claim=f"every member of {one.name} has a place in a group",
        at=groups.at,
        code="ST6301",
        must=(Condition(Relation(members, Order.AT_MOST, places), text, text),),
        note=note,
    )


def _in_time(one: Consensus, groups: Groups) -> Obligation:
    """Unsatisfiable iff the levels, one after the other, take longer than the time for a decision.

    Each level is a decision of its own, two rounds, and leaders take in the votes of their groups one by one.
    """
    id, claim = f"quorum/{one.name}/levels-time", f"{one.name} decides in time through all its levels"
    if one.within_seconds is None or one.round_seconds is None:
        missing = "by when it decides; write `within …`" if one.within_seconds is None else "a round; write `round …`"
        return Obligation(id, claim, groups.at, "ST6105", must=(), gap=f"{one.name} does not say how long {missing}")
    within = Leaf(f"time of {one.name}", one.within_seconds, f"decides within {seconds(one.within_seconds.value)}")
    single = leaves.assumed(
        f"round of {one.name}", one.round_seconds, f"a round takes {seconds(one.round_seconds.value)}"
    )
    count = leaves.assumed(
        f"counting of {one.name}", groups.count_seconds, f"{seconds(groups.count_seconds.value)} for each vote"
    )
    shape = (one.members.value, groups.size.value, groups.levels.value)
    votes = derived(f"votes to count in {one.name}", votes_to_count(*shape), [leaves.members(one), *leaves.groups(one)])
    _, levels = leaves.groups(one)
    need = levels * (single * ROUNDS) + votes * count
    taken = f"{counted(groups.levels.value, 'level')} of {ROUNDS} rounds and {counted(votes.number, 'vote')} to count"
    text = f"{taken} take {seconds(value(need))}, {one.name} has {seconds(within.number)}"
    return Obligation(
        id, claim, groups.at, "ST6105", must=(Condition(Relation(need, Order.AT_MOST, within), text, text),)
    )


def _trusted(one: Consensus, groups: Groups) -> Iterator[Obligation]:
    """Unsatisfiable iff groups are not drawn at random, and members that are the margin or more off the majority can be
    placed so that the outcome is another one.

    Sufficient: with random groups, the bound on the chance of a wrong outcome (`semantics.hierarchy`) is at most what
    the confidence leaves, for members that are the margin or more off the majority.
    """
    if groups.confidence is None or groups.margin is None:
        return
    members, size, levels = one.members.value, groups.size.value, groups.levels.value
    asked = Leaf(f"confidence of {one.name}", groups.confidence, f"{share(groups.confidence.value)} sure")
    gap, must, proof = "", [], []
    within = members <= _MOST_MEMBERS and size <= _MOST_SIZE and levels <= _MOST_LEVELS
    top = top_groups(members, size, levels) if within and size**levels >= members else 0
    if not within:
        gap = (
            f"chances are worked out for {number(_MOST_MEMBERS)} members in groups of {number(_MOST_SIZE)} and "
            f"{_MOST_LEVELS} levels at most"
        )
    elif top < 1:
        gap = f"{number(members)} members have no place in groups of {number(size)}"
    elif not groups.random:
        must.append(_placed(one, groups, asked))
    elif top * size ** (levels - 1) != members:
        gap = f"{number(members)} members do not divide evenly into groups of {number(size)}"
    else:
        wrong = wrong_outcome(members, size, levels, one.majority.value, groups.margin.value)
        # The bound is a double: it gets a millionth more, and nothing is ever certain.
        right = 1 - max(Fraction(wrong) * UP, Fraction(1, 10**9))
        off = share(groups.margin.value)
        text = (
            f"with members {off} off the majority the outcome is theirs with a chance of at least "
            f"{share(Fraction(int(right * 10_000), 10_000))}"
        )
        need = derived(f"chance of the right outcome of {one.name}", right, ())
        proof.append(Condition(Relation(lift(asked.number), Order.AT_MOST, need), text, text))
    yield Obligation(
        id=f"quorum/{one.name}/confidence",
        claim=f"{one.name} decides as all its members would, {share(asked.number)} sure",
        at=groups.confidence.span,
        code="ST6302",
        must=tuple(must),
        proof=tuple(proof),
        gap=gap,
        remedy="" if gap else "larger groups, or a larger margin, make it surer",
    )


def _placed(one: Consensus, groups: Groups, asked: Leaf) -> Condition:
    """Whoever places the members decides, or nobody can."""
    assert groups.margin is not None
    members, off = one.members.value, groups.margin.value
    shape = (members, groups.size.value, groups.levels.value, one.majority.value)
    few, block = least_votes(*shape), fewest_that_block(*shape)
    too_few, enough = off_the_majority(members, one.majority.value, off)
    basis: list[Expression] = [leaves.members(one), leaves.majority(one), *leaves.groups(one)]
    basis.append(Leaf(f"margin of {one.name}", groups.margin, f"{share(off)} off the majority"))
    right = derived(f"surest outcome of {one.name}", int(few > too_few and block > members - enough), basis)
    carry = f"{number(few)} yes votes of {number(members)} ({share(Fraction(few, members))}) carry it"
    if few > too_few:
        carry = (
            f"{number(block)} silent ones of {number(members)} ({share(Fraction(block, members))}) keep it from that"
        )
    drawn = f"vote in random groups of {groups.size.value}, {groups.levels.value} levels"
    return Condition(
        Relation(asked, Order.AT_MOST, right),
        f"whoever places the members decides: {carry}; write `{drawn}`",
        f"with members {share(off)} off the majority the outcome is theirs, wherever they are",
    )


def _tie(analysis: Analysis, one: Consensus, pool: str) -> Obligation:
    """Unsatisfiable iff the tolerated faults may take every agent of the pool that breaks ties."""
    agents, faults = leaves.agents_min(analysis.pool(pool)), leaves.tolerate(one)
    text = (
        f"{pool} has {counted(agents.number, 'agent')} at least and {counted(faults.number, 'fault')} may be among them"
    )
    gap = "" if one.within_seconds is not None else f"{one.name} does not say when its time is up; write `within …`"
    return Obligation(
        id=f"quorum/{one.name}/tie",
        claim=f"there is somebody left to decide when the time of {one.name} is up",
        at=one.tie.span if one.tie is not None else one.at,
        code="ST6304",
        must=(Condition(Relation(faults, Order.BELOW, agents), text, text),),
        gap=gap,
    )


def _remembered(one: Consensus) -> Obligation:
    """Unsatisfiable iff a decision is forgotten before all votes on it are in: a late one would start another."""
    assert one.remember_seconds is not None
    kept = Leaf(f"memory of {one.name}", one.remember_seconds, f"remembers for {seconds(one.remember_seconds.value)}")
    id, claim = f"quorum/{one.name}/remember", f"{one.name} does not decide a question twice"
    if one.within_seconds is None:
        gap = f"{one.name} does not say when it has decided; write `within …`"
        return Obligation(id, claim, one.remember_seconds.span, "ST6303", must=(), gap=gap)
    within = Leaf(f"time of {one.name}", one.within_seconds, f"decides within {seconds(one.within_seconds.value)}")
    text = f"a decision may take {seconds(within.number)} and is remembered for {seconds(kept.number)}"
    condition = Condition(Relation(within, Order.AT_MOST, kept), text, text)
    return Obligation(id, claim, one.remember_seconds.span, "ST6303", must=(condition,))
