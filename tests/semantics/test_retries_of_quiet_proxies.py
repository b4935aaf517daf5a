"""What a retry budget lets through, against proxies that are run try by try."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from seatrial.compiler.semantics.retries import Backoff, amplification, tried, tried_in

_BASE_S = Fraction(25, 1000)


class _Proxy:
    """Envoy's rule: a retry is made while those under way, in back-off or tried again, are fewer than three, or than
    the share of all tries that are under way. Every try fails."""

    def __init__(self, rate: float, retries: int, share: float, lasts: float, chance: random.Random) -> None:
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()
        self.now, self.active, self.slots, self.tries = 0.0, 0, 0, 0
        self.rate, self.retries, self.share, self.lasts, self.chance = rate, retries, share, lasts, chance

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        heapq.heappush(self.events, (self.now + seconds, next(self.order), do))

    def come(self) -> None:
        self.attempt(0)
        self.after(self.chance.expovariate(self.rate), self.come)

    def attempt(self, number: int) -> None:
        self.active, self.tries = self.active + 1, self.tries + 1
        self.after(self.lasts, lambda: self.fails(number))

    def fails(self, number: int) -> None:
        self.active -= 1
        self.slots -= number > 0
        if number < self.retries and self.slots < max(3, int(self.share * self.active)):
            self.slots += 1
            longest = min(float(_BASE_S) * 2**number, 10 * float(_BASE_S))
            self.after(self.chance.uniform(0, longest), lambda: self.attempt(number + 1))

    def run(self, seconds: float) -> float:
        """Attempts per second."""
        self.come()
        while self.events and self.events[0][0] < seconds:
            self.now, _, do = heapq.heappop(self.events)
            do()
        return self.tries / seconds


@pytest.mark.parametrize("rate", [5, 60, 400, 3000])
@pytest.mark.parametrize(("retries", "share"), [(1, 0.2), (3, 0.06), (4, 0.5)])
@pytest.mark.parametrize("lasts", [0.0, 0.02, 0.3])
def test_no_more_attempts_pass_a_proxy(rate: int, retries: int, share: float, lasts: float) -> None:
    made = _Proxy(rate, retries, share, lasts, random.Random(1)).run(12_000 / rate)
    most = tried(float(rate), retries, Fraction(share), 1, Backoff(_BASE_S))
    assert made <= most * 1.05
    assert most <= rate * (1 + retries)


@pytest.mark.parametrize("quiet", [1, 10, 200])
@pytest.mark.parametrize(("retries", "share"), [(1, 0.2), (3, 0.06), (4, 0.5)])
@pytest.mark.parametrize("lasts", [0.0, 0.02, 0.3])
def test_no_more_attempts_pass_in_a_time_of_which_a_part_is_busy(
    quiet: int, retries: int, share: float, lasts: float
) -> None:
    made, first = 0.0, 0.0
    for rate, seconds in ((quiet, 100.0), (2_000, 5.0)):
        made += _Proxy(rate, retries, share, lasts, random.Random(1)).run(seconds) * seconds
        first += rate * seconds
    assert made <= 1.05 * tried_in(Fraction(first), Fraction(105), retries, Fraction(share), 1, Backoff(_BASE_S))


def test_of_a_quiet_proxy_all_retries_pass_and_the_share_alone_would_be_wrong() -> None:
    made = _Proxy(20, 1, 0.06, 0.02, random.Random(1)).run(500)
    assert made > 1.9 * 20 > 20 * amplification(1, Fraction(6, 100)) * Fraction(3, 2)


def test_each_proxy_has_its_own_however_the_calls_are_spread_over_them() -> None:
    for rates in ([100, 0, 0, 0], [25, 25, 25, 25], [1, 1, 1, 97], [3000, 1, 1, 1]):
        single = sum(tried(Fraction(one), 2, Fraction(1, 5), 1, Backoff(_BASE_S)) for one in rates)
        assert single <= tried(Fraction(sum(rates)), 2, Fraction(1, 5), 4, Backoff(_BASE_S))


def test_in_a_busy_proxy_the_share_decides_and_a_budget_of_all_is_none() -> None:
    assert tried(Fraction(10_000), 2, Fraction(1, 5), 1, Backoff(_BASE_S)) == 12_500
    assert tried(Fraction(10_000), 2, Fraction(1), 1, Backoff(_BASE_S)) == 30_000
    assert tried(Fraction(10_000), 2, Fraction(1, 5), 1, Backoff(Fraction(0))) == 30_000
