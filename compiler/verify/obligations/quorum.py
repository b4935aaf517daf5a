"""Votes: a quorum is left after faults, a lost zone and in a drain, two quorums meet, and two rounds end in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from ...model import Consensus, FaultKind, Fleet, Loss, Nodes, Pool
from ...semantics.hierarchy import fewest_that_block, least_shared, least_votes
from ...semantics.quorum import intersection, quorum_size
from ...semantics.spreading import among, evenly, unevenly
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.packing import fewest_nodes, per_node
from ..flows.placement import too_small, usable, zones_at_least, zones_together
from ..obligation import Condition, Obligation
from ..words import are, counted, number, seconds
from .disruption import allowed, may_be_gone

ROUNDS = 2
"""Message exchanges of one decision: propose and accept (Lamport, "Paxos Made Simple", 2001, phases 1 and 2)."""


@dataclass(frozen=True, slots=True)
class Votes:
    """What a vote needs of its members: `some` of them in the right groups, so many of `any`.

    The same without groups. In groups that are drawn at random nobody can place who fails, so what only some draws
    come to is not refuted.
    """

    any: Derived
    some: Derived
    told: str

    def left(self, stay: Expression, after: str, obligation: partial[Obligation]) -> Obligation:
        """Whether so many members that are left can decide."""
        room = f"{self.told}; {after}"
        sure, can = (Relation(needed, Order.AT_MOST, stay) for needed in (self.any, self.some))
        never = Condition(can, f"{room}, so no decision can be made", room)
        if self.any is self.some:
            return obligation(must=(never,))
        drawn = Condition(sure, f"{room}, and which groups these are in is drawn", room)
        return obligation(must=(never,), proof=(drawn,), remedy="larger groups stand more faults")


def quorums(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for one in analysis.fleet.consensuses:
        votes = votes_of(one)
        found += [_survives(one, votes), _intersects(one), _seated(analysis, one)]
        found += _after_zones(analysis, one, votes)
        found += _while_drained(analysis, one, votes)
        found += _in_time(one)
    return found


def votes_of(one: Consensus) -> Votes:
    """Source: Gifford (SOSP 1979); `semantics.quorum`, and in groups `semantics.hierarchy`."""
    members, share, basis = one.members.value, one.majority.value, _basis(one)
    if one.groups is None:
        needed = derived(f"votes that {one.name} needs", quorum_size(members, share), basis)
        told = f"{one.name} needs {counted(needed.number, 'vote')} of {counted(members, 'member')}"
        return Votes(needed, needed, told)
    shape = (members, one.groups.size.value, one.groups.levels.value, share)
    enough = members - fewest_that_block(*shape) + 1
    sure = derived(f"members that {one.name} needs, whichever they are", enough, basis)
    told = f"{one.name}, in {_groups(one)}, needs {number(enough)} of {counted(members, 'member')}, whoever fails"
    if not one.groups.random:
        return Votes(sure, sure, told)
    return Votes(sure, derived(f"votes that {one.name} needs", least_votes(*shape), basis), told)


def _basis(one: Consensus) -> list[Expression]:
    return [leaves.members(one), leaves.majority(one), *leaves.groups(one)]


def _groups(one: Consensus) -> str:
    assert one.groups is not None
    return f"groups of {number(one.groups.size.value)} in {counted(one.groups.levels.value, 'level')}"


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
        twice = derived(f"votes that {one.name} needs", votes, _basis(one)) * 2
        shared = intersection(one.members.value, votes)
        relation = Relation(members + wanted, Order.AT_MOST, twice)
        two = f"two quorums of {number(votes)} among {number(members.number)} members"
    else:
        shape = (one.members.value, one.groups.size.value, one.groups.levels.value, one.majority.value)
        shared = least_shared(*shape)
        least = derived(f"members that two decisions of {one.name} share", shared, _basis(one))
        relation = Relation(wanted, Order.AT_MOST, least)
        two = f"two decisions of {number(members.number)} members in {_groups(one)}"
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


def _after_zones(analysis: Analysis, one: Consensus, votes: Votes) -> Iterator[Obligation]:
    """Unsatisfiable iff the members outside the fullest zones are fewer than the votes needed.

    Members are spread as evenly as can be over the zones in which the pool's nodes are, of as few nodes as hold the
    agents that there always are: no more than there are nodes. Where it may use several classes, over as many zones as
    these may lie in together; enough is that it does over those of the widest class that has room for an agent, for the
    others' zones may be among them.
    Sufficient: as evenly as the agents let them, which lie as unevenly as they may once the autoscaler has sent all but
    the fewest away (`semantics.spreading`). The tolerated faults are not added: one kind of loss at a time. Limit:
    which agents are members is for the agents to say; nothing that is compiled spreads them.
    """
    fleet, pool = analysis.fleet, analysis.pool(one.pool.value)
    classes = usable(pool, fleet.nodes)
    classes = [each for each in classes if per_node(each, pool) != 0] or classes
    for survive in fleet.survive:
        if survive.what is not Loss.ZONE or not classes:
            continue
        fewest = {each.name: fewest_nodes(fleet, each) for each in classes}
        nodes = max(classes, key=lambda each: (zones_at_least(each, fewest[each.name]), each.name))
        zones = zones_at_least(nodes, fewest[nodes.name])
        members, lost, most = one.members.value, survive.count.value, zones_together(classes, fewest)
        if len(classes) > 1 and too_small(fleet, {each.name: each.agents_min.value for each in fleet.pools}, fewest):
            # Of which class there are more is not known.
            most = zones_together(classes)
        gone = Leaf(f"losses of a {survive.what} to survive", survive.count, f"{counted(lost, 'zone')} may go")
        basis: list[Expression] = [leaves.members(one), *(leaves.node_zones(each) for each in classes), gone]
        basis += [leaves.node_count_min(each) for each in classes if zones_at_least(each) < each.zones.value]
        basis += _on_fewest(fleet, [each for each in classes if fewest[each.name] > each.count_min.value])
        left = sum(evenly(members, most)[lost:])
        stay = derived(f"members of {one.name} left after the loss", left, basis)
        where = f"{counted(members, 'member')} of {one.name} over {counted(most, 'zone')}"
        if len(classes) == 1 and zones < nodes.zones.value:
            where += f", as {counted(fewest[nodes.name], 'node')} of {nodes.name} lie in no more"
        then = f"after the loss of {counted(lost, 'zone')}"
        obligation = partial(
            Obligation,
            id=f"quorum/{one.name}/zone-loss",
            claim=f"{one.name} can decide {then}",
            at=survive.at,
            code="ST6104",
        )
        made = votes.left(stay, f"{where}: {then} {are(left)} left", obligation)
        if zones < most:
            made = _where_zones_are_shared(one, votes, made, (zones, lost), then)
        yield _where_agents_stay(pool, one, votes, made, (zones, lost, left), basis, then)


def _on_fewest(fleet: Fleet, classes: list[Nodes]) -> list[Expression]:
    """What a class needs its fewest nodes for."""
    found: list[Expression] = []
    for each in classes:
        found += [leaves.node_cpu(each), leaves.node_memory(each), leaves.node_pods(each)]
        for pool in fleet.pools:
            if usable(pool, fleet.nodes) == [each]:
                found += [leaves.agents_min(pool), *leaves.of_pod(pool)]
    return found


def _where_zones_are_shared(
    one: Consensus, votes: Votes, made: Obligation, shape: tuple[int, int], then: str
) -> Obligation:
    """With what is enough where the classes share all zones that they may share."""
    zones, lost = shape
    left = sum(evenly(one.members.value, zones)[lost:])
    stay = Derived(f"members of {one.name} left in shared zones", Fraction(left), ())
    told = (
        f"{votes.told}; the classes of nodes may lie in no more than {counted(zones, 'zone')} together: {then} "
        f"{are(left)} left of {counted(one.members.value, 'member')}"
    )
    enough = Condition(Relation(votes.any, Order.AT_MOST, stay), told, told)
    remedy = "classes in as many zones, or `on NODES` in the pool, would decide it"
    return replace(made, proof=(*(made.proof or ()), enough), remedy=made.remedy or remedy)


def _where_agents_stay(
    pool: Pool,
    one: Consensus,
    votes: Votes,
    made: Obligation,
    shape: tuple[int, int, int],
    basis: Sequence[Expression],
    then: str,
) -> Obligation:
    """With what is enough where the pool shrinks; `shape`: zones, how many are lost, and the members then left of a
    pool that does not."""
    zones, lost, even = shape
    fewest, most = pool.agents_min.value, pool.agents_most.value
    places = unevenly(fewest, most, zones)
    left = sum(among(one.members.value, places)[lost:])
    if left >= even:
        return made
    all_of_it = [*basis, leaves.agents_min(pool), leaves.agents_max(pool)]
    stay = derived(f"members of {one.name} left after the loss where the agents lie unevenly", left, all_of_it)
    other = f"{number(places[-1])} in another" if places[-1] else "nobody in another"
    uneven = (
        f"{votes.told}; of as few as {counted(fewest, 'agent')} of {pool.name} {number(places[0])} may have stayed in "
        f"one zone (an even part of {number(most)}) and {other}, for who is sent away is sent from any zone: {then} "
        f"{are(left)} left of {counted(one.members.value, 'member')}"
    )
    remedy = "a lower maximum, a higher minimum or a pool whose size does not change would decide it"
    enough = Condition(Relation(votes.any, Order.AT_MOST, stay), uneven, uneven, remedy=remedy)
    return replace(made, proof=(*(made.proof or ()), enough))


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
