"""How agents decide, are organised, deal with one another and with people, and what they may reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


@dataclass(frozen=True, slots=True)
class Groups:
    """Votes in groups of `size`, in `levels` levels. `confidence` and `margin` stand together or not at all."""

    at: Span
    random: bool
    size: Stated[int]
    levels: Stated[int]
    confidence: Stated[Fraction] | None
    margin: Stated[Fraction] | None
    count_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Tier:
    """`count` is for each agent of the tier above where `each`, else in all; `pool` "": nobody's agents are named."""

    name: str
    count: Stated[int]
    each: bool
    pool: str


class PatternKind(StrEnum):
    DIRECT = "direct"
    HUB = "hub"
    TREE = "tree"
    MESH = "mesh"


@dataclass(frozen=True, slots=True)
class Pattern:
    """`most`: up to how many agents it suits."""

    at: Span
    kind: PatternKind
    most: Stated[int]


@dataclass(frozen=True, slots=True)
class Organisation:
    name: str
    at: Span
    tiers: tuple[Tier, ...]
    span: Stated[int] | None
    reassign_seconds: Stated[Fraction] | None
    escalate_seconds: Stated[Fraction] | None
    decide_seconds: Stated[Fraction] | None
    results_seconds: Stated[Fraction] | None
    hop_seconds: Stated[Fraction] | None
    pattern: Pattern | None


@dataclass(frozen=True, slots=True)
class Negotiation:
    name: str
    at: Span
    buyers: str
    sellers: str
    rounds: Stated[int]
    round_seconds: Stated[Fraction]
    mediator: str | None
    mediator_seconds: Stated[Fraction] | None
    limit_seconds: Stated[Fraction]


class Sign(StrEnum):
    LATENCY = "latency"
    QUEUE = "queue"
    ERRORS = "errors"
    OVERHEAD = "overhead"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True)
class Signal:
    """`above`: a factor of `normal_seconds` for latency, a share for errors and overhead, a count for the others."""

    at: Span
    sign: Sign
    above: Stated[Fraction] | Stated[int]
    quantile: Stated[Fraction] | None = None
    normal_seconds: Stated[Fraction] | None = None


class Action(StrEnum):
    FREEZE = "freeze additions"
    BREAK = "open breakers"
    SHED = "shed low"
    REPARTITION = "repartition"
    RESTRUCTURE = "restructure"


@dataclass(frozen=True, slots=True)
class Step:
    """What is done by when: `within_seconds` None is at once, or later where `later`."""

    at: Span
    actions: tuple[Action, ...]
    within_seconds: Stated[Fraction] | None
    later: bool


@dataclass(frozen=True, slots=True)
class Crisis:
    """`levels`: (level, signals at once), as written."""

    name: str
    at: Span
    signals: tuple[Signal, ...]
    levels: tuple[tuple[Stated[int], Stated[int]], ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    at: Span
    people: Stated[int]
    answers_seconds: Stated[Fraction] | None
    decides_per_second: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class Approval:
    at: Span
    action: str
    role: str
    limit_seconds: Stated[Fraction]
    otherwise: str
    asked_per_second: Stated[Fraction] | None


@dataclass(frozen=True, slots=True)
class EmergencyStop:
    at: Span
    limit_seconds: Stated[Fraction]
    role: str


@dataclass(frozen=True, slots=True)
class Security:
    at: Span
    mutual_tls: bool
    only_declared: Span | None
    least_privilege: Span | None
