"""Attempts, durations and amplification against a loop that plays the worst case."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.retries import (
    Backoff,
    amplification,
    attempts_within,
    budget_binds_from,
    chain_amplification,
    stirred,
    worst_duration,
)

MILLIS = st.integers(1, 5000).map(lambda n: Fraction(n, 1000))
BACKOFFS = st.builds(
    Backoff,
    st.integers(0, 2000).map(lambda n: Fraction(n, 1000)),
    st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(2)]),
    st.none() | st.integers(0, 4000).map(lambda n: Fraction(n, 1000)),
)


def played(timeout: Fraction, per_try: Fraction, retries: int, backoff: Backoff) -> tuple[int, Fraction]:
    """Attempts begun and the time of the last answer, with a clock that goes forward event by event."""
    clock, begun, wait = Fraction(0), 0, backoff.base
    cap = 10 * backoff.base if backoff.cap is None else backoff.cap
    while clock < timeout:
        begun += 1
        clock += per_try
        if clock >= timeout or begun > retries:
            break
        clock += min(wait, cap)
        wait *= backoff.factor
    return begun, min(clock, timeout)


@settings(deadline=None)
@given(MILLIS, MILLIS, st.integers(0, 8), BACKOFFS)
def test_attempts_and_duration_are_those_of_the_played_worst_case(
    timeout: Fraction, per_try: Fraction, retries: int, backoff: Backoff
) -> None:
    attempts, end = played(timeout, per_try, retries, backoff)
    assert attempts_within(timeout, per_try, retries, backoff) == attempts
    assert worst_duration(timeout, per_try, retries, backoff) == end


@settings(deadline=None)
@given(MILLIS, st.integers(0, 8), BACKOFFS)
def test_the_longest_course_is_the_least_timeout_that_ends_no_attempt_early(
    per_try: Fraction, retries: int, backoff: Backoff
) -> None:
    timeout = worst_duration(None, per_try, retries, backoff)
    assert timeout is not None
    assert attempts_within(timeout, per_try, retries, backoff) == 1 + retries
    assert worst_duration(timeout, per_try, retries, backoff) == timeout
    shorter = timeout - Fraction(1, 10**6)
    assert worst_duration(shorter, per_try, retries, backoff) == shorter


def test_three_retries_two_seconds_apart_are_one_under_a_timeout_of_three_seconds() -> None:
    # Tries that fail at once, as with a refused connection.
    assert attempts_within(Fraction(3), Fraction(0), 3, Backoff(Fraction(2))) == 2


def test_without_a_per_try_timeout_one_hanging_try_uses_it_all_up() -> None:
    assert attempts_within(Fraction(2), None, 3, Backoff()) == 1
    assert worst_duration(Fraction(2), None, 3, Backoff()) == 2
    assert worst_duration(None, None, 3, Backoff()) is None


def test_envoys_default_back_off_doubles_from_25_ms_up_to_250_ms() -> None:
    assert [int(Backoff().before(n) * 1000) for n in range(1, 7)] == [25, 50, 100, 200, 250, 250]


@pytest.mark.parametrize("share", [Fraction(1, 5), Fraction(1, 2), Fraction(9, 10)])
@pytest.mark.parametrize("retries", [0, 1, 3, 10])
def test_no_admission_order_gets_more_retries_in_flight_than_the_bound(share: Fraction, retries: int) -> None:
    first = 1000
    flying = 0
    # Envoy admits a retry while retries < share x active, and an admitted retry is active itself.
    while flying < retries * first and flying < share * (first + flying):
        flying += 1
    assert Fraction(first + flying - 1, first) <= amplification(retries, share) <= Fraction(first + flying, first)


def test_a_chain_multiplies_and_a_full_budget_limits_nothing() -> None:
    assert chain_amplification([amplification(3), amplification(2), amplification(0)]) == 12
    assert chain_amplification([]) == 1
    assert amplification(3, Fraction(1)) == amplification(3, Fraction(2)) == 4
    assert amplification(3, Fraction(0)) == 1
    assert budget_binds_from(Fraction(1, 5)) == 15
    assert budget_binds_from(Fraction(0)) is None


@given(st.integers(1, 6), st.integers(5, 80), st.integers(0, 12), st.sampled_from((1.0, 1.3, 2.0, 3.0)))
def test_a_long_queue_is_as_much_more_often_met_as_what_comes_on_top_says(
    slots: int, load: int, length: int, times: float
) -> None:
    """Against the balance of all states, one by one."""
    used = load / 100
    if times * used >= 1:
        assert math.isinf(stirred(used, times))
        return

    def beyond(more: float) -> float:
        weights = [1.0]
        for there in range(1, 4000):
            comes = used * slots * (more if there > slots + length else 1)
            weights.append(weights[-1] * comes / min(there, slots))
        return sum(weights[slots + length :]) / sum(weights)

    assert beyond(times) <= beyond(1.0) * stirred(used, times) * (1 + 1e-9)
