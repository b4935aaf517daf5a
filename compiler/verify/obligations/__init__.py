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
from .latency import latencies
from .nodes import nodes
from .quorum import quorums
from .reaching import reaching
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
    reaching,
    nodes,
    budgets,
    connections,
    rates,
    amplifications,
    timeouts,
    ejection,
    disruptions,
    quorums,
    latencies,
    successes,
    recoveries,
)
"""In the order in which they are told."""

__all__ = ["FAMILIES", "Family"]
