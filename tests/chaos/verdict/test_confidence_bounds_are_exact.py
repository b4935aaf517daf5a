"""The binomial tails and order statistics against sums of exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.verdict.statistics import (
    above,
    at_least,
    at_most,
    below,
    lower_share,
    quantile,
    quantile_bounds,
    requests_needed,
    upper_share,
)

shares = st.fractions(F(1, 1000), F(999, 1000), max_denominator=1000)


def exact_at_most(k: int, n: int, p: F) -> F:
    return sum((math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(min(k, n) + 1)), F(0))


@given(st.integers(1, 60), st.data(), shares)
def test_tails_are_the_sums_of_the_exact_probabilities(n: int, data: st.DataObject, p: F) -> None:
    k = data.draw(st.integers(-1, n + 1))
    assert at_most(k, n, float(p)) == pytest.approx(float(exact_at_most(k, n, p)), rel=1e-9, abs=1e-15)
    assert at_least(k, n, float(p)) == pytest.approx(float(1 - exact_at_most(k - 1, n, p)), rel=1e-9, abs=1e-12)


def test_tails_hold_in_large_trials() -> None:
    # The Poisson limit: 20 expected, variance 19.98.
    assert at_most(20, 20_000, 0.001) == pytest.approx(0.5591, abs=2e-4)
    assert at_most(0, 2995, 0.001) == pytest.approx(0.999**2995, rel=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "p", "tail"), [(0, 5, 0.0, 1.0), (4, 5, 1.0, 0.0), (5, 5, 1.0, 1.0), (-1, 5, 0.5, 0.0)]
)
def test_the_ends_of_the_range_are_certain(k: int, n: int, p: float, tail: float) -> None:
    assert at_most(k, n, p) == tail


@given(st.integers(1, 200), st.data())
def test_bounds_of_a_share_leave_five_per_cent_on_their_side(n: int, data: st.DataObject) -> None:
    good = data.draw(st.integers(0, n))
    low, high = lower_share(good, n), upper_share(good, n)
    assert low <= good / n <= high
    if good > 0:
        assert at_least(good, n, low) == pytest.approx(0.05, rel=1e-6)
    if good < n:
        assert at_most(good, n, high) == pytest.approx(0.05, rel=1e-6)


@given(st.integers(1, 300), st.data(), shares)
def test_the_decision_and_the_bound_agree(n: int, data: st.DataObject, share: F) -> None:
    good = data.draw(st.integers(0, n))
    low, high = lower_share(good, n), upper_share(good, n)
    if abs(low - share) > 1e-6:
        assert above(good, n, share) == (low > share)
    if abs(high - share) > 1e-6:
        assert below(good, n, share) == (high < share)


def test_how_many_requests_it_takes_is_where_the_decision_turns() -> None:
    for share in (F(9, 10), F(99, 100), F(999, 1000)):
        needed = requests_needed(share)
        assert above(needed, needed, share)
        assert not above(needed - 1, needed - 1, share)
    assert [requests_needed(share) for share in (F(99, 100), F(999, 1000))] == [299, 2995]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=60), shares)
def test_a_quantile_is_the_least_value_with_its_share_at_or_below(values: list[float], share: F) -> None:
    ordered = sorted(values)
    found = quantile(ordered, share)
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


@given(st.integers(1, 120), shares)
def test_bounds_of_a_quantile_have_the_confidence_and_no_rank_nearer_has(n: int, share: F) -> None:
    ranks = [float(rank) for rank in range(1, n + 1)]
    low, high = quantile_bounds(ranks, share)
    if high is not None:
        assert exact_at_most(int(high) - 1, n, share) >= F(95, 100) - F(1, 10**9)
        assert exact_at_most(int(high) - 2, n, share) < F(95, 100) + F(1, 10**9)
    else:
        assert exact_at_most(n - 1, n, share) < F(95, 100) + F(1, 10**9)
    if low is not None:
        assert exact_at_most(int(low) - 1, n, share) <= F(5, 100) + F(1, 10**9)
        assert exact_at_most(int(low), n, share) > F(5, 100) - F(1, 10**9)
    else:
        assert exact_at_most(0, n, share) > F(5, 100) - F(1, 10**9)
