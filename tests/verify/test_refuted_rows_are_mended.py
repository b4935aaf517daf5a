"""Money, order and doors: every failing example is refuted by its code, and each repair that is offered mends it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.compiler.verify import Status
from seatrial.dsl.diagnostics.codes import CODES, explanation

from .specs import findings, refuted

JUDGED = [code for code in CODES if re.match(r"ST27|ST3|ST63", code)]
OPEN = {"ST2706", "ST3003", "ST6302", "ST6321"}
"""Their examples are not decided rather than refuted, or refuted by a rule without literals."""


ROWS = Path(__file__).parents[2] / "specs" / "requirements"


def test_no_repair_is_tried_that_divides_by_nothing() -> None:
    # One at the top: one less is no organisation.
    text = (ROWS / "R24.fleet").read_text(encoding="utf-8")
    assert "divisions 4" in text
    found = findings(text.replace("divisions 4", "divisions 8"))
    assert [one.code for one in found.values() if one.status is Status.REFUTED] == ["ST6310"]


def example(code: str, heading: str) -> str:
    text = explanation(code)
    assert text is not None
    found = re.search(rf"## {heading}\n\n```fleet\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_there_are_codes_to_judge() -> None:
    assert len(JUDGED) > 25 and set(JUDGED) >= OPEN


@pytest.mark.parametrize("code", JUDGED)
def test_the_failing_example_is_not_proved_and_says_why(code: str) -> None:
    text = example(code, "Fails")
    found = [one for one in findings(text).values() if one.code == code and one.status is not Status.PROVED]
    assert found
    for one in found:
        if one.status is Status.UNKNOWN:
            assert code in OPEN and one.reason
        elif one.core:
            refuted(text, one.id)
        else:
            assert one.witness


@pytest.mark.parametrize("code", JUDGED)
def test_the_mended_example_is_proved_with_its_margin(code: str) -> None:
    found = [one for one in findings(example(code, "Mended")).values() if one.code == code]
    assert found
    assert all(one.status is Status.PROVED and one.margin for one in found), found
