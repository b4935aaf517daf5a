"""The language document is the registry's, and its examples are specs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.forms import ROOT, walk
from seatrial.dsl.phrases import compiled, holes
from seatrial.dsl.reference import reference
from seatrial.dsl.source import Source

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


def test_every_phrase_of_the_registry_is_well_formed() -> None:
    forms = [form for _, form in walk(ROOT)]
    assert len(forms) > 80
    for form in forms:
        names = [hole.field for hole in holes(compiled(form.phrase))]
        assert len(names) == len(set(names)), form.phrase
        assert form.doc.endswith("."), form.key
