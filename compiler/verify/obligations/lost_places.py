"""Zones and nodes that are lost: the agents that are left elsewhere cover the peak until the others are replaced."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ...model import Loss, Nodes, Pool, Survive
from ...semantics.spreading import evenly, unevenly
from ..exact.expression import Derived, Leaf, derived
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.packing import per_node
from ..flows.placement import usable, zones_at_least, zones_together
from ..obligation import Obligation
from ..words import counted, number
from .losses import Left, covers


def lost_places(analysis: Analysis) -> list[Obligation]:
    """One guarantee for each pool that is called and each loss; where no nodes are stated, one for the loss."""
    fleet = analysis.fleet
    found: list[Obligation] = []
    for survive in fleet.survive if fleet.pools else ():
        if not fleet.nodes:
            found += [_nowhere(survive)] if analysis.wants(f"nodes/fit/{survive.what}-loss") else []
        elif not analysis.circle:
            found += [
                _without(analysis, survive, pool, classes)
                for pool in fleet.pools
                if analysis.wants(f"loss/{pool.name}/{survive.what}")
                and pool.name in analysis.flow(Level.PEAK)
                and not pool.may_be_empty
                and (classes := usable(pool, fleet.nodes))
                and survive.count.value < places_of(classes, survive.what)
            ]
    return found


def _nowhere(survive: Survive) -> Obligation:
    """Never proved: no class of nodes says where agents are."""
    lost = counted(survive.count.value, survive.what)
    zones = "; zones 3" if survive.what is Loss.ZONE else ""
    return Obligation(
        id=f"nodes/fit/{survive.what}-loss",
        claim=f"all agents fit on the nodes at their maximum after the loss of {lost}",
        at=survive.at,
        code="ST2103",
        must=(),
        gap=f"no `nodes` are stated, so which agents the loss of {lost} takes, and where they go, is not known",
        remedy=f"write `nodes general {{ count 3..12; cpu 16; memory 64Gi{zones} }}` with the figures of the cluster",
    )


def places_of(classes: list[Nodes], what: Loss) -> int:
    """The most places there may be."""
    if what is Loss.ZONE:
        return zones_together(classes)
    return sum(max(1, each.count_max.value) for each in classes)


def _without(analysis: Analysis, survive: Survive, pool: Pool, classes: list[Nodes]) -> Obligation:
    """Unsatisfiable iff the agents that are left of the largest size, spread evenly over all places that there may be,
    have no more slots than the pool has requests in hand at the peak, on average and without any waits.

    As `losses`, of which this is a case: a place takes its part of the agents. Sufficient: the same of the agents that
    the autoscaler leaves alone at the peak, of which the zones with the most have as many as an even spread of the
    largest size gives them over the fewest zones, for who leaves leaves from anywhere. A node takes as many as fit on
    it. What is lost is replaced only after a start. Source: `semantics.spreading`, the constraint that the documents
    hold; that of nodes is no must. Limits: at rest, since of a rolling update only pods of one revision are compared;
    where the loss takes every place `nodes/fit` says so.
    """
    what, lost = survive.what, survive.count.value
    most = leaves.agents_max(pool)
    gone = Leaf(f"losses of a {what} to survive", survive.count, f"{counted(lost, what)} may go")
    where = places_of(classes, what)
    left = sum(evenly(int(most.number), where)[lost:])
    basis = [most, gone, *map(leaves.node_count, classes)]
    basis += map(leaves.node_zones, classes) if what is Loss.ZONE else ()
    stay: Derived = derived(f"agents of {pool.name} left after the loss of a {what}", left, basis)
    after = f"after the loss of {counted(lost, what)} of {number(where)}"
    id = f"loss/{pool.name}/{what}"
    state = analysis.occupancy(Level.PEAK).of(pool)
    if isinstance(state, str):
        return covers(analysis, pool, stay, id, survive, after, state)
    runs = pool.agents_min.value if state.unrest else state.agents
    taken = max(_taken(each, pool, what, lost, runs) for each in classes)
    even = max(_taken(each, pool, what, lost, runs, spread=runs) for each in classes)
    went = f"{number(taken)} of {counted(runs, 'agent')} that run at the peak"
    told = f"after the loss of {counted(lost, what)} with {went}"
    if taken > even:
        told += f" (an even part of {number(most.number)} may have stayed in {'it' if lost == 1 else 'them'})"
    made = covers(analysis, pool, stay, id, survive, after, Left(Fraction(runs - taken), told, Fraction(taken)))
    if taken == even or not made.remedy:
        return made
    remedy = f"{made.remedy}; or a lower maximum, for who is sent away is sent from any zone"
    return replace(made, remedy=remedy)


def _taken(each: Nodes, pool: Pool, what: Loss, lost: int, runs: int, spread: int | None = None) -> int:
    """Agents that the loss takes at the most, of so many that run and as many as were ever spread over the zones: None,
    the largest size."""
    if what is Loss.ZONE:
        ever = pool.agents_most.value if spread is None else spread
        return sum(unevenly(runs, ever, zones_at_least(each))[:lost])
    most = per_node(each, pool)
    return runs if most is None else min(runs, lost * most)
