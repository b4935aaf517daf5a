"""No text breaks the parser, and what it gives lies inside the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics.render import render
from seatrial.dsl.other_notation import of_a_mapping
from seatrial.dsl.parse import MAX_DEPTH, parse, parse_item_by_item
from seatrial.dsl.source import COMMENT, STRING, Source
from seatrial.dsl.syntax import Statement
from seatrial.dsl.terminals import terminals

from .generated import specs

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.fleet"))
FRAGMENTS = st.sampled_from(
    ["fleet", "pool", " f ", "{", "}", "\n", ";", '"', "#", "10..20", "$5/day", "20%", "->", "(", ")", ",", "x2", "..",
     "agents 3", "each {", "timeout 2s", "\r\n", "\t", "\x00", "é", "𝕏", "/", "call a -> b", "1_000", "<", "-"]
)  # fmt: skip


def _spans(statements: tuple[Statement, ...]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for statement in statements:
        out.append((statement.span.start, statement.span.end))
        out.extend((item.span.start, item.span.end) for item in statement.items)
        if statement.block is not None:
            out.extend(_spans(statement.block.statements))
    return out


def _survives(text: str) -> None:
    source = Source("t.fleet", text)
    reading = read(source)
    for diagnostic in reading.diagnostics:
        assert render(diagnostic)
        for label in diagnostic.labels:
            assert 0 <= label.span.start <= label.span.end <= len(text)
    if reading.file is not None:
        assert all(0 <= start <= end <= len(text) for start, end in _spans(reading.file.statements))


@given(st.text(max_size=200))
def test_any_text_is_read_or_reported(text: str) -> None:
    _survives(text)


@given(st.lists(FRAGMENTS, max_size=60).map("".join))
@settings(max_examples=300)
def test_any_jumble_of_the_languages_own_pieces_is_read_or_reported(text: str) -> None:
    _survives(text)


@given(st.sampled_from(SPECS), st.data())
@settings(max_examples=150)
def test_a_spec_with_a_stretch_cut_out_is_read_or_reported(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 80)))
    _survives(text[:start] + text[end:])


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_shipped_spec_is_read_without_a_word(path: Path) -> None:
    assert read(Source(str(path), path.read_text(encoding="utf-8"))).diagnostics == ()


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
@settings(max_examples=300)
def test_a_text_read_run_by_run_is_the_text_read_item_by_item(text: str) -> None:
    source = Source("t.fleet", text)
    assume(of_a_mapping(source) is None)
    assert parse(source) == parse_item_by_item(source)


@given(specs(comments=True))
def test_a_sound_spec_is_the_same_tree_read_run_by_run_and_item_by_item(text: str) -> None:
    source = Source("t.fleet", text)
    tree, found = parse_item_by_item(source)
    assert not found
    assert parse(source) == (tree, ())


def test_a_run_of_very_many_items_is_read() -> None:
    tree, found = parse(Source("t.fleet", "a " * 100_000))
    assert not found
    assert tree is not None
    assert [len(statement.items) for statement in tree.statements] == [100_000]


def test_independent_errors_are_all_reported() -> None:
    source = Source("t.fleet", "fleet f {\n pool A { agents 3 }\n pool b { agents x }\n budget nodes 5s\n @\n}\n")
    assert [one.code for one in read(source).diagnostics] == ["ST1105", "ST1004", "ST1102", "ST0001"]


def test_a_forgotten_brace_costs_one_error_not_one_for_each_clause_behind_it() -> None:
    source = Source("t.fleet", "fleet f {\n  pool a {\n    agents 3\n  pool b { agents 2 }\n  call a -> b\n}\n")
    assert [one.code for one in read(source).diagnostics] == ["ST0003"]


def test_nesting_is_refused_before_it_can_exhaust_the_stack() -> None:
    deep = MAX_DEPTH + 1
    tree, found = parse(Source("t.fleet", "a {" * deep * 500 + "}" * deep * 500))
    assert tree is None
    assert [one.code for one in found] == ["ST0004"]


def test_who_looks_for_braces_skips_the_strings_and_comments_of_the_grammar() -> None:
    known = {name: terminals()[name].replace("\n", r"\n").replace("\r", r"\r") for name in ("STRING", "COMMENT")}
    assert known == {"STRING": STRING.replace("(?:", "("), "COMMENT": COMMENT}
