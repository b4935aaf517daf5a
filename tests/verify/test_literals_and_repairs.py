"""A repair is written as its user writes, and is the nearest that mends."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.model import Stated
from seatrial.compiler.verify.edits.literal import scale
from seatrial.dsl.quantities import CPU, MONEY, NUMBER, RATE, SIZE, TIME, Amount, Dimension, read
from seatrial.dsl.source import Source, Span

from .specs import findings, repaired


def stated(text: str, dimension: Dimension, whole: bool = False) -> Stated[int] | Stated[Fraction]:
    amount = read(text, dimension)
    assert isinstance(amount, Amount)
    span = Span(Source("t.fleet", text), 0, len(text))
    return Stated(int(amount.value), span) if whole else Stated(amount.value, span)


LITERALS = [
    ("10_000", NUMBER, True),
    ("7", NUMBER, True),
    ("30s", TIME, False),
    ("2h", TIME, False),
    ("250ms", TIME, False),
    ("$1_752", MONEY, False),
    ("80%", NUMBER, False),
    ("4_000/s", RATE, False),
    ("100m", CPU, False),
    ("64Gi", SIZE, True),
    ("0.4", NUMBER, False),
    ("2/3", NUMBER, False),
]


@pytest.mark.parametrize(("text", "dimension", "whole"), LITERALS)
@given(step=st.integers(-400, 400))
def test_what_is_written_reads_back_as_the_value(text: str, dimension: Dimension, whole: bool, step: int) -> None:
    literal = stated(text, dimension, whole)
    steps = scale(literal)
    assert steps is not None
    value = steps.value(step)
    if value is None or value == 0:
        return
    new = read(steps.text(value), dimension)
    assert isinstance(new, Amount) and new.value == value
    if step:
        assert (value > literal.value) == (step > 0)


@pytest.mark.parametrize(
    ("text", "dimension", "value", "written"),
    [
        ("$1_752", MONEY, Fraction(146_000), "$146_000"),
        ("30s", TIME, Fraction(45), "45s"),
        ("1s", TIME, Fraction(1, 20), "50ms"),
        ("80%", NUMBER, Fraction(3, 4), "75%"),
        ("400/s", RATE, Fraction(12_000), "12_000/s"),
    ],
)
def test_units_and_style_stay(text: str, dimension: Dimension, value: Fraction, written: str) -> None:
    steps = scale(stated(text, dimension))
    assert steps is not None and steps.text(value) == written


def test_a_text_that_is_no_literal_of_the_value_is_left_alone() -> None:
    span = Span(Source("t.fleet", 'trace "a.csv" at x20'), 0, 20)
    assert scale(Stated(Fraction(1), span)) is None
    assert scale(Stated(Fraction(17, 11), Span(Source("t.fleet", "3"), 0, 1))) is None


CLASH = """fleet f {
  demand d { steady 400/s }
  dependency db { connections 200 }
  pool p {
    serves d
    agents 3
    each { concurrency 8; service mean 60ms, p99 200ms; price $1/h; holds 24 connections to db }
  }
  budget agents $3/h
}"""


def test_a_repair_that_would_break_another_guarantee_is_not_offered() -> None:
    finding = findings(CLASH)["capacity/p/peak"]
    # A fourth agent would be $4 an hour: it is not offered alone, but with the budget that it needs.
    assert [{(edit.old, edit.new) for edit in one.edits} for one in finding.repairs] == [
        {("60ms", "59.9ms")},
        {("400/s", "399/s")},
        {("3", "4"), ("$3/h", "$4/h")},
    ]


def test_a_step_less_does_not_mend() -> None:
    finding = findings("fleet f { pool p { agents 900; each { price $1/h } }; budget agents $523/h }")
    for repair in finding["budget/agents/hour"].repairs:
        if repair.old == "900":
            assert repair.new == "523"
            assert "refuted" in {
                one.status.value
                for one in findings(
                    "fleet f { pool p { agents 524; each { price $1/h } }; budget agents $523/h }"
                ).values()
            }
    assert len(finding["budget/agents/hour"].repairs) == 3


def test_where_nothing_mends_it_says_so() -> None:
    spec = """fleet f {
      pool a { agents 900; each { price $1/h } }
      pool b { agents 900; each { price $1/h } }
      budget agents $1/h
      budget agents $2/day
    }"""
    finding = findings(spec)["budget/agents/day"]
    assert finding.repairs == () or all(findings(repaired(spec, one)) for one in finding.repairs)
    assert finding.repairs or "no change of one or two" in finding.reason
