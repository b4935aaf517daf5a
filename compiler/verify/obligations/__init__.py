"""One guarantee, or a small family of them, a file: a fleet's analysis -> obligations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..flows.analysis import Analysis
from ..obligation import Judged
from .admissions import admissions
from .agents import agents
from .amplification import amplifications
from .auctions import auctions
from .bills import bills
from .budgets import budgets
from .bulkheads import bulkheads
from .capacity import capacity
from .checks_behind import checks_behind
from .circles import circles
from .cold_caches import cold_caches
from .contracts import contracts
from .crises import crises
from .cuts import cuts
from .degradation import degradation
from .disruption import disruptions
from .divisions import divisions
from .drains import drains
from .economics import economics
from .ejection import ejection
from .envy import envy
from .following import following
from .growth import growths
from .hierarchy import hierarchies
from .latency import latencies
from .limits import limits
from .losses import losses
from .lost_places import lost_places
from .namespaces import namespaces
from .nodes import nodes
from .organisations import organisations
from .people import people
from .push_back import push_back
from .queues import queues
from .quorum import quorums
from .quotas import quotas
from .recovery import recoveries
from .restarts import restarts
from .resting import resting
from .scaling import scaling
from .security import security
from .shared import connections, rates
from .shared_memory import shared_memory
from .shedding import shedding
from .skills import skills
from .spread import spreads
from .stalls import stalls
from .starts import starts
from .storms import storms
from .success import successes
from .throughput import throughputs, uses
from .timeouts import timeouts
from .unanswered import unanswered
from .unit_cost import unit_costs

Family = Callable[[Analysis], Sequence[Judged]]

FAMILIES: tuple[Family, ...] = (
    circles,
    capacity,
    scaling,
    resting,
    growths,
    following,
    nodes,
    spreads,
    budgets,
    connections,
    rates,
    amplifications,
    timeouts,
    ejection,
    limits,
    admissions,
    shedding,
    disruptions,
    drains,
    quorums,
    latencies,
    successes,
    recoveries,
    shared_memory,
    throughputs,
    uses,
    skills,
    queues,
    degradation,
    restarts,
    bulkheads,
    push_back,
    divisions,
    quotas,
    auctions,
    contracts,
    economics,
    bills,
    hierarchies,
    organisations,
    crises,
    people,
    security,
    losses,
    lost_places,
    unanswered,
    cold_caches,
    agents,
    cuts,
    stalls,
    checks_behind,
    starts,
    namespaces,
    unit_costs,
    envy,
    storms,
)
"""In the order in which they are told."""

LOCAL: frozenset[Family] = frozenset(
    {
        capacity,
        scaling,
        resting,
        growths,
        following,
        timeouts,
        ejection,
        limits,
        disruptions,
        drains,
        quorums,
        latencies,
        cuts,
        admissions,
        shedding,
    }
)
"""Families whose obligations are each about one pool, call, demand or vote, and what is joined to it by calls. The
others sum over the fleet, or look at all faults of a trial."""

READS: Mapping[Family, frozenset[str]] = {
    circles: frozenset(),
    nodes: frozenset({"nodes", "survive", "pools"}),
    spreads: frozenset({"nodes", "survive", "pools"}),
    connections: frozenset({"demands", "dependencies", "pools", "calls"}),
    rates: frozenset({"demands", "dependencies", "pools", "calls"}),
    amplifications: frozenset({"amplification", "calls"}),
}
"""Of families that look at the whole fleet, the fields whose literals they read; the others may read any. Who calls
whom is no literal."""

__all__ = ["FAMILIES", "LOCAL", "READS", "Family"]
