"""The units that may stand behind a number of some kind, and an amount in words."""

from __future__ import annotations

from fractions import Fraction

from seatrial.dsl.quantities import (
    CPU,
    MONEY,
    MONEY_PER_TIME,
    NUMBER,
    PER_UNITS,
    RATE,
    SIZE,
    SIZE_UNITS,
    TIME,
    TIME_UNITS,
    BadLiteral,
    Dimension,
    read,
)  # fmt: skip
from seatrial.dsl.values import KINDS

_BASE: dict[Dimension, str] = {
    TIME: "s", RATE: "/s", SIZE: "bytes", CPU: "cores", MONEY: "dollars", MONEY_PER_TIME: "dollars/s",
}  # fmt: skip


def units(kind: str) -> tuple[str, ...]:
    """What may follow the digits, as written: `ms`, `/min`, `%`. Empty where the number stands alone."""
    known = KINDS[kind.removesuffix("..")]
    per = tuple(f"/{unit}" for unit in PER_UNITS)
    by_dimension = {TIME: tuple(TIME_UNITS), SIZE: tuple(SIZE_UNITS), CPU: ("m",), RATE: per, MONEY_PER_TIME: per}
    if known.percent:
        return ("%",)
    return by_dimension.get(known.dimension or NUMBER, ())


def told(text: str, kind: str) -> str:
    """A literal in its base unit, "" where that says nothing more."""
    known = KINDS[kind.removesuffix("..")]
    wanted = known.dimension or NUMBER
    amount = read(text.removeprefix("x"), wanted)
    if isinstance(amount, BadLiteral):
        return ""
    if amount.dimension == MONEY_PER_TIME:
        return f"{_number(amount.value * 3600)} dollars an hour, {_number(amount.value * 3600 * 730)} a month"
    if amount.dimension == NUMBER and not amount.percent:
        return ""
    unit = _BASE.get(amount.dimension, "")
    return f"{_number(amount.value)} {unit}".rstrip() if unit else _number(amount.value)


def _number(value: Fraction) -> str:
    """Short, and exact where it can be written so."""
    return f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):,.6g}"
