"""Each ST7 text's failing example raises exactly that code when it is compiled, and its mended one nothing at all."""

from __future__ import annotations

import pytest

from seatrial.compiler.lower import lower
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics.codes import CODES
from seatrial.dsl.source import Source
from seatrial.dsl.suppress import allowances, mark
from seatrial.targets import emit_all

from ..explained import examples, targets


def told(code: str, example: str) -> set[str]:
    """The codes that reading and compiling the example give."""
    reading = read(Source("example.fleet", example))
    fleet, errors = resolve(reading.clauses, {})
    assert fleet is not None
    _, diagnostics = emit_all(lower(fleet, (), "0", "0"), targets(code))
    assert reading.file is not None
    allowed, unread = allowances(reading.file)
    # What another code is about may be allowed in an example, with its reason, as a user would.
    found_all = mark(allowed, (*reading.diagnostics, *errors, *unread, *diagnostics))
    return {one.code for one in found_all if not one.allowed}


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("ST7")])
def test_the_examples_of_a_code_fail_and_are_mended(code: str) -> None:
    assert told(code, examples(code).fails) == {code}
    assert told(code, examples(code).mended) == set()
