"""What is read piece by piece is what is read at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.dsl.diagnostics import in_order
from seatrial.dsl.incremental import Fragment, Incremental, Placed, Snapshot
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.fleet"))
SMALL = """language 1
# a small fleet
fleet f "F" {  # here
  survive loss of 1 zone; budget compute $4/day

  pool a {
    agents 3  # three
    each { cpu 1; memory 1Gi }
  }
  call a -> b 0.5 per request { timeout 1s }
  guarantee latency p95 < 1s,
    p99 < 2s
}
# end
"""
BITS = st.sampled_from(
    ["{", "}", "{ }", '"', '"s"', "#", "# c", "\n", "\r\n", "\r", "\u2028", "\n  {", "\n    ", ";", ",",
     ", ", "pool p { agents 2 }\n", "agents 3", " ",
     "$", "fleet g {\n", "}\n", "\\", "->", "x", "😀", "timeout 1s\n", "\ufeff", "(", "call a -> c\n"]
)  # fmt: skip
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 12), st.lists(BITS, max_size=3).map("".join))


def _agrees(snapshot: Snapshot) -> None:
    source = Source(snapshot.path, snapshot.text)
    file, errors = parse(source)
    told, found = snapshot.file(source)
    if not snapshot.exact:
        return
    assert in_order(found) == in_order(errors)
    if file is not None:
        assert told.statements == file.statements
        assert told.comments == file.comments


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_shipped_specs_read_in_pieces_are_the_specs(path: Path) -> None:
    snapshot = Incremental("t.fleet").update(path.read_text(encoding="utf-8"))
    assert snapshot.exact and len(snapshot.pieces) > 5
    _agrees(snapshot)


@given(st.lists(EDIT, min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
@example([(0.75, 5, ""), (0.4375, 0, "\u2028#")])
def test_any_edits_give_the_tree_of_the_whole_text(edits: list[tuple[float, int, str]]) -> None:
    reader = Incremental("t.fleet")
    text = SMALL
    reader.update(text)
    for place, gone, new in edits:
        at = round(place * len(text))
        text = text[:at] + new + text[at + gone :]
        snapshot = reader.update(text)
        assert "".join(placed.piece.fragment.text for placed in snapshot.pieces) == text
        assert all(text[one.start : one.end] == one.piece.fragment.text for one in snapshot.pieces)
        _agrees(snapshot)


def test_an_edit_inside_a_pool_parses_that_pool_alone() -> None:
    reader = Incremental("t.fleet")
    reader.update(SMALL)
    snapshot = reader.update(SMALL.replace("agents 3", "agents 30"))
    assert [one.piece.fragment.text.split()[:2] for one in _fresh(snapshot)] == [["pool", "a"]]


def test_a_brace_left_open_leaves_the_other_pieces_as_they_were() -> None:
    reader = Incremental("t.fleet")
    reader.update(SMALL)
    snapshot = reader.update(SMALL.replace("each { cpu", "each { { cpu"))
    assert not snapshot.exact
    assert [one.piece.fragment.text.split()[:2] for one in _fresh(snapshot)] == [["pool", "a"]]
    assert {one.code for one in snapshot.errors} >= {"ST0003"}
    mended = reader.update(SMALL)
    assert mended.exact and not mended.errors


def test_pieces_of_the_same_text_are_told_apart() -> None:
    text = "fleet f {\n  survive loss of 1 zone\n  survive loss of 1 zone\n}\n"
    snapshot = Incremental("t.fleet").update(text)
    twins = [one.piece.fragment for one in snapshot.pieces if "survive" in one.piece.fragment.text]
    assert len(twins) == 2 and twins[0] != twins[1]
    assert all(isinstance(one, Fragment) for one in twins)


def _fresh(snapshot: Snapshot) -> list[Placed]:
    return [one for one in snapshot.pieces if one.piece.fragment.serial in snapshot.fresh]
