"""One guarantee, or a small family of them, a file: a fleet's analysis -> obligations."""

from __future__ import annotations

from collections.abc import Callable

from ..analysis import Analysis
from ..obligation import Obligation
from .amplification import amplifications
from .budgets import budgets
from .capacity import capacity
from .circles import circles
from .disruption import disruptions
from .ejection import ejection
from .growth import growths
from .latency import latencies
from .limits import limits
from .nodes import nodes
from .quorum import quorums
from .recovery import recoveries
from .scaling import scaling
from .shared import connections, rates
from .success import successes
from .timeouts import timeouts

Family = Callable[[Analysis], list[Obligation]]

FAMILIES: tuple[Family, ...] = (
    circles,
    capacity,
    scaling,
    growths,
    nodes,
    budgets,
    connections,
    rates,
    amplifications,
    timeouts,
    ejection,
    limits,
    disruptions,
    quorums,
    latencies,
    successes,
    recoveries,
)
"""In the order in which they are told."""

LOCAL: frozenset[Family] = frozenset(
    {capacity, scaling, growths, timeouts, ejection, limits, disruptions, quorums, latencies}
)
"""Families whose obligations are each about one pool, call, demand or vote, and what is joined to it by calls. The
others sum over the fleet, or look at all faults of a trial."""

__all__ = ["FAMILIES", "LOCAL", "Family"]
