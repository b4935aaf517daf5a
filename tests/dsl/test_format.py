"""The printer changes layout and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import File, Statement

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.fleet"))


def _file(text: str) -> File:
    file, found = parse(Source("t.fleet", text))
    assert file is not None and not found, found
    return file


def _words(statements: tuple[Statement, ...]) -> list[object]:
    return [
        ([item.text for item in one.items], _words(one.block.statements) if one.block is not None else None)
        for one in statements
    ]


def _holds(text: str) -> None:
    file = _file(text)
    printed = format_file(file)
    again = _file(printed)
    assert _words(again.statements) == _words(file.statements)
    assert [comment.text for comment in again.comments] == [comment.text for comment in file.comments]
    assert format_file(again) == printed


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_shipped_specs_are_in_the_canonical_style(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_file(_file(text)) == text


ITEM = st.sampled_from(
    ["pool", "a-b", "10..20", "$0.5/h", "20%", "x2", '"a # b"', "->", "(1 + 2)", "requests/s", "p99", "<"]
)
CARRIED = st.sampled_from([", b", ",\n b", ", # of b\n  b", ",\n# of b\n\n# and c\n  b"])
LINE = st.tuples(st.lists(ITEM, min_size=1, max_size=5), st.lists(CARRIED, max_size=2)).map(
    lambda parts: "w " + " ".join(parts[0]) + "".join(parts[1])
)
COMMENT = st.sampled_from(["# said", "#", '# { odd }; "', "  # far"])
STATEMENTS = st.recursive(
    st.lists(st.one_of(LINE, COMMENT), max_size=4).map("\n".join),
    lambda inner: st.tuples(LINE, st.sampled_from(["", " # why", "\n"]), inner, inner).map(
        lambda parts: f"{parts[0]} {{{parts[1]}\n{parts[2]}\n}}\n{parts[3]}"
    ),
    max_leaves=8,
)


@given(STATEMENTS)
@settings(max_examples=300)
def test_printing_keeps_items_and_comments_and_is_idempotent(text: str) -> None:
    _holds(text)


def test_comments_stay_with_what_they_are_about() -> None:
    text = "# top\nfleet f {  # the fleet\n\n\n  # before\n  pool p { agents 3 }   # behind\n  # last\n}\n# end\n"
    assert format_file(_file(text)) == (
        "# top\nfleet f {  # the fleet\n  # before\n  pool p { agents 3 }  # behind\n  # last\n}\n# end\n"
    )


def test_a_block_too_long_for_one_line_is_opened() -> None:
    inner = "; ".join(f"limit {number} pending" for number in range(1, 9))
    printed = format_file(_file(f"call a -> b {{ {inner} }}\n"))
    assert printed.splitlines()[:2] == ["call a -> b {", "  limit 1 pending"]
