"""Amounts that nobody wrote -> round ones, as literals of the language.

Invariant: what is rounded is rounded up, and the literal reads back as the rounded amount.
"""

from __future__ import annotations

import math
from fractions import Fraction

from ..semantics.spend import DAY_S


def up(amount: Fraction, figures: int = 2) -> Fraction:
    """The least number of so many figures that is not below `amount` > 0."""
    step = Fraction(10) ** (_exponent(amount) - figures + 1)
    return math.ceil(amount / step) * step


def duration(seconds: Fraction) -> str:
    """Seconds > 0 as a literal, to the microsecond."""
    for unit, size in (("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= size and (seconds / size * 10).denominator == 1:
            return f"{_decimal(seconds / size)}{unit}"
    if seconds >= 1:
        return f"{_decimal(up(seconds, 4))}s"
    milliseconds = seconds * 1000
    return f"{_decimal(milliseconds)}ms" if milliseconds >= 1 else f"{math.ceil(seconds * 10**6)}us"


def rate(per_second: Fraction) -> str:
    """A rate > 0 per second, minute, hour or day, the first in which it is short."""
    for unit, size in (("s", 1), ("min", 60), ("h", 3600), ("day", DAY_S)):
        if (per_second * size * 10).denominator == 1:
            return f"{_decimal(per_second * size)}/{unit}"
    return f"{_decimal(up(per_second * DAY_S, 6))}/day"


def dollars_a_day(per_second: Fraction) -> str:
    """Dollars > 0, two figures and never less."""
    return f"${_decimal(up(max(per_second * DAY_S, Fraction(1, 100))))}/day"


def _exponent(amount: Fraction) -> int:
    exponent = len(str(amount.numerator)) - len(str(amount.denominator))
    return exponent if Fraction(10) ** exponent <= amount else exponent - 1


def _decimal(amount: Fraction) -> str:
    """At most six places; whole thousands are parted."""
    places = next((places for places in range(6) if (amount * 10**places).denominator == 1), 6)
    whole, rest = divmod(math.ceil(amount * 10**places), 10**places)
    shown = f"{whole:_}" if whole >= 10_000 else str(whole)
    return f"{shown}.{rest:0{places}d}" if places else shown
