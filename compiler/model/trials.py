"""How the guarantees are tried."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from .stated import Stated


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


@dataclass(frozen=True, slots=True)
class PartitionFault:
    """No call gets from one side to the other; `calls` are those between the sides, both ways."""

    at: Span
    calls: tuple[tuple[Stated[str], Stated[str]], ...]
    schedule: Schedule

    def aborts(self) -> tuple[AbortFault, ...]:
        """What it does to each call: all its requests fail at once."""
        all_ = Stated(Fraction(1), self.at, "all of it", "a partition lets nothing through")
        return tuple(AbortFault(self.at, caller, callee, all_, self.schedule) for caller, callee in self.calls)


@dataclass(frozen=True, slots=True)
class SaturateFault:
    """Each agent of the pool gets only what is left of its cpu."""

    at: Span
    pool: Stated[str]
    share: Stated[Fraction]
    schedule: Schedule


Fault = KillFault | HangFault | DelayFault | AbortFault | PartitionFault | SaturateFault


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
class Backlog:
    """Items that wait in a queue as the trial begins, at full size."""

    at: Span
    queue: Stated[str]
    tasks: Stated[int]


@dataclass(frozen=True, slots=True)
class Trial:
    name: str
    at: Span
    scale: Stated[Fraction]
    """Agents and demand of the local fleet as a share of the real one: 1/50."""
    duration_seconds: Stated[Fraction]
    loads: tuple[LoadStep, ...]
    """Of every demand of the fleet, in the order of their names."""
    faults: tuple[Fault, ...]
    backlogs: tuple[Backlog, ...] = ()
    reports: tuple[str, ...] = ()
    """Figures that were asked for by name."""
