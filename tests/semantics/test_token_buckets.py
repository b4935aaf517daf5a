"""Token buckets: what Envoy is told is the rate, and the bound of what is refused is one, against buckets played."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seatrial.compiler.semantics.token_bucket import (
    LEAST_FILL_MS,
    MOST_TOKENS,
    Bunch,
    burst_for,
    decay,
    fill,
    usual_burst,
)

MOST_PER_SECOND = Fraction(MOST_TOKENS * 1000, LEAST_FILL_MS)
rates = st.builds(Fraction, st.integers(1, 10**7), st.integers(1, 10**4))


@given(rates)
def test_a_fill_is_exactly_the_rate_and_no_shorter_than_envoy_takes(rate: Fraction) -> None:
    tokens, interval_ms = fill(rate)
    assert Fraction(tokens * 1000, interval_ms) == rate
    assert interval_ms >= LEAST_FILL_MS and 0 < tokens <= MOST_TOKENS


@given(st.builds(Fraction, st.integers(1, 10**30), st.integers(1, 10**30)).filter(lambda rate: rate <= MOST_PER_SECOND))
@example(Fraction(10**15 + 1, 10**6 + 3))
@example(Fraction("5555555.55555"))
@example(MOST_PER_SECOND)
def test_a_rate_that_no_fill_says_is_rounded_down(rate: Fraction) -> None:
    tokens, interval_ms = fill(rate)
    assert 0 < tokens <= MOST_TOKENS and interval_ms >= LEAST_FILL_MS
    assert rate * Fraction(999, 1000) < Fraction(tokens * 1000, interval_ms) <= rate


def test_a_burst_that_nobody_said_is_what_comes_in_a_second() -> None:
    assert [usual_burst(Fraction(*one)) for one in ((40,), (5, 2), (1, 60))] == [40, 3, 1]


def refused_at_most(arrivals: float, rate: float, burst: int) -> float:
    """What the exponent says of the share that finds no token."""
    found = decay(arrivals, rate)
    return 1.0 if found is None else math.exp(-found * (burst - 1))


def played(arrivals: float, rate: float, burst: int, count: int, seed: int) -> float:
    """The share of `count` random arrivals that finds no token."""
    chance, tokens, refused = random.Random(seed), float(burst), 0
    for _ in range(count):
        tokens = min(burst, tokens + chance.expovariate(arrivals) * rate)
        if tokens >= 1:
            tokens -= 1
        else:
            refused += 1
    return refused / count


@pytest.mark.parametrize(
    ("arrivals", "rate", "burst"), [(100, 110, 20), (100, 150, 4), (50, 60, 5), (9, 10, 1), (1, 10, 1), (30, 100, 2)]
)
def test_what_is_refused_is_below_the_bound(arrivals: float, rate: float, burst: int) -> None:
    for seed in range(3):
        assert played(arrivals, rate, burst, 40_000, seed) <= refused_at_most(arrivals, rate, burst)


def test_the_bound_is_not_far_off() -> None:
    # Within a factor of a few dozen in the share, which is a few tokens of burst.
    share = played(100, 130, 12, 300_000, 5)
    assert 0 < share < refused_at_most(100, 130, 12) < 40 * share


@pytest.mark.parametrize("bunch", [Bunch(4), Bunch(1, 6, 3), Bunch(2, 3), Bunch(3, 4, 2)])
def test_what_is_refused_of_bunches_is_below_the_chance(bunch: Bunch) -> None:
    for times, seed in ((1.2, 1), (2.0, 2)):
        burst = burst_for(10, 10 * times, 1e-3, bunch)
        assert burst is not None and burst_for(10, 10 * times, 1e-3) <= burst  # type: ignore[operator]
        assert bunched(10, 10 * times, burst, bunch, 20_000, seed) <= 1e-3


def bunched(arrivals: float, rate: float, burst: int, bunch: Bunch, count: int, seed: int) -> float:
    """The share of the requests of `count` bunches that finds no token."""
    chance, tokens, asked, refused = random.Random(seed), float(burst), 0, 0
    for _ in range(count):
        tokens = min(burst, tokens + chance.expovariate(arrivals / bunch.of_one) * rate)
        for _ in range(bunch.members):
            if chance.randrange(bunch.proxies) == 0:
                asked += bunch.batch
                passed = min(bunch.batch, int(tokens))
                tokens, refused = tokens - passed, refused + bunch.batch - passed
    return refused / asked


@given(st.floats(0.01, 1000), st.floats(1.001, 50), st.floats(1e-9, 0.5))
def test_the_burst_for_a_chance_keeps_it_and_one_less_might_not(arrivals: float, times: float, chance: float) -> None:
    rate = arrivals * times
    burst = burst_for(arrivals, rate, chance)
    assert burst is not None and burst >= 1
    assert refused_at_most(arrivals, rate, burst) <= chance * (1 + 1e-9)
    assert burst == 1 or refused_at_most(arrivals, rate, burst - 1) > chance * (1 - 1e-9)


@given(st.floats(0.1, 100), st.floats(0.1, 200), st.integers(1, 100))
def test_more_burst_more_rate_and_fewer_arrivals_refuse_no_more(arrivals: float, rate: float, burst: int) -> None:
    share = refused_at_most(arrivals, rate, burst)
    assert refused_at_most(arrivals, rate, burst + 1) <= share
    assert refused_at_most(arrivals, rate * 1.5, burst) <= share * (1 + 1e-9)
    assert refused_at_most(arrivals / 1.5, rate, burst) <= share * (1 + 1e-9)


def test_as_many_arrivals_as_tokens_are_never_promised() -> None:
    assert burst_for(10, 10, 1e-6) is None
    assert refused_at_most(10, 10, 10**6) == 1
    assert burst_for(0, 10, 1e-6) == 1
