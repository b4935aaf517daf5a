"""A rate limit as a token bucket.

Invariant: over any span of t seconds at most depth + rate x t is granted.
"""

from __future__ import annotations

from collections.abc import Callable


class Bucket:
    """`rate` a second, at most `depth` in store, full at the start. `clock` gives seconds."""

    def __init__(self, rate: float, depth: float, clock: Callable[[], float]) -> None:
        self._rate, self._depth, self._clock = rate, depth, clock
        self._store = depth
        self._filled = clock()

    def has(self, amount: float) -> bool:
        """Whether `amount` could be taken now."""
        now = self._clock()
        self._store = min(self._depth, self._store + (now - self._filled) * self._rate)
        self._filled = now
        return amount <= self._store

    def take(self, amount: float) -> bool:
        """Take `amount` if it is there; nothing is taken otherwise."""
        if not self.has(amount):
            return False
        self._store -= amount
        return True
