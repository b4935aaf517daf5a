"""What agents lose to one another, what a request earns and an agent costs -> the best number of agents.

Invariant: exact; between two numbers of agents the profit is compared as it is, nothing is approximated.

Source: the Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007, ch. 4):
X(n) = n x / (1 + s (n - 1) + k n (n - 1)) with contention s and coherency k. Rates are per hour, money in dollars.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


def slowdown(agents: int, contention: Fraction, coherency: Fraction) -> Fraction:
    """How many times as long one of so many agents takes for the work of an agent alone."""
    n = Fraction(agents)
    return 1 + contention * (n - 1) + coherency * n * (n - 1)


@dataclass(frozen=True, slots=True)
class Crew:
    """`each_per_hour`: requests an agent alone answers; `asked_per_hour`: those that come at all (None: no limit)."""

    each_per_hour: Fraction
    contention: Fraction
    coherency: Fraction
    dollars_per_request: Fraction
    dollars_per_agent_hour: Fraction
    asked_per_hour: Fraction | None = None

    def capacity(self, agents: int) -> Fraction:
        """Requests an hour that so many agents can answer."""
        return agents * self.each_per_hour / slowdown(agents, self.contention, self.coherency)

    def profit(self, agents: int) -> Fraction:
        """Dollars an hour."""
        answered = self.capacity(agents)
        if self.asked_per_hour is not None:
            answered = min(answered, self.asked_per_hour)
        return answered * self.dollars_per_request - agents * self.dollars_per_agent_hour

    def most_capacity(self, ceiling: int) -> int:
        """The number of agents beyond which one more makes all of them answer less; at most `ceiling`."""
        if self.coherency == 0:
            return ceiling if self.contention < 1 else 1
        peak = math.isqrt(math.floor(max(Fraction(0), 1 - self.contention) / self.coherency))
        peak = max(1, min(peak, ceiling))
        return peak + 1 if peak < ceiling and self.capacity(peak + 1) > self.capacity(peak) else peak

    def best(self, ceiling: int = 1_000_000) -> int:
        """The fewest of the most profitable numbers of agents from 1 to `ceiling`.

        Up to the most capacity each further agent adds less than the one before (X is concave there, and so is the
        smaller of X and a constant), so the first one that adds nothing is found by halving.
        """
        low, high = 1, self.most_capacity(ceiling)
        while low < high:
            middle = (low + high) // 2
            if self.profit(middle + 1) > self.profit(middle):
                low = middle + 1
            else:
                high = middle
        return low

    def breaks_even(self, ceiling: int = 1_000_000) -> int | None:
        """The most agents with which nothing is lost; None where every number of agents loses."""
        best = self.best(ceiling)
        if self.profit(best) < 0:
            return None
        low, high = best, ceiling
        while low < high:
            middle = (low + high + 1) // 2
            if self.profit(middle) >= 0:
                low = middle
            else:
                high = middle - 1
        return low
