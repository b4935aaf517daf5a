"""Each ST7 text's failing example raises exactly that code when it is compiled, and its mended one nothing at all."""

from __future__ import annotations

import re

import pytest

from seatrial.compiler.lower import lower
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics.codes import CODES, explanation
from seatrial.dsl.source import Source
from seatrial.dsl.suppress import allowances, mark
from seatrial.targets import USUAL, emit_all

EXTRA = {
    "ST7071": ("keda",),
    "ST7072": ("kueue",),
    "ST7081": ("dapr",),
    **dict.fromkeys(("ST7082", "ST7083", "ST7084", "ST7085", "ST7086"), ("litellm",)),
    **dict.fromkeys(("ST7087", "ST7088", "ST7089"), ("kafka",)),
}
"""Codes of targets that are written only when they are named."""


def told(code: str, heading: str) -> set[str]:
    """The codes that reading and compiling the example give."""
    text = explanation(code)
    assert text is not None
    found = re.search(rf"## {heading}\n\n```fleet\n(.*?)```", text, re.DOTALL)
    assert found is not None
    reading = read(Source("example.fleet", found[1]))
    fleet, errors = resolve(reading.clauses, {})
    assert fleet is not None
    _, diagnostics = emit_all(lower(fleet, (), "0", "0"), (*USUAL, *EXTRA.get(code, ())))
    assert reading.file is not None
    allowed, unread = allowances(reading.file)
    # What another code is about may be allowed in an example, with its reason, as a user would.
    found_all = mark(allowed, (*reading.diagnostics, *errors, *unread, *diagnostics))
    return {one.code for one in found_all if not one.allowed}


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("ST7")])
def test_the_examples_of_a_code_fail_and_are_mended(code: str) -> None:
    assert told(code, "Fails") == {code}
    assert told(code, "Mended") == set()
