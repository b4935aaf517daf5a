"""Figures as a person reads them.

Turns seconds, shares and money into short texts. Invariant: rounding never carries a figure over the limit that it is
shown beside: shares show as many nines as it takes to tell them from 1.
"""

from __future__ import annotations

import math
from fractions import Fraction

Number = float | int | Fraction


def seconds(value: Number) -> str:
    """310 ms, 1.2 s, 4 min 30 s, 30 d."""
    exact = float(value)
    if math.isinf(exact):
        return "never"
    if exact < 0.0005:
        return f"{exact * 1000:.2f} ms" if exact else "0 s"
    if exact < 0.9995:
        return f"{exact * 1000:.3g} ms"
    if exact < 120:
        return f"{exact:.3g} s"
    whole = round(exact)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def share(value: Number) -> str:
    """99.9 %, 99.987 %; below 1 never "100 %"."""
    percent = float(value) * 100
    if percent >= 100:
        return "100 %"
    if percent <= 0:
        return "0 %"
    for digits in (1, 2, 3, 4, 5):
        text = f"{percent:.{digits}f}"
        if float(text) < 100 and abs(float(text) - percent) <= (100 - percent) * 0.05 + 1e-9:
            return f"{text.rstrip('0').rstrip('.')} %"
    return f"{math.floor(percent * 1e5) / 1e5:.5f} %"


def dollars(value: Number) -> str:
    return f"${float(value):,.2f}".removesuffix(".00")


def percentile(quantile: Fraction) -> str:
    """p95, p99.9."""
    return f"p{float(quantile * 100):g}"


def count(number: int, noun: str) -> str:
    """1 request, 1,234 requests."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
