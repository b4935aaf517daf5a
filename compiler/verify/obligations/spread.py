"""Pods over uneven zones: each pool fits although no zone may have more than one agent of it more than another."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from ...model import Fleet, Loss, Nodes, Pool, Survive
from ...semantics.spreading import evenly, most_spread, nodes_by_zone
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.packing import fitted, per_node
from ..flows.placement import gpus_of, surely_placed, usable
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, listed, number


def spreads(analysis: Analysis) -> list[Judged]:
    """Where several zones are stated and the loss of one is to be survived: that is what makes the spread a must.

    What does not fit without a spread either is told by the placement (`nodes`), and by it alone.
    """
    fleet = analysis.fleet
    survive = next((one for one in fleet.survive if one.what is Loss.ZONE), None)
    if survive is None or not fleet.pools or not any(each.zones.value > 1 for each in fleet.nodes):
        return []
    if not analysis.wants("nodes/spread"):
        return []
    make = partial(_spread, analysis, survive)
    both = (0, survive.count.value)
    sure = not _gap(fleet) and all(_holds(analysis, lost, sure=True) for lost in both)
    if not sure and (_gap(fleet) or not all(_fits(analysis, lost) for lost in both)):
        return []
    return [Proven("nodes/spread", survive.at, "ST2109", make) if sure else make()]


def _gap(fleet: Fleet) -> str:
    bare = [one.name for one in fleet.pools if one.each.cpu_cores is None or one.each.memory_bytes is None]
    if bare:
        return f"{listed(bare)} {'does' if len(bare) == 1 else 'do'} not state cpu and memory"
    if len({each.zones.value for each in fleet.nodes}) > 1:
        return "the classes of nodes lie in different numbers of zones, and which of them they share is not stated"
    return ""


def _spread(analysis: Analysis, survive: Survive) -> Obligation:
    """Unsatisfiable iff, whole or after the loss, some pool at its most agents has more than the zones let in: each
    takes at most one more than the smallest of them has places, were the pool alone there.

    Sufficient: every zone has room for its even part of all pools at once. Source: `semantics.spreading`; the
    constraint is what the documents hold (`targets/kubernetes/scheduling`). Limits: the nodes of a class are spread
    evenly over its zones; at rest, since of a rolling update only pods of one revision are compared; of pools that may
    use several classes nothing is refuted, for it is not stated which of them have their odd node where.
    """
    fleet = analysis.fleet
    must: list[Condition] = []
    proof: list[Condition] = []
    for lost in (0, survive.count.value):
        for pool in fleet.pools:
            where = usable(pool, fleet.nodes)
            if len(where) == 1:
                must += _alone(pool, where[0], survive, lost)
        proof.append(_together(analysis, lost))
    gap = _gap(fleet)
    return Obligation(
        id="nodes/spread",
        claim="all agents find a place while those of each pool are spread evenly over the zones",
        at=survive.at,
        code="ST2109",
        must=tuple(must),
        proof=() if gap else tuple(proof),
        gap=gap,
        remedy="" if gap else "as many nodes in each zone, a multiple of the zones, would decide it",
    )


def _alone(pool: Pool, each: Nodes, survive: Survive, lost: int) -> Iterator[Condition]:
    fitting = per_node(each, pool)
    if fitting is None:
        return
    zones = nodes_by_zone(each.count_max.value, each.zones.value, lost)
    if not zones:
        return
    most = most_spread([count * fitting for count in zones])
    basis: list[Expression] = [leaves.node_cpu(each), leaves.node_memory(each), leaves.node_pods(each)]
    basis += [*leaves.of_pod(pool), leaves.node_count(each), leaves.node_zones(each)]
    basis += [
        leaves.assumed(f"gpus of {of.name}", each_gpus, f"{counted(each_gpus.value, 'gpu')}")
        for of, each_gpus in ((pool, pool.each.gpus), (each, each.gpus))
        if each_gpus is not None and gpus_of(pool.each)
    ]
    if lost:
        said = f"{counted(survive.count.value, 'zone')} may go"
        basis.append(Leaf("losses of a zone to survive", survive.count, said))
    when = f"after the loss of {counted(lost, 'zone')} " if lost else ""
    room = derived(f"agents of {pool.name} that an even spread lets in {when}".strip(), most, basis)
    agents = leaves.agents_max(pool)
    places = ", ".join(number(count * fitting) for count in zones)
    need = f"{counted(agents.number, 'agent')} of {pool.name}, spread over zones that {when}have {places} places,"
    told = f"{need} and none may have more than one above the one with the fewest: {number(most)} run"
    yield Condition(Relation(agents, Order.AT_MOST, room), f"{told}, the next one is never scheduled", told)


def _fits(analysis: Analysis, lost: int) -> bool:
    """Without any spread."""
    fleet = analysis.fleet
    have = {each.name: sum(nodes_by_zone(each.count_max.value, each.zones.value, lost)) for each in fleet.nodes}
    pods = {pool.name: pool.agents_most.value for pool in fleet.pools}
    return surely_placed(analysis, pods, have) or fitted(fleet.nodes, fleet.pools, pods, have) is not None


def _holds(analysis: Analysis, lost: int, *, sure: bool = False) -> bool:
    """Whether each zone that is left takes its part of all pools; `sure`: seen by doubles alone."""
    fleet = analysis.fleet
    left = _zones_left(fleet, lost)
    for zone in range(left):
        have = {each.name: _in_zone(each, zone, lost, odd=len(fleet.nodes) == 1) for each in fleet.nodes}
        pods = {pool.name: evenly(pool.agents_most.value, left)[zone] for pool in fleet.pools}
        if not surely_placed(analysis, pods, have) and (sure or fitted(fleet.nodes, fleet.pools, pods, have) is None):
            return False
    return left > 0


def _together(analysis: Analysis, lost: int) -> Condition:
    """Each zone by itself holds its part of every pool."""
    fleet = analysis.fleet
    left = _zones_left(fleet, lost)
    after = f" after the loss of {counted(lost, 'zone')}" if lost else ""
    fits = not _gap(fleet) and _holds(analysis, lost)
    broken = f"the placement that was tried leaves agents over in some zone{after}, though each pool alone is let in"
    room = f"each of {counted(left, 'zone')} holds its part of every pool{after}"
    parts = Derived(f"zones that hold their part{after}", Fraction(int(fits)), ())
    return Condition(Relation(lift(1), Order.AT_MOST, parts), broken, room)


def _zones_left(fleet: Fleet, lost: int) -> int:
    """A zone without nodes counts for nobody."""
    return max(len(nodes_by_zone(each.count_max.value, each.zones.value, lost)) for each in fleet.nodes)


def _in_zone(each: Nodes, zone: int, lost: int, *, odd: bool) -> int:
    """Without `odd` the odd nodes are left out: which zones have them is not known."""
    if not odd:
        return each.count_max.value // each.zones.value
    return nodes_by_zone(each.count_max.value, each.zones.value, lost)[zone]
