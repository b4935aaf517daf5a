"""Two figures of a latency (mean or median, and a high quantile) -> the log-normal distribution that has both.

Invariant: a fitted distribution reproduces the two figures it was fitted from, within rounding of doubles.

Source: Johnson, Kotz & Balakrishnan, "Continuous Univariate Distributions" vol. 1, ch. 14. That a service time *is*
log-normal is a modelling assumption; the trial measures it. Any one unit of time will do, the same everywhere.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from statistics import NormalDist
from typing import NamedTuple

_STANDARD, _SQRT_TAU = NormalDist(), math.sqrt(math.tau)


@cache
def _standard(p: float) -> float:
    """The standard normal quantile, of the few shares that figures are stated of."""
    return _STANDARD.inv_cdf(p)


class LogNormal(NamedTuple):
    """exp(N(mu, sigma^2)), sigma >= 0; sigma = 0 is the constant exp(mu)."""

    mu: float
    sigma: float

    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    def cv2(self) -> float:
        """Squared coefficient of variation, variance / mean^2."""
        return math.expm1(self.sigma**2)

    def norm(self, power: float) -> float:
        """E[X^power]^(1/power)."""
        return math.exp(self.mu + power * self.sigma**2 / 2)

    def at(self, z: float) -> float:
        """The value whose logarithm is `z` standard deviations above its mean."""
        return math.exp(self.mu + self.sigma * z)

    def quantile(self, p: float) -> float:
        """The value that a share `p` stays at or below; 0 < p < 1, else `statistics.StatisticsError`."""
        return self.at(_STANDARD.inv_cdf(p))

    def exceeded(self, tail: float) -> tuple[float, float]:
        """The value that a share `tail` is above, 0 < tail < 1, and what a relative change of the tail costs there:
        -d value / d log(tail)."""
        z = _STANDARD.inv_cdf(1 - tail)
        value = self.at(z)
        density = math.exp(z * z / -2) / _SQRT_TAU
        return value, self.sigma * value * tail / density

    def beyond(self, tail: float) -> float:
        """The value that a share `tail` is above, however small: 0 < tail < 1."""
        return self.at(-_STANDARD.inv_cdf(tail))

    def rest_above(self, x: float) -> float:
        """Share of what is left of a value in progress, seen at a time drawn at random, that is above `x`: the
        equilibrium distribution of a renewal process, E[max(0, X - x)] / E[X] (Cox, "Renewal Theory", 1962, ch. 5)."""
        if x <= 0:
            return 1.0
        mean = self.mean()
        if self.sigma == 0:
            return max(0.0, 1 - x / mean)
        z = (math.log(x) - self.mu) / self.sigma
        biased = math.erfc((z - self.sigma) / math.sqrt(2)) / 2
        return max(0.0, biased - x / mean * math.erfc(z / math.sqrt(2)) / 2)

    def above(self, x: float) -> float:
        """Share of values above `x`; keeps its digits where that is nearly none."""
        if x <= 0:
            return 1.0
        if self.sigma == 0:
            return 0.0 if math.log(x) >= self.mu else 1.0
        return math.erfc((math.log(x) - self.mu) / self.sigma / math.sqrt(2)) / 2


def fit_mean_quantile(mean: float, value: float, p: float) -> LogNormal | None:
    """The log-normal with this mean whose `p` quantile is `value`; 0.5 < p < 1, times positive.

    value / mean = exp(z sigma - sigma^2 / 2) with z the standard normal quantile of p. That is largest, exp(z^2 / 2),
    at sigma = z: no log-normal has a larger ratio, and the answer is None. Below it two sigmas give the same ratio;
    the smaller is meant (the larger has a median far below the mean and nearly all its weight beyond the quantile).
    A quantile at or below the mean would need sigma = 0 or that other branch: None.
    """
    z = _standard(p)
    if not 0 < mean < value:
        return None
    exponent = math.log(value / mean)
    if exponent > z * z / 2:
        return None
    # z - sqrt(z^2 - 2e) loses its digits for small e; this is the same root without the difference.
    sigma = 2 * exponent / (z + math.sqrt(z * z - 2 * exponent))
    return LogNormal(math.log(mean) - sigma * sigma / 2, sigma)


def fit_median_quantile(median: float, value: float, p: float) -> LogNormal | None:
    """The log-normal with this median whose `p` quantile is `value`; 0.5 < p < 1. None unless 0 < median < value."""
    if not 0 < median < value:
        return None
    return LogNormal(math.log(median), math.log(value / median) / _standard(p))


def fit_moments(mean: float, cv2: float) -> LogNormal:
    """The log-normal with this mean > 0 and squared coefficient of variation >= 0."""
    square = math.log1p(cv2)
    return LogNormal(math.log(mean) - square / 2, math.sqrt(square))


def fit_mean_p99(mean: float, p99: float) -> LogNormal | None:
    """`fit_mean_quantile` at 0.99: None when p99 <= mean or p99 / mean > exp(2.326^2 / 2) = 14.97."""
    return fit_mean_quantile(mean, p99, 0.99)


def fit_p50_p99(p50: float, p99: float) -> LogNormal | None:
    """`fit_median_quantile` at 0.99: None when p99 <= p50."""
    return fit_median_quantile(p50, p99, 0.99)


def of_mean_p99(mean: Fraction, p99: Fraction) -> LogNormal | None:
    """A stated service time: `fit_mean_p99`, or the constant when both figures are the same."""
    return _constant(mean) if mean == p99 else fit_mean_p99(float(mean), float(p99))


def of_p50_p99(p50: Fraction, p99: Fraction) -> LogNormal | None:
    """A stated latency: `fit_p50_p99`, or the constant when both figures are the same."""
    return _constant(p50) if p50 == p99 else fit_p50_p99(float(p50), float(p99))


def _constant(value: Fraction) -> LogNormal | None:
    return LogNormal(math.log(value), 0.0) if value > 0 else None
