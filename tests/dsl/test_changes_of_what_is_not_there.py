"""`--what-if` of what the fleet does not declare says what it declares, whatever letters the name has."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import Variant, read
from seatrial.dsl.source import Source

SPEC = "fleet f {\n  demand d { steady 1/s }\n  pool ocr { serves d; agents 2 }\n  pool gateway { agents 2 }\n}\n"


@pytest.mark.parametrize(
    ("change", "message", "help_"),
    [
        ("pool ü agents 3..4", "the fleet does not declare `pool ü`", "there is: pool ocr, pool gateway"),
        ("pool 🚢", "the fleet does not declare `pool 🚢`", "there is: pool ocr, pool gateway"),
        ("pool nosuch agents 3", "the fleet does not declare `pool nosuch`", "there is: pool ocr, pool gateway"),
        ("pool nosuch", "the fleet does not declare `pool nosuch`", "there is: pool ocr, pool gateway"),
        ("pool gatway agents 3", "the fleet does not declare `pool gatway`", "did you mean `pool gateway`?"),
        ("gateway agents 3", "a change begins with what it is about", "did you mean `pool gateway agents 3`?"),
        ("call: [{caller: a, callee: b}]", "this is YAML, and no .fleet text", "a change is said as the language says"),
        ("pool ocr agents ü", "the character `ü` has no meaning here", "names and clauses have the letters a to z"),
        ("pool ocr agents 🚢", "the character `🚢` has no meaning here", "names and clauses have the letters a to z"),
    ],
)
def test_one_error_says_what_there_is(change: str, message: str, help_: str) -> None:
    (one,) = (
        one for one in read(Source("f.fleet", SPEC), variant=Variant(changes=(change,))).diagnostics if one.is_error
    )
    assert one.message.startswith(message) and one.help.startswith(help_)
