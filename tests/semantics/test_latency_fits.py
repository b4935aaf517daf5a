"""A fitted log-normal has the two figures it was fitted from, or there is none."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.latency import LogNormal, fit_mean_p99, fit_mean_quantile, fit_p50_p99

SIGMAS = st.floats(0.01, 2.3)
MUS = st.floats(-8, 5)


@settings(deadline=None)
@given(MUS, SIGMAS)
def test_a_fit_from_mean_and_p99_finds_the_distribution_again(mu: float, sigma: float) -> None:
    true = LogNormal(mu, sigma)
    fit = fit_mean_p99(true.mean(), true.quantile(0.99))
    assert fit is not None
    assert fit.mean() == pytest.approx(true.mean(), rel=1e-9)
    assert fit.quantile(0.99) == pytest.approx(true.quantile(0.99), rel=1e-9)
    assert fit.sigma == pytest.approx(sigma, rel=1e-4)


@settings(deadline=None)
@given(MUS, SIGMAS)
def test_a_fit_from_p50_and_p99_finds_the_distribution_again(mu: float, sigma: float) -> None:
    true = LogNormal(mu, sigma)
    fit = fit_p50_p99(true.quantile(0.5), true.quantile(0.99))
    assert fit is not None
    assert fit.mu == pytest.approx(mu, abs=1e-9)
    assert fit.sigma == pytest.approx(sigma)


@settings(deadline=None)
@given(MUS, SIGMAS, st.floats(0.001, 0.999))
def test_the_distribution_function_undoes_the_quantile(mu: float, sigma: float, p: float) -> None:
    assert LogNormal(mu, sigma).above(LogNormal(mu, sigma).quantile(p)) == pytest.approx(1 - p)


def test_a_ratio_above_that_of_every_log_normal_has_no_fit() -> None:
    most = math.exp(NormalDist().inv_cdf(0.99) ** 2 / 2)
    assert most == pytest.approx(14.97, abs=0.01)
    assert fit_mean_p99(1, most * 0.999) is not None
    assert fit_mean_p99(1, most * 1.001) is None
    assert fit_mean_p99(1, 1) is None
    assert fit_mean_quantile(0, 1, 0.9) is None
    assert fit_p50_p99(1, 1) is None


def test_mean_and_variation_agree_with_numerical_integration() -> None:
    fit = fit_mean_p99(0.12, 0.4)
    assert fit is not None
    n = 200_000
    values = [fit.quantile((i + 0.5) / n) for i in range(n)]
    mean = sum(values) / n
    assert mean == pytest.approx(0.12, rel=1e-4)
    assert sum((v - mean) ** 2 for v in values) / n / mean**2 == pytest.approx(fit.cv2(), rel=5e-3)


def test_a_constant_is_the_limit_of_no_spread() -> None:
    constant = LogNormal(0.0, 0.0)
    assert (constant.above(0.999), constant.above(1.0), constant.above(0), constant.cv2()) == (1.0, 0.0, 1.0, 0.0)
