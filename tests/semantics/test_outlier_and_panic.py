"""Ejection limits against what a real Envoy was measured to do, and the panic rule at its edge."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.compiler.semantics.outlier import (
    MERGE_WINDOW_S,
    detection_by_errors,
    detection_by_interval,
    ejectable,
    ejection_causes_panic,
    ejection_duration,
    least_hosts_to_eject,
    panic_threshold,
    panics,
    share_detectable,
)


@pytest.mark.parametrize(("percent", "out"), [(10, 0), (16, 0), (17, 1), (33, 1), (34, 2), (50, 3)])
def test_of_six_hosts_envoy_was_measured_to_eject(percent: int, out: int) -> None:
    assert ejectable(6, percent) == out


def test_one_host_may_always_be_ejected_when_told_so_but_never_from_an_empty_pool() -> None:
    assert ejectable(6, 10, always_one=True) == 1
    assert ejectable(6, 50, always_one=True) == 3
    assert ejectable(0, 10, always_one=True) == 0


@pytest.mark.parametrize("percent", range(1, 101))
def test_the_least_pool_that_can_lose_a_host_is_exact(percent: int) -> None:
    least = least_hosts_to_eject(percent)
    assert least is not None
    assert ejectable(least, percent) >= 1
    assert ejectable(least - 1, percent) == 0


def test_nothing_is_ejected_at_zero_per_cent() -> None:
    assert least_hosts_to_eject(0) is None


@pytest.mark.parametrize("hosts", range(1, 40))
@pytest.mark.parametrize("threshold", [0, 1, 33, 50, 100])
def test_panic_begins_one_host_below_its_threshold(hosts: int, threshold: int) -> None:
    edge = panic_threshold(hosts, threshold)
    assert not panics(hosts, edge, threshold)
    assert edge == 0 or panics(hosts, edge - 1, threshold)


def test_half_of_the_pool_can_go_without_panic_and_more_cannot() -> None:
    assert not ejection_causes_panic(6, 50)
    assert ejection_causes_panic(6, 67)
    assert not ejection_causes_panic(6, 100, threshold=0)
    assert ejection_causes_panic(1, 10, always_one=True)


def test_detection_takes_the_errors_or_two_intervals() -> None:
    assert detection_by_errors(5, Fraction(10)) == Fraction(1, 2) + MERGE_WINDOW_S
    assert detection_by_errors(5, Fraction(10), Fraction(2)) == Fraction(5, 2) + MERGE_WINDOW_S
    assert detection_by_errors(5, Fraction(0)) is None
    assert detection_by_interval(Fraction(10)) == 20


def test_shares_are_judged_only_with_enough_requests_on_enough_hosts() -> None:
    assert share_detectable(Fraction(5), Fraction(10), volume=50, hosts=5, least_hosts=5)
    assert not share_detectable(Fraction(49, 10), Fraction(10), volume=50, hosts=5, least_hosts=5)
    assert not share_detectable(Fraction(5), Fraction(10), volume=50, hosts=4, least_hosts=5)


def test_ejections_grow_longer_up_to_the_maximum() -> None:
    assert [ejection_duration(Fraction(30), n) for n in (1, 2, 10, 11)] == [30, 60, 300, 300]
    assert ejection_duration(Fraction(400), 1) == 400
