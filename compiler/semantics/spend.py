"""A steady rate of spending and a peak -> the most that can be spent in an hour, a day or a month.

Invariant: exact (`Fraction` dollars, whole seconds); the worst window of the horizon is meant, not the average one.

Source: a month is 730 hours, as clouds bill (https://cloud.google.com/compute/all-pricing, "730 hours in a month").
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

HOUR_S = 3600
DAY_S = 24 * HOUR_S
MONTH_S = 730 * HOUR_S


@dataclass(frozen=True, slots=True)
class Peak:
    """A peak lasts `lasts` seconds and starts at most once in `every` seconds; either None: it may last always."""

    lasts: Fraction | None = None
    every: Fraction | None = None


def peak_seconds(horizon: Fraction | int, peak: Peak) -> Fraction:
    """Most seconds of peak inside any window of `horizon` seconds: a window that opens as a peak starts."""
    horizon = Fraction(horizon)
    if peak.lasts is None or peak.every is None or peak.lasts >= peak.every:
        return horizon
    whole = horizon // peak.every
    return whole * peak.lasts + min(peak.lasts, horizon - whole * peak.every)


def least_peak_seconds(horizon: Fraction | int, peak: Peak) -> Fraction:
    """Fewest seconds of a peak that comes as often as it may inside any window of `horizon` seconds: one that opens as
    a peak ends."""
    horizon = Fraction(horizon)
    if peak.lasts is None or peak.every is None or peak.lasts >= peak.every:
        return horizon
    whole = horizon // peak.every
    return whole * peak.lasts + max(Fraction(0), horizon - (whole + 1) * peak.every + peak.lasts)


def worst_spend(
    horizon: Fraction | int, steady_per_hour: Fraction, peak_per_hour: Fraction, peak: Peak | None = None
) -> Fraction:
    """Most dollars within `horizon` seconds, at `steady_per_hour` outside and `peak_per_hour` inside the peaks.

    `peak` None: there is no peak. A peak cheaper than the steady level is not used to save.
    """
    horizon = Fraction(horizon)
    inside = peak_seconds(horizon, peak) if peak is not None else Fraction(0)
    dearest = max(steady_per_hour, peak_per_hour)
    return (dearest * inside + steady_per_hour * (horizon - inside)) / HOUR_S
