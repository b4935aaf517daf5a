"""A fleet's clauses, drawn at random -> what its requests, items and agents do, event after event.

Shares nothing with the checker: it knows only what the words of a spec mean. Requests come at random (Poisson), wait in
one queue a pool, first come first served, hold a slot for the agent's own work and for the calls that it makes one
after the other, and these do the same where they go. Times are seconds.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import NormalDist

Then = Callable[[], None]
_Z99 = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, slots=True)
class Work:
    """Log-normal times with this mean and 99th percentile, in milliseconds."""

    mean: int
    p99: int

    def draw(self, chance: random.Random) -> float:
        # p99 / mean = exp(z s - s^2 / 2), of which the smaller root is the log-normal that is meant.
        root = _Z99**2 - 2 * math.log(self.p99 / self.mean)
        sigma = _Z99 - math.sqrt(root)
        return chance.lognormvariate(math.log(self.mean / 1000) - sigma**2 / 2, sigma)


@dataclass(frozen=True, slots=True)
class Answer:
    """Log-normal times of a dependency with this median and 99th percentile, in milliseconds."""

    p50: int
    p99: int

    def draw(self, chance: random.Random) -> float:
        return chance.lognormvariate(math.log(self.p50 / 1000), math.log(self.p99 / self.p50) / _Z99)


class Clock:
    """Events in the order of their times."""

    def __init__(self) -> None:
        self.now = 0.0
        self._open: list[tuple[float, int, Then]] = []
        self._count = itertools.count()

    def after(self, delay: float, then: Then) -> None:
        heapq.heappush(self._open, (self.now + delay, next(self._count), then))

    def run(self, until: float) -> None:
        while self._open and self._open[0][0] <= until:
            self.now, _, then = heapq.heappop(self._open)
            then()
        self.now = until


@dataclass
class Station:
    """A pool: so many slots, who waits for one, and what each of its requests does."""

    clock: Clock
    chance: random.Random
    slots: int
    work: Work
    calls: list[tuple[float, Station | Answer]] = field(default_factory=list)
    busy: int = 0
    waiting: deque[tuple[float, Then]] = field(default_factory=deque)
    delay: float = 0.0
    """Seconds that each call takes longer."""
    longest: float = 0.0
    """The longest wait of anybody so far."""
    waited_until: float = 0.0
    """When somebody who had waited got a slot for the last time."""

    def arrive(self, done: Then) -> None:
        self.waiting.append((self.clock.now, done))
        self.admit()

    def admit(self) -> None:
        while self.waiting and self.busy < self.slots:
            came, done = self.waiting.popleft()
            self.longest = max(self.longest, self.clock.now - came)
            if self.clock.now > came:
                self.waited_until = self.clock.now
            self.busy += 1
            self.clock.after(self.work.draw(self.chance), lambda done=done: self._call(self._drawn(), done))  # type: ignore[misc]

    def _drawn(self) -> list[Station | Answer]:
        """The calls that one request makes: 2.5 of them are two, and for half of the requests a third."""
        made: list[Station | Answer] = []
        for times, callee in self.calls:
            whole = math.floor(times)
            made += [callee] * (whole + (self.chance.random() < times - whole))
        return made

    def _call(self, left: list[Station | Answer], done: Then) -> None:
        if not left:
            self.busy -= 1
            done()
            self.admit()
            return
        callee, rest = left[0], left[1:]
        if isinstance(callee, Answer):
            self.clock.after(self.delay + callee.draw(self.chance), lambda: self._call(rest, done))
        else:
            self.clock.after(self.delay, lambda: callee.arrive(lambda: self._call(rest, done)))


def arrivals(clock: Clock, chance: random.Random, rate: Callable[[float], float], most: float, come: Then) -> None:
    """Poisson arrivals at a rate that changes and is never above `most` (Lewis and Shedler's thinning)."""

    def next_() -> None:
        if chance.random() * most <= rate(clock.now):
            come()
        clock.after(chance.expovariate(most), next_)

    clock.after(chance.expovariate(most), next_)
