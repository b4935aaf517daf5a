"""What is held to: budgets, votes, guarantees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from .money import Division
from .order import Groups
from .stated import Stated


class Scope(StrEnum):
    """What a budget counts. compute is agents + nodes, total is all."""

    AGENTS = "agents"
    NODES = "nodes"
    TOKENS = "tokens"
    COMPUTE = "compute"
    TOTAL = "total"

    @property
    def has_agents(self) -> bool:
        return self in (Scope.AGENTS, Scope.COMPUTE, Scope.TOTAL)

    @property
    def has_nodes(self) -> bool:
        return self in (Scope.NODES, Scope.COMPUTE, Scope.TOTAL)

    @property
    def has_tokens(self) -> bool:
        return self in (Scope.TOKENS, Scope.TOTAL)


class Period(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    @property
    def hours(self) -> int:
        """A month is 730 h, a twelfth of a year, as cloud providers bill."""
        return {"hour": 1, "day": 24, "month": 730}[self.value]

    @property
    def one(self) -> str:
        """In words: an hour, a day."""
        return f"{'an' if self is Period.HOUR else 'a'} {self.value}"


@dataclass(frozen=True, slots=True)
class Budget:
    """Money that may be spent in each period. A guarantee on cost is kept in the same form."""

    at: Span
    scope: Scope
    dollars: Stated[Fraction]
    period: Period
    division: Division | None = None


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
    groups: Groups | None = None
    tie: Stated[str] | None = None
    remember_seconds: Stated[Fraction] | None = None


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
class ThroughputGuarantee:
    """So many requests a second of a demand can be served, with the other demands at their peaks."""

    at: Span
    demand: Stated[str]
    per_second: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class UseGuarantee:
    """What the bounds allow to be spent is below this share of each budget of the scope."""

    at: Span
    scope: Scope
    share: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class AmplificationGuarantee:
    """No request of a user may become more than `factor` attempts at any one callee."""

    at: Span
    factor: Stated[Fraction]
