"""Votes: a quorum is left after faults, a lost zone and in a drain, two quorums meet, and two rounds end in time."""

from __future__ import annotations

from collections.abc import Iterator

from ...model import Consensus, FaultKind, Loss, Nodes
from ...semantics.quorum import intersection, largest_group_in_one_zone, quorum_size
from ...semantics.spreading import nodes_by_zone
from ..exact.expression import Derived, Leaf, Order, Relation, derived, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.placement import usable
from ..obligation import Condition, Obligation
from ..words import are, counted, number, seconds
from .disruption import allowed, may_be_gone

ROUNDS = 2
"""Message exchanges of one decision: propose and accept (Lamport, "Paxos Made Simple", 2001, phases 1 and 2)."""


def quorums(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for one in analysis.fleet.consensuses:
        votes = derived(
            f"votes that {one.name} needs",
            quorum_size(one.members.value, one.majority.value),
            [leaves.members(one), leaves.majority(one)],
        )
        found += [_survives(one, votes), _intersects(one, votes), _seated(analysis, one)]
        found += _after_zones(analysis, one, votes)
        found += _while_drained(analysis, one, votes)
        found += _in_time(one)
    return found


def _survives(one: Consensus, votes: Derived) -> Obligation:
    """Unsatisfiable iff the members that are left after the tolerated faults are fewer than the votes needed.

    Source: Gifford (SOSP 1979); `semantics.quorum`. A Byzantine member may also keep silent.
    """
    members, faults = leaves.members(one), leaves.tolerate(one)
    left = members.number - faults.number
    needs = f"{one.name} needs {counted(votes.number, 'vote')} of {number(members.number)} members"
    text = f"{needs}; after {counted(faults.number, 'fault')} {are(left)} left, so no decision can be made"
    room = f"{needs}; after {counted(faults.number, 'fault')} {are(left)} left"
    return Obligation(
        id=f"quorum/{one.name}/survives",
        claim=f"{one.name} can decide with {counted(faults.number, f'{one.fault} member')}",
        at=one.at,
        code="ST6101",
        must=(Condition(Relation(votes + faults, Order.AT_MOST, members), text, room),),
    )


def _intersects(one: Consensus, votes: Derived) -> Obligation:
    """Unsatisfiable iff two quorums may share no honest member: 2q - n < 1, or < f + 1 with f Byzantine members.

    Source: Malkhi & Reiter, "Byzantine Quorum Systems" (1998); `semantics.quorum.intersection`.
    """
    members, faults = leaves.members(one), leaves.tolerate(one)
    shared = intersection(int(members.number), int(votes.number))
    byzantine = one.fault is FaultKind.BYZANTINE
    wanted = faults.number + 1 if byzantine else 1
    need = members + 1 + faults if byzantine else members + 1
    two = (
        f"two quorums of {number(votes.number)} among {number(members.number)} members share at least {number(shared)}"
    )
    why = f"{are(wanted)} needed" + (f" with {number(faults.number)} that may lie" if byzantine else "")
    return Obligation(
        id=f"quorum/{one.name}/intersects",
        claim=f"two decisions of {one.name} cannot contradict each other",
        at=one.at,
        code="ST6102",
        must=(Condition(Relation(need, Order.AT_MOST, votes * 2), f"{two}; {why}", f"{two}; {why}"),),
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


def _after_zones(analysis: Analysis, one: Consensus, votes: Derived) -> Iterator[Obligation]:
    """Unsatisfiable iff the members outside the fullest zones are fewer than the votes needed.

    Members are spread as evenly as can be over the zones in which the pool's nodes are, at their minimum: the fewest
    zones where classes differ, and no more than there are nodes.
    The tolerated faults are not added: one kind of loss at a time.
    """
    fleet = analysis.fleet
    classes = usable(fleet.pool(one.pool.value), fleet.nodes)
    for survive in fleet.survive:
        if survive.what is not Loss.ZONE or not classes:
            continue
        nodes = min(classes, key=lambda each: (_zones(each), each.name))
        members, zones, lost = one.members.value, _zones(nodes), survive.count.value
        # The fullest first, then the fullest of the rest: zones that go take the larger groups.
        left, rest_zones = members, zones
        for _ in range(min(lost, zones)):
            left -= largest_group_in_one_zone(left, rest_zones)
            rest_zones -= 1
        gone = Leaf(f"losses of a {survive.what} to survive", survive.count, f"{counted(lost, 'zone')} may go")
        basis = [leaves.members(one), leaves.node_zones(nodes), gone]
        basis += [leaves.node_count_min(nodes)] if zones < nodes.zones.value else []
        stay = derived(f"members of {one.name} left after the loss", left, basis)
        where = f"{counted(members, 'member')} of {one.name} over {counted(zones, 'zone')}"
        if zones < nodes.zones.value:
            where += f", as {counted(nodes.count_min.value, 'node')} of {nodes.name} lie in no more"
        after = f"after the loss of {counted(lost, 'zone')} {are(left)} left"
        text = f"{where}: {after}, {number(votes.number)} must agree"
        yield Obligation(
            id=f"quorum/{one.name}/zone-loss",
            claim=f"{one.name} can decide after the loss of {counted(lost, 'zone')}",
            at=survive.at,
            code="ST6104",
            must=(Condition(Relation(votes, Order.AT_MOST, stay), text, text),),
        )


def _zones(nodes: Nodes) -> int:
    """In which it has a node when it has the fewest."""
    return max(1, len(nodes_by_zone(nodes.count_min.value, nodes.zones.value)))


def _while_drained(analysis: Analysis, one: Consensus, votes: Derived) -> Iterator[Obligation]:
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
    needs = f"{one.name} needs {counted(votes.number, 'vote')}"
    fewest = counted(pool.agents_min.value, "agent")
    text = f"{needs}; while nodes are drained {number(kept)} of as few as {fewest} must stay"
    yield Obligation(
        id=f"quorum/{one.name}/disruption",
        claim=f"{one.name} can decide while nodes are drained",
        at=pool.disruption.at,
        code="ST6106",
        must=(Condition(Relation(votes, Order.AT_MOST, stay), f"{text}, so no decision can be made", text),),
    )


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
