"""The target-neutral plan: what is shipped, with every value decided.

`lower.py` makes it from a checked model; the targets and the trial read nothing else. Invariant: a plan leaves no
default to a platform where the spec's meaning depends on it, and keeps of the text only `origin`, the place of the
clause that something came from.

Units as in the model: seconds, requests per second, dollars, bytes, cores, tokens, shares of 1; exact.
Names are DNS labels (lower-case letters, digits, dashes), unique among demands, pools and dependencies together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from seatrial.dsl.source import Span

from .model import CalleeKind, CallerKind, FaultKind, Loss, Period, Route, Scope, Signal
from .plan_containment import Containment
from .plan_money import AuctionPlan, BillPlan, ContractPlan, DivisionPlan, EconomicsPlan, QuotaPlan
from .plan_order import (
    ApprovalPlan,
    AuditPlan,
    CrisisPlan,
    NegotiationPlan,
    OrganisationPlan,
    PatternPlan,
    RolePlan,
    SecurityPlan,
    StopPlan,
    VotePlan,
)
from .plan_rates import AdmitPlan, WarmUpPlan
from .plan_trials import TrialPlan


@dataclass(frozen=True, slots=True)
class NodesPlan:
    name: str
    count_min: int
    count_max: int
    cpu_cores: Fraction
    memory_bytes: int
    pods_each: int
    zones: int
    dollars_per_hour: Fraction | None
    origin: Span
    gpus: int | None = None


@dataclass(frozen=True, slots=True)
class DemandPlan:
    name: str
    steady_per_second: Fraction
    peak_per_second: Fraction
    peak_for_seconds: Fraction | None
    rise_per_second: Fraction | None
    priority: int
    arrivals_seconds: tuple[float, ...] = field(repr=False)
    """A recorded trace at its replay speed; empty where there is none."""
    origin: Span
    peak_every_seconds: Fraction | None = None


@dataclass(frozen=True, slots=True)
class DependencyPlan:
    name: str
    requests_per_second: Fraction | None
    tokens_per_second: Fraction | None
    connections: int | None
    latency_p50_seconds: Fraction | None
    latency_p99_seconds: Fraction | None
    origin: Span
    dollars_per_token: Fraction | None = None
    requests_period_seconds: int = 60
    tokens_period_seconds: int = 60
    """In which the spec counts its limits: 1, 60 or 3600."""


@dataclass(frozen=True, slots=True)
class StepPolicy:
    """At most `share` of the current count is added or removed in one period."""

    share: Fraction
    period_seconds: int


@dataclass(frozen=True, slots=True)
class ScalingPlan:
    """`target` is per agent (items, requests/s, requests in flight) or a share of 1 (busy, cpu).

    The windows and steps become the `behavior` of a HorizontalPodAutoscaler.
    """

    signal: Signal
    target: Fraction
    up_window_seconds: int
    down_window_seconds: int
    up: StepPolicy
    down: StepPolicy


@dataclass(frozen=True, slots=True)
class HoldPlan:
    dependency: str
    connections: int


@dataclass(frozen=True, slots=True)
class HealthPlan:
    every_seconds: int
    fails_after: int
    timeout_seconds: int | None = None
    """None: the default of `semantics.probes`."""


@dataclass(frozen=True, slots=True)
class SidecarPlan:
    """What the proxy beside each agent asks for."""

    cpu_cores: Fraction
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """One pool. `agents_min == agents_max` with no scaling is a fixed size; `agents_min` 0: nobody is there while
    nothing waits in the queues that feed it.

    `disruption_min_available` is an integer number of agents that must stay (None: no disruption clause).
    Service times None: not stated, and nothing can be simulated from them.
    """

    name: str
    agents_min: int
    agents_max: int
    image: str | None
    run: str | None
    on: tuple[str, ...]
    cpu_cores: Fraction | None
    memory_bytes: int | None
    concurrency: int
    service_mean_seconds: Fraction | None
    service_p99_seconds: Fraction | None
    startup_seconds: Fraction
    holds: tuple[HoldPlan, ...]
    scaling: ScalingPlan | None
    health: HealthPlan | None
    disruption_min_available: int | None
    drain_seconds: int
    priority: int
    """Higher goes first; 0 is normal, low -100, high 100, critical 1000."""
    surge: int
    """Pods above the wanted count during a rolling update (maxSurge 25 %, rounded up, at the maximum size)."""
    origin: Span
    dollars_per_hour: Fraction | None = None
    """What one agent costs."""
    gpus: int | None = None
    """Whole devices of each agent; None: not stated."""
    startup_limit_seconds: int | None = None
    """A start that takes longer is given up; None: the rule of `semantics.probes`."""
    sidecar: SidecarPlan | None = None
    """None: not stated, so each target asks for what its own proxy usually takes."""
    leaving: int = 0
    """Pods that may still be leaving beyond `surge`: in a rolling update (`semantics.updates`), while an autoscaler
    takes agents away and adds others too (`semantics.flapping`)."""


@dataclass(frozen=True, slots=True)
class RetryPlan:
    attempts: int
    """Extra attempts after the first; 0 must be written out where a platform would retry by default."""
    backoff_seconds: Fraction
    backoff_cap_seconds: Fraction
    budget_share: Fraction | None
    backoff_factor: Fraction = Fraction(2)


@dataclass(frozen=True, slots=True)
class BreakPlan:
    """Either `errors` consecutive failures, or a success share below `success_below` over `over_seconds`."""

    errors: int | None
    success_below: Fraction | None
    over_seconds: Fraction
    eject_share: Fraction
    eject_for_seconds: Fraction


@dataclass(frozen=True, slots=True)
class LimitPlan:
    pending: int | None
    in_flight: int | None
    connections: int | None


@dataclass(frozen=True, slots=True)
class ShedOnFailurePlan:
    success_below: Fraction
    over_seconds: Fraction


@dataclass(frozen=True, slots=True)
class ShedOnLatencyPlan:
    """Requests with a priority at or below `priority` are refused while the callee's latency quantile is above."""

    priority: int
    quantile: Fraction
    above_seconds: Fraction


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One edge with its policy. From a demand the caller is the gateway; per_request is then 1.

    `per_request` may be fractional: 0.4 means that 40 % of requests make the call; 2.5 is two calls and a half chance
    of a third, one after the other.
    """

    caller_kind: CallerKind
    caller: str
    callee_kind: CalleeKind
    callee: str
    per_request: Fraction
    tokens_per_call: Fraction | None
    timeout_seconds: Fraction | None
    try_timeout_seconds: Fraction | None
    retry: RetryPlan
    breaker: BreakPlan | None
    limit: LimitPlan | None
    shed_on_failure: ShedOnFailurePlan | None
    shed_on_latency: ShedOnLatencyPlan | None
    route: Route
    route_header: str | None
    origin: Span
    bytes_per_call: Fraction | None = None
    admit: AdmitPlan | None = None
    warm_up: WarmUpPlan | None = None

    @property
    def name(self) -> str:
        """`caller--callee`, unique in a plan, a DNS label."""
        return f"{self.caller}--{self.callee}"


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    scope: Scope
    dollars: Fraction
    period: Period
    origin: Span


@dataclass(frozen=True, slots=True)
class QuorumPlan:
    name: str
    pool: str
    members: int
    votes_needed: int
    tolerate: int
    fault: FaultKind
    within_seconds: Fraction | None
    origin: Span


@dataclass(frozen=True, slots=True)
class LatencyObjective:
    """`guarantee` is the id of the checker's guarantee that this objective restates, e.g. "latency/tickets/p95"."""

    guarantee: str
    demand: str
    quantile: Fraction
    below_seconds: Fraction
    proved_seconds: Fraction | None
    """The checker's upper bound on the quantile, where its model gives one."""
    origin: Span


@dataclass(frozen=True, slots=True)
class SuccessObjective:
    guarantee: str
    demand: str
    share: Fraction
    over_seconds: Fraction
    origin: Span


@dataclass(frozen=True, slots=True)
class RecoveryObjective:
    """After a fault ends or strikes once, latency and success are back within `within_seconds`."""

    guarantee: str
    within_seconds: Fraction
    origin: Span


@dataclass(frozen=True, slots=True)
class CostObjective:
    guarantee: str
    dollars: Fraction
    period: Period
    origin: Span


@dataclass(frozen=True, slots=True)
class Plan:
    fleet: str
    title: str
    version: str
    """The version of the tool that made the plan."""
    digest: str
    """sha256 of the spec's files, so that a document can be traced to what it was made from."""
    nodes: tuple[NodesPlan, ...]
    survive: tuple[tuple[int, Loss], ...]
    demands: tuple[DemandPlan, ...]
    dependencies: tuple[DependencyPlan, ...]
    pools: tuple[PoolPlan, ...]
    calls: tuple[CallPlan, ...]
    budgets: tuple[BudgetPlan, ...]
    quorums: tuple[QuorumPlan, ...]
    latency: tuple[LatencyObjective, ...]
    success: tuple[SuccessObjective, ...]
    recovery: tuple[RecoveryObjective, ...]
    cost: tuple[CostObjective, ...]
    trials: tuple[TrialPlan, ...]
    containment: Containment = field(default_factory=Containment)
    divisions: tuple[DivisionPlan, ...] = ()
    quotas: tuple[QuotaPlan, ...] = ()
    auctions: tuple[AuctionPlan, ...] = ()
    contracts: tuple[ContractPlan, ...] = ()
    economics: tuple[EconomicsPlan, ...] = ()
    bills: tuple[BillPlan, ...] = ()
    votes: tuple[VotePlan, ...] = ()
    organisations: tuple[OrganisationPlan, ...] = ()
    patterns: tuple[PatternPlan, ...] = ()
    negotiations: tuple[NegotiationPlan, ...] = ()
    crises: tuple[CrisisPlan, ...] = ()
    approvals: tuple[ApprovalPlan, ...] = ()
    stops: tuple[StopPlan, ...] = ()
    audits: tuple[AuditPlan, ...] = ()
    security: tuple[SecurityPlan, ...] = ()
    roles: tuple[RolePlan, ...] = ()
    origin: Span | None = field(default=None, compare=False)

    def pool(self, name: str) -> PoolPlan:
        return next(pool for pool in self.pools if pool.name == name)
