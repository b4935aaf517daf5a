"""A literal's text and the steps its value may take -> the text of another value, in the user's own unit and style.

Invariant: `Scale.text(Scale.value(step))` reads back as that value: what is offered as a repair is what was checked.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from ...model import Stated

_NUMBER = re.compile(r"(?P<before>[$x]?)(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?)(?P<after>.*)", re.DOTALL)
_SMALLER = {"s": ("ms", 1000), "m": ("s", 60), "h": ("m", 60), "d": ("h", 24), "Gi": ("Mi", 1024), "Ti": ("Gi", 1024)}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DIGITS = 3


class Grid(StrEnum):
    WHOLE = "whole"
    PER_CENT = "per cent"
    FIGURES = "figures"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that a literal may sensibly take, numbered: step 0 is the value as it is.

    Counts go by one, percentages by whole per cents, ratios such as 2/3 through the usual majorities, all else by
    three significant figures.
    """

    number: Fraction
    unit: Fraction
    before: str
    after: str
    underscores: bool
    grid: Grid

    def value(self, step: int) -> Fraction | None:
        """The value `step` steps up (or down, when negative); None beyond what may be written."""
        moved = self._moved(step)
        return None if moved is None else moved * self.unit

    def _moved(self, step: int) -> Fraction | None:
        if step == 0:
            return self.number
        match self.grid:
            case Grid.WHOLE:
                return _whole(self.number, step, 0)
            case Grid.PER_CENT:
                moved = _whole(self.number, step, 1)
                return moved if moved is not None and moved <= 100 else None
            case Grid.FIGURES:
                return _figures(self.number, step)
            case Grid.RATIO:
                return _ratio(self.number, step)

    def rounder(self, value: Fraction, upwards: bool) -> Fraction | None:
        """A value with fewer figures at or beyond this one, in its direction; None where it has few enough.

        Two figures, as people write them: 320 ms and not 311 ms. Counts below a thousand, money, per cents and ratios
        stay as they are.
        """
        number = value / self.unit
        exact = self.grid in (Grid.PER_CENT, Grid.RATIO) or self.before == "$"
        if number <= 0 or exact or (self.grid is Grid.WHOLE and number < 1000):
            return None
        place = _power(_exponent(number) - 1)
        rounded = (math.ceil(number / place) if upwards else math.floor(number / place)) * place
        return rounded * self.unit if rounded not in (0, number) else None

    def text(self, value: Fraction) -> str:
        number = value / self.unit
        if self.grid is Grid.RATIO:
            return f"{number.numerator}/{number.denominator}"
        after = self.after
        unit = re.match(r"[A-Za-z]*", after)
        name = unit.group() if unit else ""
        while number < 1 and name in _SMALLER and (self.unit == _SECONDS.get(name, 0) or name.endswith("i")):
            smaller, factor = _SMALLER[name]
            number, after, name = number * factor, smaller + after[len(name) :], smaller
        return f"{self.before}{self._digits(number)}{after}"

    def _digits(self, number: Fraction) -> str:
        if number.denominator == 1:
            grouped = f"{number.numerator:_}"
            return grouped if self.underscores or number >= 10_000 else grouped.replace("_", "")
        places = 0
        while (number * 10**places).denominator != 1:
            places += 1
        whole, rest = divmod(number.numerator * 10**places // number.denominator, 10**places)
        return f"{whole}.{rest:0{places}d}"


def scale(stated: Stated[int] | Stated[Fraction]) -> Scale | None:
    """How the literal may move; None where its text is not a plain literal of this value (a name, a sum, a file)."""
    text = stated.span.text
    match = _NUMBER.fullmatch(text.strip())
    if match is None or text != text.strip():
        return None
    value, number = Fraction(stated.value), Fraction(match["number"].replace("_", ""))
    after = match["after"]
    ratio = re.fullmatch(r"/([0-9]+)", after)
    if ratio is not None:
        number /= int(ratio[1])
        if number != value:
            return None
        return Scale(number, Fraction(1), "", "", False, Grid.RATIO)
    if number == 0:
        # No ratio gives the unit away; only a bare number is sure.
        if value != 0 or after:
            return None
        unit = Fraction(1)
    else:
        unit = value / number
    if unit == 0 or not _is_unit(unit):
        return None
    if after.startswith("%"):
        grid = Grid.PER_CENT
    elif isinstance(stated.value, int):
        grid = Grid.WHOLE
    else:
        grid = Grid.FIGURES
    return Scale(number, unit, match["before"], after, "_" in match["number"], grid)


def _is_unit(unit: Fraction) -> bool:
    """Units are products of 2, 3, 5, 7 (a week) and 73 (a month of 730 h); else the value is not this literal's."""
    for part in (unit.numerator, unit.denominator):
        for prime in (2, 3, 5, 7, 73):
            while part % prime == 0:
                part //= prime
        if part != 1:
            return False
    return True


def _whole(number: Fraction, step: int, least: int) -> Fraction | None:
    moved = Fraction((math.floor(number) if step > 0 else math.ceil(number)) + step)
    return moved if moved >= least else None


def _figures(number: Fraction, step: int) -> Fraction | None:
    """The `step`-th number of three significant figures above (or below) a positive number."""
    if number <= 0:
        return None
    exponent = _exponent(number)
    per_decade = 9 * 10 ** (_DIGITS - 1)
    mantissa = number / _power(exponent - _DIGITS + 1)
    low = 10 ** (_DIGITS - 1)
    start = (math.floor(mantissa) if step > 0 else math.ceil(mantissa)) - low
    decade, within = divmod(start + step, per_decade)
    if abs(exponent + decade) > 15:
        return None
    return Fraction(low + within) * _power(exponent + decade - _DIGITS + 1)


def _exponent(number: Fraction) -> int:
    exponent = len(str(number.numerator)) - len(str(number.denominator))
    return exponent if _power(exponent) <= number else exponent - 1


def _power(exponent: int) -> Fraction:
    return Fraction(10**exponent) if exponent >= 0 else Fraction(1, 10**-exponent)


_MAJORITIES: list[Fraction] = sorted({Fraction(n, d) for d in range(2, 11) for n in range(1, d)})


def _ratio(number: Fraction, step: int) -> Fraction | None:
    beyond = [one for one in _MAJORITIES if (one > number if step > 0 else one < number)]
    ordered = beyond if step > 0 else beyond[::-1]
    return ordered[abs(step) - 1] if abs(step) <= len(ordered) else None
