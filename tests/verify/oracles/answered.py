"""A pool of one demand, run request by request -> how long they take, held against the bounds that were proved."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Protocol

from seatrial.compiler.verify import Finding

from ..simulated import Clock, Then, arrivals

PROMISED = "guarantee latency p50 < 1h, p95 < 1h, p99 < 1h"
_TAILS = {50: 0.5, 95: 0.05, 99: 0.01}


class Serves(Protocol):
    """A station, or what stands before several."""

    def arrive(self, done: Then) -> None: ...


def bounds_of(found: Mapping[str, Finding]) -> dict[float, Fraction]:
    """By the share that may take longer; of demand `d`, without what has no bound."""
    told = {tail: found[f"latency/d/p{percent}"].bound for percent, tail in _TAILS.items()}
    return {tail: bound for tail, bound in told.items() if bound is not None}


def times(
    clock: Clock, chance: random.Random, rate: int, requests: int, unheard: int, chosen: Callable[[], Serves]
) -> list[float]:
    """Seconds of each request, in the order of answers, but for the first ones, while the queues fill."""
    took: list[float] = []

    def come() -> None:
        came = clock.now
        chosen().arrive(lambda: took.append(clock.now - came))

    arrivals(clock, chance, lambda _: rate, rate, come)
    clock.run(requests / rate)
    return took[unheard:]


def too_late(bounds: Mapping[float, Fraction], took: list[float], *, factor: float, more: int) -> float | None:
    """A share that is later than its bound. Waits come in runs, longer ones at few slots that are hardly free: `factor`
    times as many as may, and `more`."""
    for tail, bound in bounds.items():
        late = sum(one > bound for one in took)
        if late > factor * tail * len(took) + more:
            return late / len(took)
    return None


_LONGER = 40


def keeps(
    bounds: Mapping[float, Fraction],
    took: Callable[[int], list[float]],
    requests: int,
    text: str,
    *,
    factor: float,
    more: int,
) -> None:
    """`took` gives the seconds of so many requests. Before slots that are hardly free some thousand are no measure:
    what they show too late is judged by many more."""
    if too_late(bounds, took(requests), factor=factor, more=more) is not None:
        assert too_late(bounds, took(_LONGER * requests), factor=factor, more=more) is None, text
