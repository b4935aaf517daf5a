"""A word of a million characters is told by its beginning and its length; a fix of it keeps the whole."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source

WORD = "x" * 100_000
TEXTS = {
    "a clause": f"fleet a {{\n  {WORD} 3\n}}\n",
    "behind a block": f"fleet a {{\n  demand d {{ steady 3/s }} {WORD}\n}}\n",
    "a name": f"fleet a {{\n  pool {WORD} {{ agents 3 }}\n}}\n",
    "a reference": f"fleet a {{\n  pool p {{ serves {WORD}; agents 3 }}\n}}\n",
    "a unit": f"fleet a {{\n  pool p {{ agents 3; drain 3{WORD} }}\n}}\n",
    "a text": f'fleet a {{\n  pool p {{ agents "{WORD}" }}\n}}\n',
    "a code": f"# seatrial: allow ST2{'1' * 100_000} because it is late\nfleet a {{\n  pool p {{ agents 3 }}\n}}\n",
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_very_long_word_is_shown_in_short(what: str) -> None:
    told = judge(read(Source("a.fleet", TEXTS[what])), {}).diagnostics
    assert told
    for one in told:
        for text in (one.message, one.help, *one.notes, *(label.text for label in one.labels)):
            assert len(text) < 2_000, text[:80]
    assert any("… (100,00" in one.message or "…` (100,00" in one.message for one in told), told[0].message
