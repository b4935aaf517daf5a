from __future__ import annotations

import random
from fractions import Fraction
from statistics import fmean, quantiles

import pytest

from seatrial.chaos.local.times import latency_times, service_times


def test_what_a_stand_in_draws_has_the_stated_mean_and_p99() -> None:
    fitted = service_times(Fraction(60, 1000), Fraction(200, 1000))
    generator = random.Random(1)
    drawn = [generator.lognormvariate(fitted.distribution.mu, fitted.distribution.sigma) for _ in range(100_000)]
    assert fitted.exact
    assert fmean(drawn) == pytest.approx(0.060, rel=0.02)
    assert quantiles(drawn, n=100)[98] == pytest.approx(0.200, rel=0.03)


def test_without_a_p99_the_time_is_constant() -> None:
    assert service_times(Fraction(1, 10), None).distribution.quantile(0.99) == pytest.approx(0.1)


@pytest.mark.parametrize("p99", [Fraction(1, 20), Fraction(2)])
def test_a_p99_that_no_log_normal_has_keeps_the_mean_and_says_so(p99: Fraction) -> None:
    fitted = service_times(Fraction(1, 10), p99)
    assert not fitted.exact
    assert fitted.distribution.mean() == pytest.approx(0.1)


def test_a_latency_has_its_median_and_p99() -> None:
    fitted = latency_times(Fraction(80, 1000), Fraction(400, 1000))
    assert fitted.exact
    assert fitted.distribution.quantile(0.5) == pytest.approx(0.08)
    assert fitted.distribution.quantile(0.99) == pytest.approx(0.4)
