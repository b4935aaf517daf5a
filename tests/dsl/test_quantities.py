"""Literals are exact, and their dimensions are told apart by where they stand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.dsl import quantities as q
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.values import value


@pytest.mark.parametrize(
    ("text", "wanted", "amount"),
    [
        ("8_000/s", q.RATE, Fraction(8000)),
        ("600/min", q.RATE, Fraction(10)),
        ("$0.68/h", q.MONEY_PER_TIME, Fraction(68, 100 * 3600)),
        ("$50_000/day", q.MONEY_PER_TIME, Fraction(50_000, 86_400)),
        ("$1.5M/month", q.MONEY_PER_TIME, Fraction(1_500_000, 730 * 3600)),
        ("100m", q.CPU, Fraction(1, 10)),
        ("100m", q.TIME, Fraction(6000)),
        ("128Mi", q.SIZE, Fraction(128 * 2**20)),
        ("64M", q.SIZE, Fraction(64 * 10**6)),
        ("10M", q.NUMBER, Fraction(10**7)),
        ("20%", q.NUMBER, Fraction(1, 5)),
        ("2/3", q.NUMBER, Fraction(2, 3)),
        ("0.1", q.NUMBER, Fraction(1, 10)),
    ],
)
def test_a_literal_is_its_exact_amount(text: str, wanted: q.Dimension, amount: Fraction) -> None:
    read = q.read(text, wanted)
    assert isinstance(read, q.Amount)
    assert (read.value, read.dimension) == (amount, wanted)


@given(st.integers(0, 10**9), st.sampled_from(sorted(q.TIME_UNITS)))
def test_durations_never_lose_a_digit(number: int, unit: str) -> None:
    read = q.read(f"{number:_}{unit}", q.TIME)
    assert isinstance(read, q.Amount)
    assert read.value == number * q.TIME_UNITS[unit]


@pytest.mark.parametrize(
    ("text", "hint"), [("30sec", "`s`"), ("5mb", "`MB`"), ("3/fortnight", "per s, min"), ("1/0", "2/3")]
)
def test_a_unit_that_is_not_known_is_answered_with_the_one_meant(text: str, hint: str) -> None:
    read = q.read(text, q.SIZE if "mb" in text else q.TIME)
    assert isinstance(read, q.BadLiteral)
    assert hint in read.help


def _value(kind: str, text: str) -> Fraction | str:
    file, found = parse(Source("t", f"x {text}"))
    assert file is not None and not found
    read = value(kind, file.statements[0].items[1:], ())
    return read.message if isinstance(read, Diagnostic) else read.amount


@pytest.mark.parametrize(
    ("kind", "text", "result"),
    [
        ("count", "(50 * 20)", Fraction(1000)),
        ("duration", "(1m + 30s)", Fraction(90)),
        ("price", "($3 / 2h)", Fraction(3, 7200)),
        ("rate", "(100 / 2s)", Fraction(50)),
        ("duration", "(1m + $3)", "`+` wants two amounts of one dimension: here are a duration and an amount of money"),
        ("count", "(1 / 0)", "division by zero"),
        ("count", "(1 / 3)", "`(1 / 3)`, which comes to 0.333333, is out of range: a whole number is wanted here"),
    ],
)
def test_arithmetic_is_exact_and_minds_dimensions(kind: str, text: str, result: Fraction | str) -> None:
    assert _value(kind, text) == result
