"""How money, tokens and work are divided, bid for and paid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


class Rule(StrEnum):
    """By what a budget is divided among agents; PRIORITY is what holds where nothing was said but pre-emption."""

    EQUALLY = "equally"
    WEIGHT = "by weight"
    RESOURCE = "by resource"
    UTILITY = "by utility"
    SUCCESS = "by success"
    AUCTION = "by auction"


@dataclass(frozen=True, slots=True)
class Weight:
    pool: str
    weight: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Dispute:
    """`weights`: votes of one agent by the priority of its pool, as (priority, votes)."""

    at: Span
    weights: tuple[tuple[int, Stated[int]], ...]
    majority: Stated[Fraction]
    least_share: Stated[Fraction] | None
    no_pool_alone: Span | None


@dataclass(frozen=True, slots=True)
class Division:
    """`floor` and `ceiling`: dollars for each agent in each period of the budget."""

    at: Span
    rule: Stated[Rule]
    floor: Stated[Fraction] | None
    ceiling: Stated[Fraction] | None
    weights: tuple[Weight, ...]
    auction: Stated[str] | None
    preempt: Span | None
    stop: Span | None
    dispute: Dispute | None


class Fairness(StrEnum):
    MAX_MIN = "max-min"
    PROPORTIONAL = "proportional"
    PRIORITY = "priority first"
    FIRST_COME = "first come"


@dataclass(frozen=True, slots=True)
class Tenant:
    """`floor` and `ceiling` are shares of the quota."""

    name: str
    at: Span
    weight: Stated[Fraction]
    floor: Stated[Fraction] | None
    ceiling: Stated[Fraction] | None
    priority: Stated[int] | None


@dataclass(frozen=True, slots=True)
class Quota:
    """`what` is tokens or requests; `period_seconds` is the unit of time in which the rate was written."""

    at: Span
    what: str
    per_second: Stated[Fraction]
    period_seconds: int
    dependency: Stated[str]
    tenants: tuple[Tenant, ...]
    fair: Stated[Fairness]
    nobody_starves: Span | None
    no_envy: Span | None
    charge_after: Stated[bool]
    stop: bool

    @property
    def name(self) -> str:
        return f"{self.what}-of-{self.dependency.value}"


@dataclass(frozen=True, slots=True)
class Dutch:
    """The price falls by `drop` of itself every `step_seconds`, down to `reserve`."""

    start: Stated[Fraction]
    drop: Stated[Fraction]
    step_seconds: Stated[Fraction]
    reserve: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class English:
    lasting_seconds: Stated[Fraction]
    every_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Combinatorial:
    items: Stated[int]
    lasting_seconds: Stated[Fraction]
    step_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Auction:
    name: str
    at: Span
    kind: Dutch | English | Combinatorial
    deadline_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Contract:
    """What `callee` promises `caller` for each call. `pay_hours` is the period of `pay_at_most`."""

    at: Span
    caller: str
    callee: str
    deadline_seconds: Stated[Fraction]
    dollars: Stated[Fraction]
    penalty_dollars: Stated[Fraction] | None
    exclude_after: Stated[int] | None
    reputation_seconds: Stated[Fraction]
    pay_at_most: Stated[Fraction] | None
    pay_hours: int

    @property
    def name(self) -> str:
        return f"{self.caller}-{self.callee}"


@dataclass(frozen=True, slots=True)
class Economics:
    """What a request earns."""

    at: Span
    dollars_per_request: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Overhead:
    """What agents lose to each other: shares for each other agent, for each other pair."""

    contention: Stated[Fraction]
    coherency: Stated[Fraction]
