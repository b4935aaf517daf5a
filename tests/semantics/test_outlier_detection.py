"""Ejection limits against what a real Envoy was measured to do, and when it judges at all."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.compiler.semantics.outlier import (
    MERGE_WINDOW_S,
    back_within,
    detection_by_errors,
    detection_by_interval,
    ejectable,
    judged_by_share,
)


@pytest.mark.parametrize(("percent", "out"), [(10, 0), (16, 0), (17, 1), (33, 1), (34, 2), (50, 3)])
def test_of_six_hosts_envoy_was_measured_to_eject(percent: int, out: int) -> None:
    assert ejectable(6, percent) == out


def test_detection_takes_the_errors_or_two_intervals() -> None:
    assert detection_by_errors(5, Fraction(10)) == Fraction(1, 2) + MERGE_WINDOW_S
    assert detection_by_errors(5, Fraction(10), Fraction(2)) == Fraction(5, 2) + MERGE_WINDOW_S
    assert detection_by_errors(5, Fraction(0)) is None
    assert detection_by_interval(Fraction(10)) == 20


@pytest.mark.parametrize("by_share", [False, True])
def test_a_host_is_back_within_a_sweep_after_its_time(by_share: bool) -> None:
    # Errors at all times: ejected as they come or at the next sweep, and back at the first one after 2 s.
    interval, base = Fraction(3), Fraction(2)
    for last in (Fraction(tenth, 10) for tenth in range(60)):
        ejected = (last // interval + 1) * interval if by_share else last
        back = -(-(ejected + base) // interval) * interval
        assert back - last <= back_within(base, interval, by_share=by_share) < back - last + 2 * interval


def test_shares_are_judged_only_with_enough_requests_to_a_host() -> None:
    assert judged_by_share(Fraction(1), Fraction(10))
    assert not judged_by_share(Fraction(99, 100), Fraction(10))
    assert not judged_by_share(Fraction(0), Fraction(10))


def test_a_host_that_hangs_answers_too_few_where_each_answer_takes_its_time() -> None:
    # Of 100 a second, one at a time that takes 990 ms until it is given up: one a second.
    assert judged_by_share(Fraction(100), Fraction(10), Fraction(99, 100))
    assert not judged_by_share(Fraction(100), Fraction(10), Fraction(1))
