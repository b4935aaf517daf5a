"""Votes after a lost zone, lost nodes or lost agents: a quorum is left of the members that are elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from ...model import Consensus, Fleet, Loss, Nodes, Pool, Survive
from ...semantics.spreading import among, evenly, nodes_by_zone, unevenly
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.packing import fewest_nodes, fitted, nodes_used, per_node
from ..flows.placement import usable, zones_at_least, zones_together
from ..obligation import Condition, Obligation
from ..words import are, counted, number
from .votes import Votes


def lost_members(analysis: Analysis, one: Consensus, votes: Votes) -> Iterator[Obligation]:
    """One guarantee for each kind of loss that the vote's pool is to survive. The tolerated faults are not added: one
    kind of loss at a time."""
    fleet, pool = analysis.fleet, analysis.pool(one.pool.value)
    yield from _after_agents(fleet, pool, one, votes)
    classes = usable(pool, fleet.nodes)
    classes = [each for each in classes if per_node(each, pool) != 0] or classes
    if not classes:
        return
    for survive in fleet.survive:
        after = _after_zones if survive.what is Loss.ZONE else _after_nodes
        yield after(fleet, pool, one, votes, survive, classes)


def _after_agents(fleet: Fleet, pool: Pool, one: Consensus, votes: Votes) -> Iterator[Obligation]:
    """Unsatisfiable iff the members that are left, where all that is lost are members, are fewer than those needed.

    Nobody takes a seat meanwhile: who is lost is told to no one, unlike who is drained.
    """
    lost = [each for each in fleet.agent_losses if each.pool.value == pool.name]
    if not lost:
        return
    worst = max(lost, key=lambda each: each.count.value)
    said = f"{counted(worst.count.value, 'agent')} of {pool.name} may be lost"
    count = Leaf(f"agents of {pool.name} that may be lost", worst.count, said, positive=True)
    left = max(0, one.members.value - worst.count.value)
    then = f"after the loss of {counted(worst.count.value, 'agent')} of {pool.name}"
    obligation = partial(
        Obligation,
        id=f"quorum/{one.name}/agent-loss",
        claim=f"{one.name} can decide {then}",
        at=worst.at,
        code="ST6104",
    )
    yield votes.left(leaves.members(one) - count, f"{then}, members all of them, {are(left)} left", obligation)


def _after_zones(
    fleet: Fleet, pool: Pool, one: Consensus, votes: Votes, survive: Survive, classes: list[Nodes]
) -> Obligation:
    """Unsatisfiable iff the members outside the fullest zones are fewer than the votes needed.

    Members are spread as evenly as can be over the zones in which the pool's nodes are, of as few nodes as surely hold
    the agents that there always are: no more than there are nodes. Where it may use several classes, over as many zones
    as these may lie in together; enough is that it does over those of the widest class that has room for an agent, for
    the others' zones may be among them, and of as few nodes as no placement can do without.
    Sufficient: as evenly as the agents let them, which lie as unevenly as they may once the autoscaler has sent all but
    the fewest away (`semantics.spreading`). Limit: which agents are members is for the agents to say; nothing that is
    compiled spreads them.
    """
    fewest = {each.name: fewest_nodes(fleet, each) for each in fleet.nodes}
    nodes = max(classes, key=lambda each: (zones_at_least(each, fewest[each.name]), each.name))
    zones = zones_at_least(nodes, fewest[nodes.name])
    members, lost = one.members.value, survive.count.value
    holding = _holding(fleet, fewest, most=max(each.zones.value for each in classes))
    most = zones_together(classes, holding)
    basis = _rests_on(fleet, one, survive, classes, fewest)
    left = sum(evenly(members, most)[lost:])
    stay = derived(f"members of {one.name} left after the loss", left, basis)
    where = f"{counted(members, 'member')} of {one.name} over {counted(most, 'zone')}"
    if len(classes) == 1 and most < nodes.zones.value:
        where += f", as {counted(holding[nodes.name], 'node')} of {nodes.name} lie in no more"
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
        made = _where_zones_are_shared(one, votes, made, (zones, lost), then, len(classes) > 1)
    return _where_agents_stay(pool, one, votes, made, (zones, lost, left), basis, then)


def _rests_on(
    fleet: Fleet, one: Consensus, survive: Survive, classes: list[Nodes], fewest: Mapping[str, int]
) -> list[Expression]:
    lost = survive.count.value
    gone = Leaf(f"losses of a {survive.what} to survive", survive.count, f"{counted(lost, survive.what)} may go")
    basis: list[Expression] = [leaves.members(one), gone]
    if survive.what is Loss.ZONE:
        basis += [leaves.node_zones(each) for each in classes]
        basis += [leaves.node_count_min(each) for each in classes if zones_at_least(each) < each.zones.value]
    else:
        basis += [leaves.node_count_min(each) for each in classes]
    for each in classes:
        if fewest[each.name] > each.count_min.value:
            # What the class needs its fewest nodes for.
            basis += [leaves.node_cpu(each), leaves.node_memory(each), leaves.node_pods(each)]
            for pool in fleet.pools:
                if usable(pool, fleet.nodes) == [each]:
                    basis += [leaves.agents_min(pool), *leaves.of_pod(pool)]
    return basis


def _holding(fleet: Fleet, fewest: Mapping[str, int], most: int | None = None) -> Mapping[str, int]:
    """As few nodes of each class as the agents that there always are surely fit on: those that no placement can do
    without, where one is seen that needs no more; of a single class also the next that are enough, up to `most`.

    Else the most of each: of which class there are more is not known.
    """
    pods = {pool.name: pool.agents_min.value for pool in fleet.pools}
    if len(fleet.nodes) > 1:
        if fitted(fleet.nodes, fleet.pools, pods, fewest) is not None:
            return fewest
        return {each.name: each.count_max.value for each in fleet.nodes}
    (each,) = fleet.nodes
    low, high = fewest[each.name], each.count_max.value
    seen = nodes_used(each, fleet.pools, pods)
    tried = range(low, min(high, most)) if most is not None else [] if seen is None else [low, max(low, seen)]
    enough = next((count for count in tried if count < high and _spread_on(fleet, each, pods, count)), high)
    return {each.name: enough}


def _spread_on(fleet: Fleet, each: Nodes, pods: Mapping[str, int], count: int) -> bool:
    """Whether so many nodes of the only class hold all of them, each zone its part where the spread is a must."""
    hard = any(one.what is Loss.ZONE for one in fleet.survive)
    zones = nodes_by_zone(count, each.zones.value) if hard else (count,)
    parts = {name: evenly(some, len(zones)) for name, some in pods.items()} if zones else {}
    return bool(zones) and all(
        fitted(fleet.nodes, fleet.pools, {name: part[at] for name, part in parts.items()}, {each.name: zone})
        is not None
        for at, zone in enumerate(zones)
    )


def _where_zones_are_shared(
    one: Consensus, votes: Votes, made: Obligation, shape: tuple[int, int], then: str, several: bool
) -> Obligation:
    """With what is enough where the classes share all zones that they may share, and lie on no more nodes than they
    must."""
    zones, lost = shape
    left = sum(evenly(one.members.value, zones)[lost:])
    stay = Derived(f"members of {one.name} left in the fewest zones", Fraction(left), ())
    which = "the classes of nodes may lie" if several else "as few nodes as may be enough lie"
    told = (
        f"{votes.told}; {which} in no more than {counted(zones, 'zone')} together: {then} "
        f"{are(left)} left of {counted(one.members.value, 'member')}"
    )
    enough = Condition(Relation(votes.any, Order.AT_MOST, stay), told, told)
    remedy = (
        "classes in as many zones, or `on NODES` in the pool, would decide it"
        if several
        else "a higher minimum of nodes would decide it"
    )
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


@dataclass(frozen=True, slots=True)
class _Sure:
    """Members that are surely left, and why."""

    left: int
    told: str


def _after_nodes(
    fleet: Fleet, pool: Pool, one: Consensus, votes: Votes, survive: Survive, classes: list[Nodes]
) -> Obligation:
    """Unsatisfiable iff fewer members than the votes needed are left where they are spread as evenly as can be over as
    few nodes as surely hold the agents that there always are.

    Sufficient: the same of the members that are left where each lost node holds as many agents as fit on it, and all of
    these are members; or, where the loss of zones is to be survived too, where each lost node takes a whole zone's. The
    spread over nodes is no must in what is compiled, the one over zones is. Limit: as in a lost zone.
    """
    fewest = {each.name: fewest_nodes(fleet, each) for each in fleet.nodes}
    holding = _holding(fleet, fewest)
    members, lost = one.members.value, survive.count.value
    over = max(1, sum(holding[each.name] for each in classes))
    left = sum(evenly(members, over)[lost:])
    basis = _rests_on(fleet, one, survive, classes, fewest)
    stay = derived(f"members of {one.name} left after the loss of nodes", left, basis)
    where = f"{counted(members, 'member')} of {one.name} over as few as {counted(over, 'node')}"
    then = f"after the loss of {counted(lost, 'node')}"
    obligation = partial(
        Obligation,
        id=f"quorum/{one.name}/node-loss",
        claim=f"{one.name} can decide {then}",
        at=survive.at,
        code="ST6104",
    )
    made = votes.left(stay, f"{where}: {then} {are(left)} left", obligation)
    spread = any(each.what is Loss.ZONE for each in fleet.survive)
    found = [*_of_full_nodes(pool, members, lost, classes)]
    if spread:
        found.append(_of_whole_zones(pool, members, lost, classes, fewest))
    if not found:
        gap = f"{pool.name} does not state cpu and memory, so how many members one node has is not known"
        return replace(made, gap=gap, remedy="write `cpu …; memory …` in `each`")
    sure = max(found, key=lambda each: each.left)
    if sure.left >= left:
        return made
    told = f"{votes.told}; {sure.told}: {then} {are(sure.left)} left of {counted(members, 'member')}"
    remedy = "fewer `pods` on a node, or agents that take more of one, would decide it"
    if not spread:
        remedy += "; so may `survive loss of 1 zone`, which spreads them over zones"
    enough = Condition(
        Relation(votes.any, Order.AT_MOST, Derived(f"members of {one.name} surely left", Fraction(sure.left), ())),
        told,
        told,
        remedy=remedy,
    )
    return replace(made, proof=(*(made.proof or ()), enough))


def _of_full_nodes(pool: Pool, members: int, lost: int, classes: list[Nodes]) -> Iterator[_Sure]:
    fitting = [(per_node(each, pool), each) for each in classes]
    if any(most is None for most, _ in fitting):
        return
    gone, rest = 0, lost
    for most, each in sorted(fitting, key=lambda one: (-(one[0] or 0), one[1].name)):
        taken = min(rest, each.count_max.value)
        gone, rest = gone + taken * (most or 0), rest - taken
    most, widest = max(fitting, key=lambda one: (one[0] or 0, one[1].name))
    told = f"a node of {widest.name} may hold {counted(min(most or 0, pool.agents_most.value), 'agent')} of {pool.name}"
    yield _Sure(members - min(members, gone), f"{told}, each of them a member")


def _of_whole_zones(pool: Pool, members: int, lost: int, classes: list[Nodes], fewest: Mapping[str, int]) -> _Sure:
    zones = max(zones_at_least(each, fewest[each.name]) for each in classes)
    places = unevenly(pool.agents_min.value, pool.agents_most.value, zones)
    told = f"the agents of one of {counted(zones, 'zone')} may all be on one node"
    return _Sure(sum(among(members, places)[lost:]), told)
