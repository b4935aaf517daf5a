"""A pool's warm-up -> when a new agent of it carries as much as the others.

Invariant: what is proved counts an agent that warms up for nothing, what is refuted counts it for a whole one, but for
`up within`, which by its meaning is over when the agents carry their whole part.

That is on the safe side: of a load that is shared by weights the whole agents get no more than where the warming ones
get nothing; and an autoscaler sees no less of it, since signals are sums over the agents, and shares of slots end at 1.

Source: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start: a new host's
weight grows with its age over the window; a host that an ejection ends for does not start anew.
"""

from __future__ import annotations

import math
from fractions import Fraction

from ...model import Pool
from ...semantics import updates
from ...semantics.probes import grace, starts_together
from ..exact.expression import Leaf
from ..words import seconds
from .analysis import Analysis
from .packing import per_node
from .placement import usable


def warm_up(analysis: Analysis, pool: Pool) -> Leaf | None:
    """The longest that a caller states."""
    found = [(call, call.policy.warm_up) for call in analysis.into(pool.name) if call.policy.warm_up is not None]
    if not found:
        return None
    call, longest = max(found, key=lambda one: one[1].over_seconds.value)
    stated = longest.over_seconds
    return Leaf(f"warm-up of {call.name}", stated, f"warms up for {seconds(stated.value)}", positive=True)


def startup_seconds(analysis: Analysis, pool: Pool) -> Fraction:
    """The longest that a start takes: as stated, or with all that may start on a node at once, where they share its
    cores."""
    stated, work = pool.each.startup_seconds.value, pool.each.start_work_seconds
    if work is None:
        return stated
    together = [
        starts_together(min(fitting, pool.agents_most.value), work.value, nodes.cpu_cores.value)
        for nodes in usable(pool, analysis.fleet.nodes)
        if (fitting := per_node(nodes, pool))
    ]
    return max(stated, work.value, *together)


def updated_seconds(analysis: Analysis, pool: Pool) -> Fraction:
    """`updates.updated_seconds` of the pool at its largest."""
    warm, drain = warm_up(analysis, pool), pool.drain_seconds.value
    ready = updates.ready_seconds(drain, math.ceil(warm.number) if warm is not None else 0)
    return updates.updated_seconds(pool.agents_most.value, startup_seconds(analysis, pool), ready, grace(drain))


def whole_after(analysis: Analysis, pool: Pool) -> Fraction:
    """Seconds from the start of an agent until all callers give it a whole part."""
    warm = warm_up(analysis, pool)
    return startup_seconds(analysis, pool) + (warm.number if warm is not None else 0)
