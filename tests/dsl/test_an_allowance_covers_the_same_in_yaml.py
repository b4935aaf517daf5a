"""A comment that allows a finding covers, in the other notation and back, what it covered in the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.format import join
from seatrial.dsl.source import Source
from seatrial.dsl.suppress import allowances
from seatrial.dsl.syntax import File, Statement

SPECS = Path(__file__).parents[2] / "specs"
COMMENT = "# seatrial: allow ST2101 because it is measured"


def read(text: str, notation: Notation) -> File:
    file, errors = parse_any(Source(f"spec.{notation}", text))
    assert file is not None and errors == ()
    return file


def written(file: File, notation: Notation) -> str:
    text = write(file, notation)
    assert isinstance(text, str)
    return text


def each(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    for one in statements:
        yield one
        yield from each(one.block.statements if one.block is not None else ())


def covered(file: File) -> list[str]:
    (only,), wrong = allowances(file)
    assert wrong == ()
    heads = [(file.place(one.head), join(one.items)) for one in each(file.statements)]
    return sorted(text for head, text in heads if only.covers.start <= head.start and head.end <= only.covers.end)


def commented(text: str) -> Iterator[str]:
    """The text with the comment above each statement that begins a line, behind each that ends one, and at braces."""
    file = read(text, Notation.FLEET)
    for one in each(file.statements):
        start, end = file.place(one.span).start, file.place(one.span).end
        line = text.rfind("\n", 0, start) + 1
        if not text[line:start].strip():
            yield f"{text[:line]}{COMMENT}\n{text[line:]}"
        opening = file.place(one.block.span).start + 1 if one.block is not None else end
        yield from (f"{text[:at]} {COMMENT}{text[at:]}" for at in {end, opening} if text[at] == "\n")


@pytest.mark.parametrize("name", ["fragile", "recorded", "requirements/R08", "requirements/R12", "requirements/R16"])
def test_an_allowance_covers_the_same_in_yaml_and_back(name: str) -> None:
    for text in commented((SPECS / f"{name}.fleet").read_text(encoding="utf-8")):
        here = read(text, Notation.FLEET)
        other = read(written(here, Notation.YAML), Notation.YAML)
        back = read(written(other, Notation.FLEET), Notation.FLEET)
        assert covered(here) == covered(other) == covered(back) != [], text
