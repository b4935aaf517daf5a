"""Starts that are given up: an agent has started by then, and so have all of a node that begin at once."""

from __future__ import annotations

from dataclasses import replace

from ...model import Nodes, Pool
from ...semantics.probes import starts_together, startup_failures
from ..exact.expression import Expression, Leaf, Order, Relation, derived, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.packing import per_node
from ..flows.placement import usable
from ..obligation import Condition, Obligation
from ..words import counted, number, seconds


def starts(analysis: Analysis) -> list[Obligation]:
    return [
        _in_time(analysis, pool)
        for pool in analysis.fleet.pools
        if pool.each.start_work_seconds is not None or pool.each.start_limit_seconds is not None
        if analysis.wants(f"starts/{pool.name}")
    ]


def _in_time(analysis: Analysis, pool: Pool) -> Obligation:
    """Unsatisfiable iff an agent that starts alone is given up before it answers; or `_together_in_time`."""
    stated = pool.each.start_limit_seconds
    if stated is None:
        return _together_in_time(analysis, pool)
    limit, startup = _limit(pool), leaves.startup(pool)
    told = f"{pool.name} {startup.demands}, and a start is given up after {seconds(stated.value)}"
    alone = Condition(Relation(startup, Order.AT_MOST, limit), f"{told}: none ever starts", told)
    if pool.each.start_work_seconds is None:
        id, claim = f"starts/{pool.name}", f"an agent of {pool.name} starts before its start is given up"
        return Obligation(id, claim, stated.span, "ST4607", must=(alone,))
    together = _together_in_time(analysis, pool)
    return replace(together, must=(alone, *together.must))


def _together_in_time(analysis: Analysis, pool: Pool) -> Obligation:
    """Unsatisfiable iff on some class of nodes as many agents of the pool as fit on one node, all starting at once,
    have not all started before a start is given up: then all begin again, and none ever starts.

    After a node, a deployment or a whole site comes back that is what happens. Source: Little's law of the cores
    (`semantics.probes.starts_together`); Google SRE book, ch. 22, "Slow startup and cold caching". Limits: other pods
    of the node take no cpu, cores are shared evenly, and no start waits for anything but the cpu.
    """
    stated = pool.each.start_work_seconds
    assert stated is not None
    id, claim = f"starts/{pool.name}", f"agents of {pool.name} that start together on a node all start"
    work = leaves.assumed(f"cpu of a start of {pool.name}", stated, f"a start takes {seconds(stated.value)} of cpu")
    limit = _limit(pool)
    conditions = []
    for each in usable(pool, analysis.fleet.nodes):
        together = _together(pool, each)
        if together > 0:
            conditions.append(_on(pool, each, together, work, limit))
    gap = ""
    if not conditions:
        gap = f"no nodes are stated on which {pool.name}, with its cpu and memory, fits"
    return Obligation(id, claim, stated.span, "ST4607", must=tuple(conditions), gap=gap)


def _limit(pool: Pool) -> Expression:
    stated = pool.each.start_limit_seconds
    if stated is not None:
        return Leaf(
            f"time for a start of {pool.name}", stated, f"given up after {seconds(stated.value)}", positive=True
        )
    failures = startup_failures(pool.each.startup_seconds.value)
    return derived(f"time for a start of {pool.name}", failures, [leaves.startup(pool)])


def _together(pool: Pool, each: Nodes) -> int:
    return min(per_node(each, pool) or 0, pool.agents_most.value)


def _on(pool: Pool, each: Nodes, together: int, work: Leaf, limit: Expression) -> Condition:
    aside = [leaves.node_memory(each), *leaves.of_pod(pool)]
    basis = [leaves.node_cpu(each), leaves.node_pods(each), leaves.agents_max(pool)]
    basis += [replace(leaf, aside=True) for leaf in aside]
    takes = starts_together(together, work.number, each.cpu_cores.value)
    need = derived(f"time for {pool.name} to start on a node of {each.name}", takes, [*basis, work])
    work_told = f"{number(together * work.number)} s of cpu on {number(each.cpu_cores.value)} cores"
    told = (
        f"{counted(together, 'agent')} of {pool.name} on a node of {each.name} that start at once need "
        f"{seconds(takes)} for {work_told}; a start is given up after {seconds(value(limit))}"
    )
    return Condition(Relation(need, Order.AT_MOST, limit), told, told)
