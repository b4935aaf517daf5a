"""Latencies of the last seconds -> whether a request of some priority is turned away.

Invariant: with too few samples to tell a quantile, nobody is turned away; so shedding ends by itself once the slow
answers have left the window, even when it turned everybody away.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from seatrial.compiler.semantics.shedding import LOOKS_BACK_S

LEAST_SAMPLES = 20
"""Below this a p95 is the largest sample: one slow answer would shed."""

_REFRESH_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class ShedRule:
    """Requests of `priority` and below are refused while the `quantile` is above `above_seconds`."""

    priority: int
    quantile: float
    above_seconds: float


class LatencyShedder:
    def __init__(self, rules: tuple[ShedRule, ...], clock: Callable[[], float]) -> None:
        self._rules = rules
        self._clock = clock
        self._samples: deque[tuple[float, float]] = deque()
        self._refused: int | None = None
        self._judged = -math.inf

    def record(self, seconds: float) -> None:
        """Note how long an answer took, queueing included."""
        if self._rules:
            self._samples.append((self._clock(), seconds))

    def refuses(self, priority: int) -> bool:
        if not self._rules:
            return False
        now = self._clock()
        # Sorting a window for each request would cost more than the requests; a quarter second is exact enough.
        if now - self._judged >= _REFRESH_SECONDS:
            self._judged = now
            self._refused = self._highest_refused(now)
        return self._refused is not None and priority <= self._refused

    def _highest_refused(self, now: float) -> int | None:
        while self._samples and self._samples[0][0] < now - LOOKS_BACK_S:
            self._samples.popleft()
        if len(self._samples) < LEAST_SAMPLES:
            return None
        ordered = sorted(seconds for _, seconds in self._samples)
        broken = [
            rule.priority
            for rule in self._rules
            if ordered[max(0, math.ceil(rule.quantile * len(ordered)) - 1)] > rule.above_seconds
        ]
        return max(broken, default=None)
