"""The language document is the registry's, and its examples are specs."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.forms import ROOT, walk
from seatrial.dsl.phrases import compiled, holes
from seatrial.dsl.quantities import NUMBER, RATE, SIZE, TIME, BadLiteral, Dimension
from seatrial.dsl.quantities import read as read_quantity
from seatrial.dsl.reference import reference
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import Item, Kind

DOCUMENT = Path(__file__).parents[2] / "docs" / "language.md"
BEGIN, END = "<!-- reference: begin -->\n", "<!-- reference: end -->"


def test_the_reference_is_what_the_registry_says(request: pytest.FixtureRequest) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    written, _, tail = rest.partition(END)
    if request.config.getoption("--update-golden"):
        DOCUMENT.write_text(head + BEGIN + reference() + END + tail, encoding="utf-8")
    else:
        assert written == reference()


@pytest.mark.parametrize("example", re.findall(r"```fleet\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S))
def test_examples_in_the_document_are_proved(example: str) -> None:
    checked = judge(read(Source("language.md", example)), {})
    assert (checked.verdict, [one.code for one in checked.diagnostics]) == ("feasible", [])


UNITS = [
    ("a duration", TIME, "3{}", Fraction(3)),
    ("a rate", RATE, "3{}", Fraction(3)),
    ("an amount of memory", SIZE, "3{}", Fraction(3)),
    ("a plain number", NUMBER, "3{}", Fraction(3)),
]


@pytest.mark.parametrize(("what", "dimension", "written", "value"), UNITS)
def test_each_unit_of_the_table_is_worth_what_it_says(
    what: str, dimension: Dimension, written: str, value: Fraction
) -> None:
    (row,) = [line for line in reference().splitlines() if line.startswith(f"| {what} | ") and "` " in line]
    units = re.findall(r"`([^`]+)` (?:in )?([0-9,/]+|bytes)", row)
    assert len(units) > 3
    for unit, told in units:
        amount = read_quantity(written.format(unit), dimension)
        assert not isinstance(amount, BadLiteral), unit
        worth = Fraction(1) if told == "bytes" else Fraction(told.replace(",", ""))
        assert amount.value == (value / worth if unit.startswith("/") else value * worth), unit


def test_the_escapes_of_the_document_are_read_so() -> None:
    assert r"`\n` a line end, `\r` a carriage return, `\t` a tab" in reference()
    item = Item(Kind.STRING, r'"a\"b\\c\n\r\t\d"', Span(Source("", ""), 0, 0))
    assert item.string == 'a"b\\c\n\r\td'


def test_every_phrase_of_the_registry_is_well_formed() -> None:
    forms = [form for _, form in walk(ROOT)]
    assert len(forms) > 80
    for form in forms:
        names = [hole.field for hole in holes(compiled(form.phrase))]
        assert len(names) == len(set(names)), form.phrase
        assert form.doc.endswith("."), form.key
