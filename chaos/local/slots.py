"""Concurrency slots with one queue, first come first served, and what an autoscaler measures of them.

Invariant: at most `concurrency` requests hold a slot, and a freed slot goes to the request that has waited longest.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Integrals:
    """Sums over time since the start, in seconds; the difference of two readings over their distance is a mean."""

    slots_in_use: float = 0.0
    slots_at_work: float = 0.0
    queued: float = 0.0


class Slots:
    """`pending` bounds the queue; None leaves it unbounded. `clock` gives seconds."""

    def __init__(self, concurrency: int, pending: int | None, clock: Callable[[], float]) -> None:
        self.concurrency = concurrency
        self.in_use = 0
        self.at_work = 0
        """Slots whose request is doing its own work, rather than waiting for a call."""
        self._pending = pending
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._queued = 0
        self._integrals = Integrals()
        self._since = clock()

    @property
    def queued(self) -> int:
        return self._queued

    def integrals(self) -> Integrals:
        """The sums up to now."""
        now = self._clock()
        passed, self._since = now - self._since, now
        self._integrals.slots_in_use += passed * self.in_use
        self._integrals.slots_at_work += passed * self.at_work
        self._integrals.queued += passed * self._queued
        return self._integrals

    async def take(self) -> bool:
        """Wait for a slot; False at once when the queue is full. Each True needs one `give`."""
        self.integrals()
        if self.in_use < self.concurrency and not self._queued:
            self.in_use += 1
            return True
        if self._pending is not None and self._queued >= self._pending:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._queued += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The slot had been handed over already: it must not be lost.
                self.give()
            else:
                self.integrals()
                self._queued -= 1
            raise
        return True

    def give(self) -> None:
        """Free a slot, or hand it to the first in the queue."""
        self.integrals()
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self._queued -= 1
                turn.set_result(None)
                return
        self.in_use -= 1

    def work(self, change: int) -> None:
        """`change` +1 when a request in a slot starts its own work, -1 when it ends."""
        self.integrals()
        self.at_work += change
