"""When each request of a trial is due.

Turns a `LoadPlan`, the trial's scale and a seed into ascending due times in seconds since the trial's origin.
Invariant: the same plan, scale and seed give the same times, on every machine and in every version of Python that the
project supports, and the times of one demand do not depend on the other demands of the trial.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from seatrial.compiler.plan import DemandPlan
from seatrial.compiler.plan_trials import LoadPlan, LoadPoint, TrialPlan


class Spacing(StrEnum):
    """How requests fall in time around the planned rate.

    POISSON: independent of one another, as the arrivals of many users are; UNIFORM: one each time that the planned
    rate has accumulated one request, which is the kindest load of that rate.
    """

    POISSON = "poisson"
    UNIFORM = "uniform"


@dataclass(frozen=True, slots=True)
class Piece:
    """From `start` to `end` (seconds) the rate moves in a line from `first` to `last` (requests per second)."""

    start: float
    end: float
    first: float
    last: float

    @property
    def area(self) -> float:
        """The expected number of requests in the piece."""
        return (self.end - self.start) * (self.first + self.last) / 2

    def at_area(self, area: float) -> float:
        """The time at which `area` requests are expected since the piece's start, 0 <= area <= self.area.

        The expected number is first·t + slope·t²/2; its root is taken in the form 2c / (b + sqrt(b² + 2·a·c)), which
        loses no digits when the slope is near zero.
        """
        slope = (self.last - self.first) / (self.end - self.start)
        root = math.sqrt(max(0.0, self.first * self.first + 2 * slope * area))
        return min(self.end, self.start + 2 * area / (self.first + root)) if area > 0 else self.start


def due_times(
    load: LoadPlan, demand: DemandPlan, trial: TrialPlan, seed: int, spacing: Spacing = Spacing.POISSON
) -> tuple[float, ...]:
    """The due times of one demand in a trial: ascending, within [0, duration).

    Raises ValueError when the plan replays a trace that the demand does not have, or its scale is not in (0, 1]: a
    checked plan has neither.
    """
    if not 0 < trial.scale <= 1:
        raise ValueError(f"the scale {trial.scale} is not in (0, 1]")
    duration = float(trial.duration_seconds)
    if load.replay:
        if not demand.arrivals_seconds:
            raise ValueError(f"{demand.name} has no trace to replay")
        start = worst_stretch(demand.arrivals_seconds, duration)
        return replay(demand.arrivals_seconds, start, duration, float(trial.scale), _generator(seed, load.demand))
    shape = pieces(load.points, float(trial.scale), duration)
    if spacing is Spacing.UNIFORM:
        return uniform(shape)
    return poisson(shape, _generator(seed, load.demand))


def pieces(points: Sequence[LoadPoint], scale: float, duration: float) -> tuple[Piece, ...]:
    """The planned rate times `scale` on [0, duration], as pieces in which it moves in a line.

    Before the first point and after the last one the rate is that of the point. Two points at one time are a jump.
    """
    knots = [(float(point.at_seconds), float(point.per_second) * scale) for point in points]
    if not knots:
        return ()
    knots = [(min(0.0, knots[0][0]), knots[0][1]), *knots, (max(duration, knots[-1][0]), knots[-1][1])]
    shape: list[Piece] = []
    for (start, first), (end, last) in pairwise(knots):
        left, right = max(0.0, start), min(duration, end)
        if right <= left:
            continue
        slope = (last - first) / (end - start)
        shape.append(Piece(left, right, first + slope * (left - start), first + slope * (right - start)))
    return tuple(shape)


def poisson(shape: Sequence[Piece], generator: random.Random) -> tuple[float, ...]:
    """A non-homogeneous Poisson process, exact: unit-rate arrivals, carried back through the expected number.

    Çınlar, Introduction to Stochastic Processes (1975), chapter 4.7; no thinning, so nothing is thrown away and the
    n-th request moves smoothly when the rate does.
    """
    times: list[float] = []
    passed, next_area = 0.0, generator.expovariate(1.0)
    for piece in shape:
        while next_area - passed < piece.area:
            times.append(piece.at_area(next_area - passed))
            next_area += generator.expovariate(1.0)
        passed += piece.area
    return tuple(times)


def uniform(shape: Sequence[Piece]) -> tuple[float, ...]:
    """One request each time that the planned rate has accumulated one more, the first at the half of one."""
    times: list[float] = []
    passed, count = 0.0, 0
    for piece in shape:
        while count + 0.5 - passed < piece.area:
            times.append(piece.at_area(count + 0.5 - passed))
            count += 1
        passed += piece.area
    return tuple(times)


def worst_stretch(arrivals: Sequence[float], duration: float) -> float:
    """Where a replay of `duration` seconds begins so that it holds as many of the arrivals as any such stretch can.

    A trial is much shorter than a trace. Replayed from its beginning it would show an ordinary minute; a policy is
    tried on the worst one. Where the stretch has room to spare, half of it is left before its first arrival, so that a
    burst does not meet a fleet in its first instant. Never before the first arrival. `arrivals` ascend, in seconds.
    """
    best_count, best_first, best_last = 0, 0, 0
    first = 0
    for last, arrival in enumerate(arrivals):
        while arrival - arrivals[first] >= duration:
            first += 1
        if last - first + 1 > best_count:
            best_count, best_first, best_last = last - first + 1, first, last
    spare = duration - (arrivals[best_last] - arrivals[best_first])
    return max(arrivals[0], arrivals[best_first] - spare / 2)


def replay(
    arrivals: Sequence[float], start: float, duration: float, scale: float, generator: random.Random
) -> tuple[float, ...]:
    """The arrivals in [start, start + duration), counted from `start`, each kept with the probability `scale`.

    Thinning keeps the shape: bursts shrink in height by the scale, and not in time.
    """
    chosen = arrivals[bisect_left(arrivals, start) : bisect_left(arrivals, start + duration)]
    return tuple(arrival - start for arrival in chosen if scale >= 1 or generator.random() < scale)


def _generator(seed: int, demand: str) -> random.Random:
    # A string is hashed by SHA-512 into the state, so neighbouring seeds give unrelated loads.
    return random.Random(f"{seed}/{demand}")
