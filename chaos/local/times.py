"""Stated times (mean and p99, or p50 and p99) -> the log-normal from which a stand-in draws.

Invariant: the stated mean (of a service time) or median (of a dependency's latency) always holds; where no log-normal
has the stated p99 as well, the answer says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.semantics.latency import LogNormal, of_mean_p99, of_p50_p99

_HEAVIEST = 2.3263478740408408
"""The 0.99 quantile of the standard normal: at this sigma p99 / mean is largest (see `fit_mean_quantile`)."""


@dataclass(frozen=True, slots=True)
class Times:
    """`exact` is False when the p99 could not be met together with the other figure."""

    distribution: LogNormal
    exact: bool


def service_times(mean: Fraction, p99: Fraction | None) -> Times:
    """Own work of an agent, seconds. Without a p99, or with p99 = mean, it is constant."""
    fitted = of_mean_p99(mean, mean if p99 is None else p99)
    if fitted is not None or p99 is None:
        return Times(fitted or LogNormal(math.log(mean), 0.0), True)
    sigma = _HEAVIEST if p99 > mean else 0.0
    return Times(LogNormal(math.log(mean) - sigma**2 / 2, sigma), False)


def latency_times(p50: Fraction, p99: Fraction) -> Times:
    """Answer times of a dependency, seconds; constant when both figures are the same."""
    fitted = of_p50_p99(p50, p99)
    return Times(fitted, True) if fitted is not None else Times(LogNormal(math.log(p50), 0.0), False)
