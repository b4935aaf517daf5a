"""The units that may stand behind a number of some kind, and an amount in words."""

from __future__ import annotations

import re
from fractions import Fraction

from lsprotocol import types

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

_NUMBER = re.compile(r"\$?[0-9][0-9_]*(\.[0-9]+)?")
_BASE: dict[Dimension, str] = {
    TIME: "s", RATE: "/s", SIZE: "bytes", CPU: "cores", MONEY: "dollars", MONEY_PER_TIME: "dollars/s",
}  # fmt: skip


def offered(typed: str, kind: str) -> list[types.CompletionItem] | None:
    """With the units that may stand behind the number that is being typed; None where none is."""
    number = _NUMBER.match(typed)
    if number is None:
        return None
    # Behind `2` a client that filters by what is typed finds `$2/day` by `2/day`.
    sign = "" if number[0].startswith("$") else "$"
    title = KINDS[kind.removesuffix("..")].title
    return [
        types.CompletionItem(
            amount, kind=types.CompletionItemKind.Unit, detail=title, filter_text=amount.removeprefix(sign)
        )
        for amount in with_units(number[0], kind)
    ]


def with_units(number: str, kind: str) -> tuple[str, ...]:
    """What a number that is being typed may become: `30ms`, `4/min`, `$2/day`. Empty where no unit belongs to it."""
    known = KINDS[kind.removesuffix("..")]
    wanted = known.dimension or NUMBER
    per = tuple(f"/{unit}" for unit in known.periods or PER_UNITS)
    by_dimension = {TIME: tuple(TIME_UNITS), SIZE: tuple(SIZE_UNITS), CPU: ("m",), RATE: per, MONEY_PER_TIME: per}
    money = wanted in (MONEY, MONEY_PER_TIME)
    if number.startswith("$") and not money:
        return ()
    sign = "$" if money and not number.startswith("$") else ""
    ends = ("%",) if known.percent else by_dimension.get(wanted, ("",) if sign else ())
    return tuple(f"{sign}{number}{end}" for end in ends)


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
