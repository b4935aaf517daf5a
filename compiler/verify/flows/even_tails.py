"""A tail divided evenly among all stages of a way -> a time that no larger share of its requests exceeds, quickly.

Invariant: the same union bound as `tails`, with the one division that needs no search; so never below the best one.
A stage that happens with a chance gets its part of the tail for when it happens. Shares stand on a ladder of 10^(-n/4),
and every place is worked out once a rung: a pass over the calls, callees first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

from ...model import Call
from ...semantics.latency import LogNormal
from ...semantics.queueing import Wait
from .analysis import Analysis
from .deadlines import Ends
from .figures import ERROR

SMALLEST = 1e-14
"""Below this 1 - tail has no digits left: a tail is then taken to be as small as this, which is not exact."""
_A_DECADE, _LAST = 4, 52
"""Rungs; the last is 1e-13."""
_LOOKED_AT = (28, 20, 16, 12, 8)
"""The rungs that a share of late requests is looked for on."""
EVERY_RUNG = range(_LOOKED_AT[0], 0, -1)
_STANDARD = NormalDist()


class Stage(NamedTuple):
    """A time that a request spends: waiting at a pool, being served there, or waiting for a dependency."""

    name: str
    time: Wait | LogNormal

    def exceeded(self, tail: float, chance: float) -> tuple[float, float]:
        """The time that is exceeded with probability `tail` at most by a stage that happens with `chance`, and how much
        of it a relative change of the tail costs: -d time / d log(tail)."""
        if tail >= chance:
            return 0.0, 0.0
        return self.time.exceeded(max(tail / chance, SMALLEST))

    def later_than(self, seconds: float) -> float:
        """The share that takes longer."""
        return self.time.above(seconds) if seconds > 0 else 1.0


class _Hop(NamedTuple):
    """A call that is made `whole` times and, where it is `perhaps` made, once more."""

    callee: str
    whole: int
    perhaps: bool
    rungs: int
    """By how many rungs the tail of a call that happens with a chance is longer when it happens."""
    patience: float
    late: float
    """What counts as its time where the callee takes longer than its patience."""


class _Place(NamedTuple):
    stages: list[Stage] | None
    hops: tuple[_Hop, ...]
    calls: tuple[str, ...]
    passed: float
    """Stages on the way from here down, as often as they are passed."""


class EvenTails:
    """`stages` gives those of a dependency or pool, or why they are not known; a demand has none of its own.
    `ends`: how long what lies behind a call may take, and what counts as its time where it takes longer."""

    def __init__(
        self,
        analysis: Analysis,
        stages: Callable[[str], list[Stage] | str],
        ends: Callable[[Call], Ends],
    ) -> None:
        self._analysis, self._stages, self._ends = analysis, stages, ends
        self._places: dict[str, _Place] = {}
        self._known: dict[int, dict[str, float]] = {}

    def _place(self, name: str) -> _Place:
        if name not in self._places:
            for each in (*reversed(self._analysis.reached(name)), name):
                if each not in self._places:
                    self._places[each] = self._made(each)
        return self._places[name]

    def _made(self, name: str) -> _Place:
        own = self._stages(name)
        found = math.inf if isinstance(own, str) else float(len(own))
        hops = []
        for link in self._analysis.figures.links.get(name, ()):
            behind = self._places.get(link.callee) or self._place(link.callee)
            found += (link.whole + 1 if link.chance else link.whole) * behind.passed
            rungs = math.floor(-_A_DECADE * math.log10(link.chance)) if link.chance else 0
            hops.append(_Hop(link.callee, link.whole, link.chance > 0, rungs, *self._ends(link.call)))
        return _Place(None if isinstance(own, str) else own, tuple(hops), tuple([hop.callee for hop in hops]), found)

    def forget(self, name: str) -> None:
        """What was worked out of a place, as long as nobody has asked for one that calls it."""
        self._places.pop(name, None)
        for known in self._known.values():
            known.pop(name, None)

    def bound(self, start: str, tail: float) -> float:
        """Seconds that no larger share exceeds; infinite where that is not known, or the parts are too small."""
        count = self._place(start).passed
        if not 0 < count < math.inf or tail < SMALLEST:
            return math.inf if count else 0.0
        rung = max(1, math.ceil(_A_DECADE * math.log10(count / tail)))
        return self._at(rung, start) if rung <= _LAST else math.inf

    def share_later_than(self, name: str, seconds: float, rungs: Sequence[int] = _LOOKED_AT) -> float:
        """No smaller than the share of requests to a place that take longer; 1 where that is not known. `rungs`: those
        that it is looked for on, the smallest tails first."""
        place = self._place(name)
        if place.stages is not None and len(place.stages) == 1 and not place.hops:
            return place.stages[0].later_than(seconds)
        in_time = seconds * (1 - ERROR)
        # Most are in time on the first or not far from it: steps double from there until one is, which is then halved.
        first, last, step = -1, 0, 1
        while last < len(rungs) and self._at(rungs[last], name) > in_time:
            first, last, step = last, last + step, 2 * step
        last = min(last, len(rungs))
        while last - first > 1:
            middle = (first + last) // 2
            first, last = (first, middle) if self._at(rungs[middle], name) <= in_time else (middle, last)
        return min(1.0, place.passed * 10 ** (-rungs[last] / _A_DECADE)) if last < len(rungs) else 1.0

    def _at(self, rung: int, start: str) -> float:
        """Seconds that no larger share than 10^(-rung / 4) times the count of stages exceeds, from this place on."""
        known = self._known.get(rung)
        if known is None:
            known = self._known[rung] = {}
        if start not in known:
            self._place(start)
            tail, z = _tail_of(rung)
            open_ = [start]
            while open_:
                place = self._places[open_[-1]]
                # What is called comes first.
                behind = [name for name in place.calls if name not in known]
                if behind:
                    open_ += behind
                else:
                    known[open_.pop()] = self._time(place, rung, tail, z, known)
        return known[start]

    def _time(self, place: _Place, rung: int, tail: float, z: float, known: dict[str, float]) -> float:
        if place.stages is None:
            return math.inf
        times = 0.0
        for stage in place.stages:
            time = stage.time
            times += time.at(z) if isinstance(time, LogNormal) else time.quantile_above(tail)
        for callee, whole, perhaps, rungs, patience, late in place.hops:
            behind = known[callee]
            if whole:
                times += whole * (behind if behind <= patience else late)
            if perhaps:
                if rungs:
                    behind = self._at(rung - rungs, callee) if rung > rungs else 0.0
                times += behind if behind <= patience else late
        return times


@cache
def _tail_of(rung: int) -> tuple[float, float]:
    """The tail of a rung, and the standard normal quantile of it."""
    tail = 10 ** (-rung / _A_DECADE)
    return tail, _STANDARD.inv_cdf(1 - tail)
