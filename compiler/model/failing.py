"""What agents do when they fail or are too busy, and what must not fail together."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


@dataclass(frozen=True, slots=True)
class Restarts:
    """How failed agents are started again. None: nothing was said, and the platform's own rule holds."""

    at: Span
    pause_above: Stated[Fraction] | None
    """No restarts while a larger share of the pool fails."""
    backoff_first_seconds: Stated[Fraction] | None
    backoff_cap_seconds: Stated[Fraction] | None
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Degrade:
    """One step: what an agent answers instead while more than `above_busy` of its slots are taken."""

    at: Span
    answer: str
    above_busy: Stated[Fraction]
    service_mean_seconds: Stated[Fraction]
    service_p99_seconds: Stated[Fraction] | None
    makes_calls: bool
    carries: Stated[Fraction]
    """How many times the peak the pool must carry in this step."""


@dataclass(frozen=True, slots=True)
class Skill:
    """`share` is that of the pool's requests which want it; the shares of a pool come to 1 at most."""

    name: str
    share: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Bulkhead:
    """Names of pools or demands on either side."""

    at: Span
    left: tuple[Stated[str], ...]
    right: tuple[Stated[str], ...]
