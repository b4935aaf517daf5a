"""Values of clauses -> values of the model, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from seatrial.dsl.clauses import Clause
from seatrial.dsl.quantities import HOUR
from seatrial.dsl.values import Value

from ..model import Stated
from .defaults import PRIORITIES, Default


def text_of(clause: Clause) -> str:
    """A clause as a person would quote it, on one line."""
    return _on_one_line(clause.head.text)


@lru_cache(maxsize=1 << 12)
def _on_one_line(text: str) -> str:
    # A large spec writes most of its clauses many times over; so they have one text too.
    return " ".join(text.split())


def amount(clause: Clause, field: str) -> Stated[Fraction]:
    """A written amount in its base unit."""
    value = clause.values[field]
    return Stated(value.amount, value.span, text_of(clause))


def whole(clause: Clause, field: str) -> Stated[int]:
    value = clause.values[field]
    return Stated(int(value.amount), value.span, text_of(clause))


def bounds(clause: Clause, field: str) -> tuple[Stated[int], Stated[int]]:
    """The two ends of a range; a single number is both, and one literal."""
    value = clause.values[field]
    low = Stated(int(value.amount), value.span, text_of(clause))
    if value.high is None or value.high_span is None:
        return low, low
    return low, Stated(int(value.high), value.high_span, text_of(clause))


def word(clause: Clause, field: str) -> Stated[str]:
    value = clause.values[field]
    return Stated(value.text, value.span, text_of(clause))


def maybe_amount(clause: Clause | None, field: str) -> Stated[Fraction] | None:
    return amount(clause, field) if clause is not None and field in clause.values else None


def maybe_whole(clause: Clause | None, field: str) -> Stated[int] | None:
    return whole(clause, field) if clause is not None and field in clause.values else None


def in_row(clause: Clause, row: Mapping[str, Value], field: str) -> Stated[Fraction]:
    """An amount in one row of a list."""
    return Stated(row[field].amount, row[field].span, text_of(clause))


def filled(value: Default, owner: Clause) -> Stated[Fraction]:
    """A default in the place of the block that lacks it."""
    return Stated(value.value, owner.head, value.clause, value.source)


def filled_whole(value: Default, owner: Clause) -> Stated[int]:
    return Stated(int(value.value), owner.head, value.clause, value.source)


def hourly(clause: Clause | None, field: str) -> Stated[Fraction] | None:
    """A price per second, as literals are read, told per hour."""
    price = maybe_amount(clause, field)
    return None if price is None else Stated(price.value * HOUR, price.span, price.clause)


def priority(clause: Clause | None) -> Stated[int] | None:
    """Words stand for the levels of `defaults.PRIORITIES`."""
    if clause is None:
        return None
    level = clause.get("level")
    if level is not None:
        return Stated(PRIORITIES[level.text], level.span, text_of(clause))
    return whole(clause, "number")
