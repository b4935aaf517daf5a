"""The resolved fleet: names are objects' names that exist, units are normalised, every value knows its place.

Turns what was written into what was meant. Invariant: a `Fleet` is only built when every name resolves and every
quantity has its dimension, so no later stage checks either again.

Units: seconds, requests per second, dollars, dollars per hour, bytes, cores, tokens, shares of 1 (not per cent);
all exact (`Fraction` or `int`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Generic, TypeVar

from seatrial.dsl.source import Span

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A value and where it stands.

    `span` is the literal itself where one was written, else the clause or block that lacks it. `default` names the
    source of a value that was filled in ("" when it was written): such a value can be repaired only by writing it.
    `clause` is the text of the clause around the literal, as a person would quote it: "agents 10..120".
    """

    value: T
    span: Span
    clause: str = ""
    default: str = ""

    @property
    def written(self) -> bool:
        return not self.default


@dataclass(frozen=True, slots=True)
class Nodes:
    """A class of machines. `count` bounds are (min, max); they are spread evenly over `zones`."""

    name: str
    at: Span
    count_min: Stated[int]
    count_max: Stated[int]
    cpu_cores: Stated[Fraction]
    memory_bytes: Stated[int]
    pods_each: Stated[int]
    zones: Stated[int]
    dollars_per_hour: Stated[Fraction] | None
    gpus: Stated[int] | None = None


class Loss(StrEnum):
    ZONE = "zone"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Survive:
    """The fleet must still work after `count` zones, or nodes, are gone at once."""

    at: Span
    count: Stated[int]
    what: Loss


@dataclass(frozen=True, slots=True)
class Trace:
    """Recorded arrivals: seconds since the first one, ascending, already divided by the replay speed."""

    path: Stated[str]
    speed: Stated[Fraction]
    arrivals_seconds: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Demand:
    """An envelope of arrivals. Where a trace is given, steady is its mean and peak its worst second unless written."""

    name: str
    at: Span
    steady_per_second: Stated[Fraction]
    peak_per_second: Stated[Fraction]
    peak_for_seconds: Stated[Fraction] | None
    peak_every_seconds: Stated[Fraction] | None
    rise_per_second: Stated[Fraction] | None
    """Requests per second that the rate may gain each second."""
    priority: Stated[int] | None = None
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something the fleet shares and does not own: a model API, a database."""

    name: str
    at: Span
    requests_per_second: Stated[Fraction] | None
    tokens_per_second: Stated[Fraction] | None
    connections: Stated[int] | None
    latency_p50_seconds: Stated[Fraction] | None
    latency_p99_seconds: Stated[Fraction] | None
    dollars_per_token: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Connections that each agent of a pool keeps open to a dependency."""

    at: Span
    dependency: str
    connections: Stated[int]


@dataclass(frozen=True, slots=True)
class Agent:
    """What one agent of a pool is and needs. `service` is its own work, without the calls it makes."""

    at: Span
    cpu_cores: Stated[Fraction] | None
    memory_bytes: Stated[int] | None
    dollars_per_hour: Stated[Fraction] | None
    concurrency: Stated[int]
    """Requests that one agent has in hand at once, waiting for its own calls included."""
    service_mean_seconds: Stated[Fraction] | None
    service_p99_seconds: Stated[Fraction] | None
    startup_seconds: Stated[Fraction]
    holds: tuple[Holding, ...] = ()
    gpus: Stated[int] | None = None


class Signal(StrEnum):
    """What the autoscaler looks at; the target is per agent, or a share for the last two."""

    QUEUE = "queue"
    RATE = "rate"
    IN_FLIGHT = "in flight"
    BUSY = "busy"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Scaling:
    """`target`: items, requests per second or requests in flight per agent; for busy and cpu a share of 1."""

    at: Span
    signal: Signal
    target: Stated[Fraction]
    up_within_seconds: Stated[Fraction] | None
    down_over_seconds: Stated[Fraction]
    step_share: Stated[Fraction]
    """The most that is added or removed in one period, as a share of the current count."""
    step_period_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Health:
    at: Span
    every_seconds: Stated[Fraction]
    fails_after: Stated[int]


@dataclass(frozen=True, slots=True)
class Disruption:
    """At most this many agents may be gone by choice at once: a share of 1, or a count."""

    at: Span
    share: Stated[Fraction] | None
    count: Stated[int] | None


@dataclass(frozen=True, slots=True)
class Pool:
    name: str
    at: Span
    agents_min: Stated[int]
    agents_max: Stated[int]
    each: Agent
    image: Stated[str] | None
    run: Stated[str] | None
    """A command line of the user's that is one agent; `{port}` stands for the port it must listen on."""
    on: tuple[Stated[str], ...]
    """Node classes that the pool may use; empty: all."""
    scaling: Scaling | None
    health: Health | None
    disruption: Disruption | None
    drain_seconds: Stated[Fraction]
    priority: Stated[int] | None


@dataclass(frozen=True, slots=True)
class Retry:
    """`attempts` are the extra ones after the first."""

    at: Span
    attempts: Stated[int]
    backoff_seconds: Stated[Fraction]
    backoff_factor: Stated[Fraction]
    backoff_cap_seconds: Stated[Fraction]
    budget_share: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class Break:
    """When a host counts as broken and how many may be put aside.

    Exactly one of `errors` (consecutive failures) and `success_below` (a share over `over_seconds`) is given.
    """

    at: Span
    errors: Stated[int] | None
    success_below: Stated[Fraction] | None
    over_seconds: Stated[Fraction]
    eject_share: Stated[Fraction]
    eject_for_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds on what one calling agent may have under way to the whole callee."""

    at: Span
    pending: Stated[int] | None
    in_flight: Stated[int] | None
    connections: Stated[int] | None


@dataclass(frozen=True, slots=True)
class ShedOnFailure:
    """The caller turns requests away as the success share falls below `success_below` over the window."""

    at: Span
    success_below: Stated[Fraction]
    over_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class ShedOnLatency:
    """The callee refuses requests of a priority at or below `priority` while its own latency quantile is too high."""

    at: Span
    priority: Stated[int]
    quantile: Stated[Fraction]
    above_seconds: Stated[Fraction]


class Route(StrEnum):
    LEAST_LOADED = "least loaded"
    ROUND_ROBIN = "round robin"
    RANDOM = "random"
    BY_HEADER = "by header"


@dataclass(frozen=True, slots=True)
class Policy:
    """How one side calls another. None: nothing was said, and nothing is enforced."""

    timeout_seconds: Stated[Fraction] | None
    try_timeout_seconds: Stated[Fraction] | None
    retry: Retry | None
    breaker: Break | None
    limit: Limit | None
    shed_on_failure: ShedOnFailure | None
    shed_on_latency: ShedOnLatency | None
    route: Stated[Route]
    route_header: Stated[str] | None


class CallerKind(StrEnum):
    DEMAND = "demand"
    POOL = "pool"


class CalleeKind(StrEnum):
    POOL = "pool"
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class Call:
    """An edge of the call graph. A `serves` clause is an edge from a demand, with one call per request."""

    at: Span
    caller_kind: CallerKind
    caller: str
    callee_kind: CalleeKind
    callee: str
    per_request: Stated[Fraction]
    tokens_per_call: Stated[Fraction] | None
    policy: Policy

    @property
    def name(self) -> str:
        return f"{self.caller} -> {self.callee}"


class Scope(StrEnum):
    """What a budget counts. compute is agents + nodes, total is all."""

    AGENTS = "agents"
    NODES = "nodes"
    TOKENS = "tokens"
    COMPUTE = "compute"
    TOTAL = "total"


class Period(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    @property
    def hours(self) -> int:
        """A month is 730 h, a twelfth of a year, as cloud providers bill."""
        return {"hour": 1, "day": 24, "month": 730}[self.value]


@dataclass(frozen=True, slots=True)
class Budget:
    """Money that may be spent in each period. A guarantee on cost is kept in the same form."""

    at: Span
    scope: Scope
    dollars: Stated[Fraction]
    period: Period


class FaultKind(StrEnum):
    CRASHED = "crashed"
    BYZANTINE = "byzantine"


@dataclass(frozen=True, slots=True)
class Consensus:
    """A decision of `members` agents of a pool; more than `majority` of all of them must agree."""

    name: str
    at: Span
    pool: Stated[str]
    members: Stated[int]
    majority: Stated[Fraction]
    tolerate: Stated[int]
    fault: FaultKind
    within_seconds: Stated[Fraction] | None
    round_seconds: Stated[Fraction] | None
    """The time of one message exchange, an assumption; a decision takes two rounds."""


@dataclass(frozen=True, slots=True)
class LatencyGuarantee:
    """`demand` None: of every demand. `bounds` are (quantile as a share, seconds)."""

    at: Span
    demand: Stated[str] | None
    bounds: tuple[tuple[Stated[Fraction], Stated[Fraction]], ...]


@dataclass(frozen=True, slots=True)
class SuccessGuarantee:
    at: Span
    demand: Stated[str] | None
    share: Stated[Fraction]
    over_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class RecoveryGuarantee:
    at: Span
    within_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class AmplificationGuarantee:
    """No request of a user may become more than `factor` attempts at any one callee."""

    at: Span
    factor: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a fault strikes, in seconds from the trial's start; `every` repeats it, `lasting` bounds it."""

    at_seconds: Stated[Fraction]
    every_seconds: Stated[Fraction] | None
    lasting_seconds: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class KillFault:
    at: Span
    pool: Stated[str]
    share: Stated[Fraction] | None
    count: Stated[int] | None
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class HangFault:
    """Agents that keep their connections and answer nothing."""

    at: Span
    pool: Stated[str]
    share: Stated[Fraction] | None
    count: Stated[int] | None
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class DelayFault:
    at: Span
    caller: Stated[str]
    callee: Stated[str]
    delay_seconds: Stated[Fraction]
    share: Stated[Fraction]
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class AbortFault:
    at: Span
    caller: Stated[str]
    callee: Stated[str]
    share: Stated[Fraction]
    schedule: Schedule


Fault = KillFault | HangFault | DelayFault | AbortFault


@dataclass(frozen=True, slots=True)
class LoadStep:
    """From `at_seconds` on, the demand is `factor` times its steady level (1: the steady level itself).

    `peak` True stands for the envelope's peak; a demand with a trace and no steps replays its trace.
    """

    at: Span
    demand: Stated[str]
    factor: Stated[Fraction] | None
    peak: bool
    at_seconds: Stated[Fraction]
    over_seconds: Stated[Fraction] | None
    """The time over which the rate moves there, in a straight line; None: at once."""


@dataclass(frozen=True, slots=True)
class Trial:
    name: str
    at: Span
    scale: Stated[Fraction]
    """Agents and demand of the local fleet as a share of the real one: 1/50."""
    duration_seconds: Stated[Fraction]
    loads: tuple[LoadStep, ...]
    faults: tuple[Fault, ...]


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
