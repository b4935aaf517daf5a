"""The edges of the call graph, each with its policy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from ..semantics.token_bucket import usual_burst
from .stated import Stated


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


@dataclass(frozen=True, slots=True)
class Admit:
    """A token bucket of one calling agent: `per_second` tokens come in, at most `burst` are there."""

    at: Span
    per_second: Stated[Fraction]
    burst: Stated[int] | None

    @property
    def depth(self) -> int:
        return usual_burst(self.per_second.value) if self.burst is None else self.burst.value


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A new agent gets `from_share` of a whole agent's part at first, and a whole part after `over_seconds`."""

    at: Span
    over_seconds: Stated[Fraction]
    from_share: Stated[Fraction]


class Route(StrEnum):
    LEAST_LOADED = "least loaded"
    ROUND_ROBIN = "round robin"
    RANDOM = "random"
    BY_HEADER = "by header"
    BY_SUCCESS = "by success"
    BY_CAPACITY = "by remaining capacity"
    BY_SKILL = "by skill"

    @property
    def looks(self) -> bool:
        """Whether it goes by what agents have under way: else each has a queue of its own."""
        return self not in (Route.ROUND_ROBIN, Route.RANDOM, Route.BY_HEADER)


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
    admit: Admit | None = None
    warm_up: WarmUp | None = None

    @property
    def patience_seconds(self) -> Stated[Fraction] | None:
        """How long one try may take: no longer than the whole call, which ST1106 sees to. None: without an end."""
        return self.try_timeout_seconds or self.timeout_seconds

    @property
    def tries_again(self) -> bool:
        return self.retry is not None and self.retry.attempts.value > 0


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
    bytes_per_call: Stated[Fraction] | None = None
    cold_per_request: Stated[Fraction] | None = None
    """Calls per request while the caller's caches are empty."""
    meant_for: str = ""
    """The pool that is written, where another one has taken over from it."""

    @property
    def written_to(self) -> str:
        """The callee as the spec has it: no two calls of one caller have the same."""
        return self.meant_for or self.callee

    @property
    def name(self) -> str:
        return f"{self.caller} -> {self.written_to}"
