"""docs/exchange.md shows what is really read and written."""

from __future__ import annotations

import re
from pathlib import Path

from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.exchange.schema import schema_text
from seatrial.dsl.source import Source

DOCUMENT = Path(__file__).parents[2] / "docs" / "exchange.md"


def _shown(text: str, notation: Notation) -> re.Match[str]:
    found = re.search(rf"<!-- both forms: {notation} -->\n```{notation}\n(.*?)```", text, re.S)
    assert found is not None
    return found


def test_both_forms_of_the_document_are_each_other(update_golden: bool) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    fleet, shown = _shown(text, Notation.FLEET)[1], _shown(text, Notation.YAML)
    file, errors = parse_any(Source("exchange.fleet", fleet))
    assert file is not None and errors == ()
    as_yaml = write(file, Notation.YAML)
    assert isinstance(as_yaml, str)
    if update_golden:
        DOCUMENT.write_text(text[: shown.start(1)] + as_yaml + text[shown.end(1) :], encoding="utf-8")
        return
    assert shown[1] == as_yaml
    back, errors = parse_any(Source("exchange.yaml", shown[1]))
    assert back is not None and errors == ()
    again = write(back, Notation.FLEET)
    assert isinstance(again, str)
    assert [line for line in again.splitlines() if line] == [line for line in fleet.splitlines() if line]


def test_the_keys_that_the_document_names_are_there() -> None:
    known = set(re.findall(r'"([A-Za-z_]+)": \{', schema_text()))
    named = set(re.findall(r"`([a-z]+_[a-z_]+)", DOCUMENT.read_text(encoding="utf-8")))
    assert len(named) >= 6
    assert named <= known
