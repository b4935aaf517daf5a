"""A trial's load steps -> requests per second of each demand and on each call while it lasts.

Invariant: `least` <= `mean` <= `most`, and what flows through the call graph is what flows when nothing is retried.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from operator import attrgetter

from ...model import Call, CallerKind, Demand, LoadStep, Trial
from ..flows.analysis import Analysis
from ..words import per_second


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second over a trial."""

    least: Fraction
    mean: Fraction
    most: Fraction

    def times(self, factor: Fraction) -> Load:
        return Load(self.least * factor, self.mean * factor, self.most * factor)

    def __add__(self, other: Load) -> Load:
        return Load(self.least + other.least, self.mean + other.mean, self.most + other.most)


_DEMAND, _AT = attrgetter("demand.value"), attrgetter("at_seconds.value")
NONE = Load(Fraction(0), Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a trial, from `start` to `end`: a demand's rate, requests per second, goes from `low` to `high` in a straight
    line, which may fall."""

    start: Fraction
    end: Fraction
    low: Fraction
    high: Fraction


def pieces_of(trial: Trial, demand: Demand) -> list[Piece] | None:
    """Steps hold until the next one; a ramp is a straight line; before the first step it is the steady level. None of a
    trace that is replayed."""
    steady, peak = demand.steady_per_second.value, demand.peak_per_second.value
    first, last = (cut(trial.loads, demand.name, key=_DEMAND) for cut in (bisect_left, bisect_right))
    steps = sorted(trial.loads[first:last], key=_AT)
    if any(_replays(one) for one in steps):
        return None
    now, rate = Fraction(0), steady
    end = trial.duration_seconds.value
    found: list[Piece] = []
    for index, step in enumerate(steps):
        at = min(step.at_seconds.value, end)
        until = min(steps[index + 1].at_seconds.value, end) if index + 1 < len(steps) else end
        if at > now:
            found.append(Piece(now, at, rate, rate))
        goal = peak if step.peak else steady * (step.factor.value if step.factor is not None else 1)
        over = min(step.over_seconds.value if step.over_seconds is not None else Fraction(0), until - at)
        if over:
            found.append(Piece(at, at + over, rate, goal))
        found.append(Piece(at + over, until, goal, goal))
        now, rate = until, goal
    return [*found, Piece(now, end, rate, rate)] if now < end else found


def load_of(trial: Trial, demand: Demand) -> Load:
    """A trace that is replayed may be silent for as long as one likes."""
    steady, peak = demand.steady_per_second.value, demand.peak_per_second.value
    pieces = pieces_of(trial, demand)
    if pieces is None:
        return Load(Fraction(0), steady, peak)
    seen = [rate for one in pieces for rate in (one.low, one.high)]
    area = sum(((one.low + one.high) / 2 * (one.end - one.start) for one in pieces), Fraction(0))
    return Load(min(seen), area / trial.duration_seconds.value, max(seen))


def beyond_the_peak(analysis: Analysis, trial: Trial) -> Iterator[str]:
    """Why nothing is proved of a trial: a sentence for each demand that it drives above its envelope."""
    raised = {one.demand.value for one in trial.loads if one.factor is not None and one.factor.value > 1}
    for demand in analysis.fleet.demands:
        steady, peak = demand.steady_per_second.value, demand.peak_per_second.value
        if demand.name not in raised and steady <= peak:
            continue
        most = load_of(trial, demand).most
        if most > peak:
            yield (
                f"trial {trial.name} drives {demand.name} to {per_second(most)}, above its peak of {per_second(peak)}, "
                "to which everything is worked out; a higher peak, or less load, would decide it"
            )


def _replays(step: LoadStep) -> bool:
    return step.factor is None and not step.peak


@dataclass(frozen=True)
class Traffic:
    """What a trial's load makes of each call; worked out once a call."""

    analysis: Analysis
    trial: Trial
    _known: dict[str, Load] = field(default_factory=dict, repr=False)
    _sent: dict[str, Load] = field(default_factory=dict, repr=False)
    """By demand."""

    def of(self, call: Call) -> Load:
        if call.name not in self._known:
            if call.caller_kind is CallerKind.DEMAND:
                self._known[call.name] = self._from(self.analysis.demand(call.caller))
            else:
                self._known[call.name] = self._at(call.caller).times(call.per_request.value)
        return self._known[call.name]

    def _at(self, pool: str) -> Load:
        found = NONE
        for demand in self.analysis.demands_of(pool):
            visited = self.analysis.visits_to(pool, demand)
            if visited:
                found = found + self._from(demand).times(visited)
        return found

    def _from(self, demand: Demand) -> Load:
        if demand.name not in self._sent:
            self._sent[demand.name] = load_of(self.trial, demand)
        return self._sent[demand.name]
