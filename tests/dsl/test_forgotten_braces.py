"""One forgotten or misplaced brace is one diagnostic, with the change that mends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

SOUND = "fleet f {\n  pool a {\n    agents 3\n    each { cpu 1 }\n  }\n  pool b {\n    agents 2\n  }\n}\n"

CASES = {
    "a block that is not opened": (
        SOUND.replace("pool a {", "pool a"),
        ["2:9 the block of `pool a` is never opened"],
    ),
    "a fleet that is not opened": (
        SOUND.replace("fleet f {", "fleet f"),
        ["1:8 the block of `fleet f` is never opened"],
    ),
    "a block that is not opened before a comment": (
        SOUND.replace("pool b {", "pool b  # two of them"),
        ["6:9 the block of `pool b` is never opened"],
    ),
    "two blocks that are not opened": (
        SOUND.replace("pool a {", "pool a").replace("pool b {", "pool b"),
        ["2:9 the block of `pool a` is never opened", "6:9 the block of `pool b` is never opened"],
    ),
    "a block that is not closed": (SOUND.replace("cpu 1 }\n  }", "cpu 1 }"), ["2:10 this `{` is never closed"]),
    "a last block that is not closed": (SOUND.removesuffix("}\n"), ["1:9 this `{` is never closed"]),
    "two blocks that are not closed at one place": (
        SOUND.replace("cpu 1 }\n  }", "cpu 1"),
        ["2:10 this `{` is never closed", "4:10 this `{` is never closed"],
    ),
    "three blocks that are open at the end": (
        "fleet f { pool a { agents 3; each { cpu 1",
        ["1:35 this `{` and 2 more around it are never closed"],
    ),
    "braces that begin lines": (
        SOUND.replace(" {\n", "\n  {\n"),
        ["2:3 a `{` cannot begin a line", "4:3 a `{` cannot begin a line", "9:3 a `{` cannot begin a line"],
    ),
    "a `{` in a line": (
        "fleet f {\n  pool a {\n    agents 3\n    each cpu 1; memory 1Gi }\n  }\n}\n",
        ["4:9 the block of `each` is never opened"],
    ),
    "a `}` within a line": (
        "fleet f {\n  pool a { agents 3; each { cpu 1; drain 5s }\n}\n",
        ["2:27 this `{` is never closed"],
    ),
    "both braces of a block": (
        "fleet f {\n  pool a {\n    agents 3\n    each cpu 1; memory 1Gi\n  }\n}\n",
        ["4:9 the block of `each` is never opened nor closed"],
    ),
    "both braces of a block of lines": (
        "fleet f {\n  pool a {\n    agents 3\n    each\n      cpu 1\n      memory 1Gi\n  }\n  pool b { agents 2 }\n}\n",
        ["4:9 the block of `each` is never opened nor closed"],
    ),
    "a `{` here and a `}` there": (
        "fleet f {\n  pool a\n    agents 3\n  }\n  pool b {\n    agents 2\n  pool c { agents 1 }\n}\n",
        ["2:9 the block of `pool a` is never opened", "5:10 this `{` is never closed"],
    ),
    "a `{` before a block with nothing in it": (
        "fleet f {\n  demand d {\n    steady 1/s\n  }\n  environment e\n  }\n  pool b { agents 2 }\n}\n",
        ["5:16 the block of `environment e` is never opened"],
    ),
    "a `}` too many on a line of its own": (
        "fleet f {\n  pool a {\n    agents 3\n  }\n    }\n  pool b { agents 2 }\n}\n",
        ["5:5 this `}` closes nothing"],
    ),
    "lines indented by tabs": (
        "fleet f {\n\tpool a\n\t\tagents 3\n\t}\n\tpool b {\n\t\tagents 2\n\tpool c { agents 1 }\n}\n",
        ["2:8 the block of `pool a` is never opened", "5:9 this `{` is never closed"],
    ),
}


def _told(text: str) -> tuple[Diagnostic, ...]:
    return read(Source("t.fleet", text)).diagnostics


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_once_and_at_its_place(name: str) -> None:
    text, wanted = CASES[name]
    assert [f"{str(one.labels[0].span).partition(':')[2]} {one.message}" for one in _told(text)] == wanted


@pytest.mark.parametrize("name", CASES)
def test_its_fixes_mend_the_text(name: str) -> None:
    text, wanted = CASES[name]
    for left in reversed(range(len(wanted))):
        for span, new in sorted(_told(text)[-1].fixes[0].edits, key=lambda edit: -edit[0].start):
            text = text[: span.start] + new + text[span.end :]
        assert len(_told(text)) == left


@given(st.sets(st.integers(0, SOUND.count("{") - 1)), st.sampled_from("{}"))
def test_whatever_braces_are_lost_every_clause_keeps_its_words_and_places(lost: set[int], brace: str) -> None:
    number = -1
    text = ""
    for char in SOUND:
        number += char == brace
        text += "" if char == brace and number in lost else char
    file, _ = parse(Source("t.fleet", text))
    assert file is not None
    todo = list(file.statements)
    seen = []
    while todo:
        one = todo.pop()
        seen += [item.text for item in one.items]
        assert all(item.span.text == item.text for item in one.items if item.text != "_")
        todo += one.block.statements if one.block is not None else ()
    assert {word for word in SOUND.split() if word not in "{}"} <= set(seen)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line(end: str) -> None:
    text = SOUND.replace("agents 2", "# said\n    agnts 2").replace("\n", end)
    (one,) = _told(text)
    assert str(one.labels[0].span) == "t.fleet:8:5"
    assert one.labels[0].span.source.line(8) == "    agnts 2"


def test_a_string_ends_with_its_line_whatever_ends_it() -> None:
    for end in ("\n", "\r\n", "\r"):
        (one, *_) = _told(f'fleet f "open {end}{{ pool a {{ agents 3 }} }}')
        assert (one.code, one.labels[0].span.text) == ("ST0002", '"open ')
