"""The plan's part on trials: what is run for how long, under which load, and what strikes it.

Invariant: rates and counts are those of the full size; `scale` says what part of it is tried. Times count from the
trial's start, in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """One fault of a trial. `kind` is kill, hang, delay, abort, partition or saturate.

    kill and hang: `pool` and `share` or `count` of its agents. delay and abort: `caller` and `callee`, `share` of the
    requests, and `delay_seconds` for delay. partition: `calls`, the names of the calls that it cuts. saturate: `pool`,
    and `share` of its cpu. Times count from the trial's start; `every_seconds` repeats it.
    """

    kind: str
    at_seconds: Fraction
    every_seconds: Fraction | None
    lasting_seconds: Fraction | None
    pool: str | None
    caller: str | None
    callee: str | None
    share: Fraction | None
    count: int | None
    delay_seconds: Fraction | None
    origin: Span
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """At `at_seconds` the rate of a demand is `per_second` (full size); between two points it moves in a line."""

    at_seconds: Fraction
    per_second: Fraction


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """The load of one demand in a trial: points of a piecewise linear rate, or a replay of its trace."""

    demand: str
    points: tuple[LoadPoint, ...]
    replay: bool

    @property
    def asks(self) -> bool:
        """Whether anything is asked at all: a demand that waits for its peak may be at 0 throughout."""
        return self.replay or any(point.per_second > 0 for point in self.points)


@dataclass(frozen=True, slots=True)
class BacklogPlan:
    """`tasks` wait in a queue of `pool` as the trial begins, at full size."""

    queue: str
    pool: str
    tasks: int

    @property
    def logged(self) -> str:
        """By what its tasks are known in a trial's logs: no demand has such a name."""
        return f"queue/{self.queue}"

    def tasks_at(self, scale: Fraction) -> int:
        """How many a fleet of that scale begins with: rounded up."""
        return math.ceil(self.tasks * scale)


@dataclass(frozen=True, slots=True)
class TrialPlan:
    name: str
    scale: Fraction
    duration_seconds: Fraction
    loads: tuple[LoadPlan, ...]
    faults: tuple[FaultPlan, ...]
    origin: Span
    backlogs: tuple[BacklogPlan, ...] = ()
    reports: tuple[str, ...] = ()
