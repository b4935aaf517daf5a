"""The evidence as curves over the trial's time.

Turns requests and events into evenly binned series and step curves. Invariant: a bin without requests has no value
(None), and a curve breaks there; nothing is interpolated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.plan_trials import TrialPlan

from ..evidence import EjectionEvent, FaultEvent, ReplicasEvent, Request
from ..experiments.steps import STRIKES, describe
from ..verdict.statistics import quantile

WIDTHS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
MOST_BINS = 120
WISHED_REQUESTS = 50
LEAST_BINS = 18
QUANTILES = (Fraction(1, 2), Fraction(95, 100), Fraction(99, 100))


@dataclass(frozen=True, slots=True)
class Bin:
    """Requests that were due in [start, end). Latencies are of the answered ones, from when they were due."""

    start: float
    end: float
    due: int
    ok: int
    p50: float | None
    p95: float | None
    p99: float | None

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2

    @property
    def success(self) -> float | None:
        return self.ok / self.due if self.due else None

    @property
    def offered_per_second(self) -> float:
        return self.due / (self.end - self.start)

    @property
    def served_per_second(self) -> float:
        return self.ok / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Span:
    """Something that was there from `start` to `end`; a fault that strikes once has both the same."""

    label: str
    row: int
    start: float
    end: float


def bin_width(requests: int, duration: float) -> float:
    """The width in seconds: fine enough to see a fault, wide enough that a bin's p99 is not its slowest request."""
    for width in WIDTHS:
        count = duration / width
        if count <= MOST_BINS and (requests / count >= WISHED_REQUESTS or count <= LEAST_BINS):
            return width
    return WIDTHS[-1]


def bins(requests: Sequence[Request], duration: float) -> tuple[Bin, ...]:
    """The requests of one demand by due time."""
    width = bin_width(len(requests), duration)
    count = max(1, math.ceil(duration / width))
    groups: list[list[Request]] = [[] for _ in range(count)]
    for request in requests:
        groups[min(count - 1, max(0, int(request.due / width)))].append(request)
    return tuple(_bin(index * width, min((index + 1) * width, duration), group) for index, group in enumerate(groups))


def fault_spans(trial: TrialPlan, faults: Sequence[FaultEvent]) -> tuple[Span, ...]:
    """What was injected and when, from the events. `row` is the fault's index in the trial."""
    duration = float(trial.duration_seconds)
    spans: list[Span] = []
    open_since: dict[int, float] = {}
    for event in faults:
        if not 0 <= event.fault < len(trial.faults):
            continue
        fault = trial.faults[event.fault]
        if event.phase == "injected" and fault.kind in STRIKES:
            spans.append(Span(describe(fault), event.fault, event.t, event.t))
        elif event.phase == "injected":
            open_since.setdefault(event.fault, event.t)
        elif event.phase == "undone" and event.fault in open_since:
            spans.append(Span(describe(fault), event.fault, open_since.pop(event.fault), min(event.t, duration)))
    spans += [Span(describe(trial.faults[index]), index, start, duration) for index, start in open_since.items()]
    return tuple(sorted(spans, key=lambda span: (span.start, span.row)))


def ejection_spans(ejections: Sequence[EjectionEvent], duration: float) -> tuple[Span, ...]:
    """When each host of each call was ejected. `row` numbers the calls in the order of their first ejection.

    Hosts that the proxy would have ejected and spared for the share's sake were never out.
    """
    rows: dict[str, int] = {}
    open_since: dict[tuple[str, str], float] = {}
    spans: list[Span] = []
    for event in ejections:
        key = (event.call, event.host)
        if event.phase == "ejected":
            rows.setdefault(event.call, len(rows))
            open_since.setdefault(key, event.t)
        elif event.phase == "returned" and key in open_since:
            spans.append(Span(event.call, rows[event.call], open_since.pop(key), event.t))
    spans += [Span(call, rows[call], start, duration) for (call, _), start in open_since.items()]
    return tuple(sorted(spans, key=lambda span: (span.row, span.start)))


def replica_steps(events: Sequence[ReplicasEvent], duration: float) -> dict[str, tuple[tuple[float, int, int], ...]]:
    """For each pool the points (time, wanted, ready), a new one where either changes, carried on to the end.

    The fleet starts before the trial does: of what was before 0, only the last state is shown, at 0.
    """
    pools: dict[str, list[tuple[float, int, int]]] = {}
    for event in events:
        points = pools.setdefault(event.pool, [])
        if points and event.t <= 0:
            points.clear()
        if not points or points[-1][1:] != (event.wanted, event.ready):
            points.append((min(max(event.t, 0.0), duration), event.wanted, event.ready))
    return {pool: (*points, (duration, *points[-1][1:])) for pool, points in pools.items()}


def _bin(start: float, end: float, group: Sequence[Request]) -> Bin:
    times = sorted(request.latency_seconds for request in group if request.ok)
    p50, p95, p99 = (quantile(times, share) for share in QUANTILES) if times else (None, None, None)
    return Bin(start, end, len(group), len(times), p50, p95, p99)
