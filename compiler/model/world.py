"""The world that a fleet lives in: machines, demands, dependencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


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

    @property
    def climb_seconds(self) -> Fraction:
        """From steady to peak at its slope; 0 without one."""
        rise = self.rise_per_second.value if self.rise_per_second is not None else Fraction(0)
        return (self.peak_per_second.value - self.steady_per_second.value) / rise if rise else Fraction(0)


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
    memory_bytes: Stated[int] | None = None
    dollars_per_byte: Stated[Fraction] | None = None
    retry_after_seconds: Stated[Fraction] | None = None
    """What it asks of callers whom it refuses: not again before this time."""
    requests_period_seconds: int = 60
    tokens_period_seconds: int = 60
    """In which the spec counts its limits: 1, 60 or 3600."""
