"""What is added to the answers of calls -> how long those who wait for them hold their slots, and how long requests
wait for those that are left of a pool's agents.

Invariant: an upper bound however what is added and the answer hang together; nothing is added where an answer is not
known. Nobody comes for those who are gone.

Source: Minkowski's inequality for the variances.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from ...model import Call, Pool
from .analysis import ENDS, Level
from .occupancy import Occupancy, Occupied, Times, among, answered, busiest
from .waits import wait_of


@dataclass(frozen=True)
class Lengthened(Occupancy):
    @abstractmethod
    def added(self, call: Call) -> Times:
        """To one answer of a call; the variance may be taken too large."""

    def held(self, pool: Pool) -> Times | str:
        found = super().held(pool)
        if isinstance(found, str):
            return found
        mean, variance = found
        for link in self.analysis.figures.links.get(pool.name, ()):
            seconds, more = self.added(link.call)
            answer = self.response_of(link.call)
            if seconds and not isinstance(answer, str):
                mean += link.times * seconds
                variance += link.times * (more + 2 * math.sqrt(answer.variance * more))
                if link.chance:
                    variance += ((answer.mean + seconds) ** 2 - answer.mean**2) * link.chance * (1 - link.chance)
        return Times(mean, variance)

    def with_those_left(self, pool: Pool, left: Callable[[int], int]) -> tuple[Occupied, Occupied | None] | str:
        """Its state at rest, and at the worst level where so many are left of its agents, None where nobody is; or why
        one of them is not known."""
        analysis = self.analysis
        rest, held = analysis.occupancy(Level.BETWEEN).of(pool), self.held(pool)
        start, peak = (analysis.occupancy(level).of(pool) for level in ENDS)
        for one in (rest, held, start, peak):
            if isinstance(one, str):
                return one
        assert not isinstance(rest, str) and not isinstance(held, str)
        assert not isinstance(start, str) and not isinstance(peak, str)
        courses = self._courses(pool, rest.held, start.agents, peak.agents)
        wait = rest.wait
        for rate, agents in courses:
            there = left(agents)
            if there <= 0:
                return rest, None
            wait = wait.or_worse(wait_of(analysis, pool, rate, among(pool, held, agents), there))
        return rest, Occupied(analysis, self.level, pool.name, held, courses[-1][1], wait, answered(held, wait))

    def _courses(self, pool: Pool, held: Times, start: int, peak: int) -> list[tuple[float, int]]:
        """Requests per second and agents, where waits may be longest; at the peak first."""
        low, high = (self._rate(level, pool.name) for level in ENDS)
        found = [(high, peak)]
        if peak > start:
            counts = range(start, peak) if pool.divided else {start, peak - 1}
            found += [(busiest(pool, low, high, among(pool, held, one), one), one) for one in counts]
        return found
