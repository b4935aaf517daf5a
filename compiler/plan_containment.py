"""Parts of the plan: how failures are contained, and what agents share and take from queues.

Invariant: each record names its pool or dependency, so that it stands by itself beside what the plan says of these.
Units as in the plan: seconds, bytes, shares of 1; exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from .model import QueueOrder


@dataclass(frozen=True, slots=True)
class RestartPlan:
    """None: nothing was said. `backoff_cap_seconds` is the ceiling of a pause that doubles."""

    pool: str
    pause_above: Fraction | None
    backoff_first_seconds: Fraction | None
    backoff_cap_seconds: Fraction | None
    elsewhere: bool
    origin: Span


@dataclass(frozen=True, slots=True)
class DegradePlan:
    """One step of a pool, in the order of the shares."""

    pool: str
    answer: str
    above_busy: Fraction
    service_mean_seconds: Fraction
    service_p99_seconds: Fraction | None
    makes_calls: bool
    carries: Fraction
    origin: Span


@dataclass(frozen=True, slots=True)
class PushBackPlan:
    pool: str
    pending: int
    """Requests that may wait at one agent."""
    origin: Span


@dataclass(frozen=True, slots=True)
class SkillPlan:
    pool: str
    skill: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class SharedMemoryPlan:
    dependency: str
    bytes_all: int | None
    holds: tuple[tuple[str, int], ...]
    """(pool, bytes that each of its agents takes)."""


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """Counts are for each shard."""

    name: str
    pool: str
    shards: int
    by_skill: bool
    order: QueueOrder
    alert_above: int | None
    age_seconds: Fraction | None
    batch: int
    bound: int | None
    origin: Span


@dataclass(frozen=True, slots=True)
class BulkheadPlan:
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThroughputObjective:
    guarantee: str
    demand: str
    per_second: Fraction
    origin: Span


@dataclass(frozen=True, slots=True)
class Containment:
    """All of it; empty where nothing was said."""

    restarts: tuple[RestartPlan, ...] = ()
    degradation: tuple[DegradePlan, ...] = ()
    push_back: tuple[PushBackPlan, ...] = ()
    skills: tuple[SkillPlan, ...] = ()
    shared_memory: tuple[SharedMemoryPlan, ...] = ()
    queues: tuple[QueuePlan, ...] = ()
    bulkheads: tuple[BulkheadPlan, ...] = ()
    throughput: tuple[ThroughputObjective, ...] = ()
