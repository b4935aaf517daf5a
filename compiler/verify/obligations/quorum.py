"""Votes: a quorum is left after faults and in a drain, two quorums meet, and two rounds end in time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...model import Consensus, FaultKind
from ...semantics.hierarchy import least_shared
from ...semantics.quorum import intersection, quorum_size
from ..exact.expression import Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import are, counted, number, seconds
from .disruption import allowed, may_be_gone
from .lost_members import lost_members
from .votes import Votes, groups_of, rests_on, votes_of

ROUNDS = 2
"""Message exchanges of one decision: propose and accept (Lamport, "Paxos Made Simple", 2001, phases 1 and 2)."""


def quorums(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for one in analysis.fleet.consensuses:
        votes = votes_of(one)
        found += [_survives(one, votes), _intersects(one), _seated(analysis, one)]
        found += lost_members(analysis, one, votes)
        found += _while_drained(analysis, one, votes)
        found += _in_time(one)
    return found


def _survives(one: Consensus, votes: Votes) -> Obligation:
    """Unsatisfiable iff the members that are left after the tolerated faults, whichever they are, are fewer than those
    needed. A Byzantine member may also keep silent.
    """
    members, faults = leaves.members(one), leaves.tolerate(one)
    after = f"after {counted(faults.number, 'fault')} {are(members.number - faults.number)} left"
    obligation = partial(
        Obligation,
        id=f"quorum/{one.name}/survives",
        claim=f"{one.name} can decide with {counted(faults.number, f'{one.fault} member')}",
        at=one.at,
        code="ST6101",
    )
    return votes.left(members - faults, after, obligation)


def _intersects(one: Consensus) -> Obligation:
    """Unsatisfiable iff two decisions may share no honest member: none, or no more than f with f Byzantine members.

    Of q votes out of n they share 2q - n; in groups as many groups of each level, and members of these. Source: Malkhi
    & Reiter, "Byzantine Quorum Systems" (1998); `semantics.quorum.intersection`, `semantics.hierarchy.least_shared`.
    """
    members, faults = leaves.members(one), leaves.tolerate(one)
    liars = one.fault is FaultKind.BYZANTINE
    wanted = lift(1) + faults if liars else lift(1)
    if one.groups is None:
        votes = quorum_size(one.members.value, one.majority.value)
        twice = derived(f"votes that {one.name} needs", votes, rests_on(one)) * 2
        shared = intersection(one.members.value, votes)
        relation = Relation(members + wanted, Order.AT_MOST, twice)
        two = f"two quorums of {number(votes)} among {number(members.number)} members"
    else:
        shape = (one.members.value, one.groups.size.value, one.groups.levels.value, one.majority.value)
        shared = least_shared(*shape)
        least = derived(f"members that two decisions of {one.name} share", shared, rests_on(one))
        relation = Relation(wanted, Order.AT_MOST, least)
        two = f"two decisions of {number(members.number)} members in {groups_of(one)}"
    why = f"{are(value(wanted))} needed" + (f" with {number(faults.number)} that may lie" if liars else "")
    text = f"{two} share at least {number(shared)}; {why}"
    met = (Condition(relation, text, text),)
    placed = one.groups is not None and one.groups.random and shared > 0
    return Obligation(
        id=f"quorum/{one.name}/intersects",
        claim=f"two decisions of {one.name} cannot contradict each other",
        at=one.at,
        code="ST6102",
        must=() if placed else met,
        proof=met,
        remedy="larger groups stand more liars" if placed else "",
    )


def _seated(analysis: Analysis, one: Consensus) -> Obligation:
    """Unsatisfiable iff the pool may shrink below the members that the vote counts."""
    members, low = leaves.members(one), leaves.agents_min(analysis.pool(one.pool.value))
    text = (
        f"{one.name} counts {counted(members.number, 'member')}, but {one.pool.value} may shrink to "
        f"{counted(low.number, 'agent')}"
    )
    room = f"{counted(members.number, 'member')} among at least {counted(low.number, 'agent')} of {one.pool.value}"
    return Obligation(
        id=f"quorum/{one.name}/members",
        claim=f"{one.pool.value} always has the members of {one.name}",
        at=one.at,
        code="ST6103",
        must=(Condition(Relation(members, Order.AT_MOST, low), text, room),),
    )


def _while_drained(analysis: Analysis, one: Consensus, votes: Votes) -> Iterator[Obligation]:
    """Unsatisfiable iff the agents that a disruption budget keeps are fewer than the votes needed.

    Drained nodes take agents away until only so many are left, whatever the size of the pool. Source: Kubernetes,
    "Specifying a Disruption Budget"; etcd, "FAQ" (a cluster of three that loses two has no quorum). Limits: where a
    pool has more agents than members, one that stays takes the seat of one that leaves; faults are not added, for an
    agent that is not healthy uses the allowance up.
    """
    pool = analysis.pool(one.pool.value)
    if pool.disruption is None:
        return
    kept, _ = allowed(pool.agents_min.value, pool.disruption)
    basis = [may_be_gone(pool, pool.disruption), leaves.agents_min(pool)]
    stay = derived(f"agents of {pool.name} that stay in a drain", kept, basis)
    fewest = counted(pool.agents_min.value, "agent")
    after = f"while nodes are drained {number(kept)} of as few as {fewest} must stay"
    obligation = partial(
        Obligation,
        id=f"quorum/{one.name}/disruption",
        claim=f"{one.name} can decide while nodes are drained",
        at=pool.disruption.at,
        code="ST6106",
    )
    yield votes.left(stay, after, obligation)


def _in_time(one: Consensus) -> Iterator[Obligation]:
    """Unsatisfiable iff two rounds take longer than the time for a decision.

    Limit: no contention and no lost message; each further proposal costs two more rounds.
    """
    if one.within_seconds is None:
        return
    within = Leaf(f"time of {one.name}", one.within_seconds, f"decides within {seconds(one.within_seconds.value)}")
    if one.round_seconds is None:
        yield Obligation(
            id=f"quorum/{one.name}/time",
            claim=f"{one.name} decides within {seconds(within.number)}",
            at=one.within_seconds.span,
            code="ST6105",
            must=(),
            gap=f"how long a round of {one.name} takes is not stated; write `round …`",
        )
        return
    single = leaves.assumed(
        f"round of {one.name}", one.round_seconds, f"a round takes {seconds(one.round_seconds.value)}"
    )
    need = single * ROUNDS
    takes = f"{ROUNDS} rounds of {seconds(single.number)} take {seconds(value(need))}"
    text = f"{takes}, {one.name} has {seconds(within.number)}"
    yield Obligation(
        id=f"quorum/{one.name}/time",
        claim=f"{one.name} decides within {seconds(within.number)}",
        at=one.within_seconds.span,
        code="ST6105",
        must=(Condition(Relation(need, Order.AT_MOST, within), text, text),),
    )
