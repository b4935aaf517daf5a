"""All of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from .calls import Call
from .failing import Bulkhead
from .losses import AgentLoss, Takeover, Unanswered
from .money import Auction, Contract, Quota
from .namespace import Namespace
from .order import Approval, Crisis, EmergencyStop, Negotiation, Organisation, Role, Security
from .pools import Pool
from .promises import (
    AmplificationGuarantee,
    Budget,
    Consensus,
    LatencyGuarantee,
    RecoveryGuarantee,
    SuccessGuarantee,
    ThroughputGuarantee,
    UseGuarantee,
)
from .queues import WorkQueue
from .stated import Stated
from .trials import Trial
from .world import Demand, Dependency, Nodes, Survive


@dataclass(frozen=True, slots=True)
class Fleet:
    name: str
    title: str
    at: Span
    nodes: tuple[Nodes, ...]
    survive: tuple[Survive, ...]
    demands: tuple[Demand, ...]
    dependencies: tuple[Dependency, ...]
    pools: tuple[Pool, ...]
    calls: tuple[Call, ...]
    budgets: tuple[Budget, ...]
    consensuses: tuple[Consensus, ...]
    latency: tuple[LatencyGuarantee, ...]
    success: tuple[SuccessGuarantee, ...]
    recovery: tuple[RecoveryGuarantee, ...]
    amplification: tuple[AmplificationGuarantee, ...]
    cost: tuple[Budget, ...]
    trials: tuple[Trial, ...]
    throughput: tuple[ThroughputGuarantee, ...] = ()
    uses: tuple[UseGuarantee, ...] = ()
    queues: tuple[WorkQueue, ...] = ()
    bulkheads: tuple[Bulkhead, ...] = ()
    quotas: tuple[Quota, ...] = ()
    auctions: tuple[Auction, ...] = ()
    contracts: tuple[Contract, ...] = ()
    bills: tuple[Budget, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    negotiations: tuple[Negotiation, ...] = ()
    crises: tuple[Crisis, ...] = ()
    roles: tuple[Role, ...] = ()
    approvals: tuple[Approval, ...] = ()
    audit_seconds: Stated[Fraction] | None = None
    stop: EmergencyStop | None = None
    security: Security | None = None
    agent_losses: tuple[AgentLoss, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    storm: Span | None = None
    """The peak must be covered with every call retried to the end."""
    namespace: Namespace | None = None
    unit_cost: Stated[Fraction] | None = None
    """Dollars that a request may cost on average."""

    def pool(self, name: str) -> Pool:
        return next(pool for pool in self.pools if pool.name == name)

    def dependency(self, name: str) -> Dependency:
        return next(one for one in self.dependencies if one.name == name)

    def demand(self, name: str) -> Demand:
        return next(one for one in self.demands if one.name == name)

    def calls_from(self, caller: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.caller == caller)

    def calls_to(self, callee: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.callee == callee)
