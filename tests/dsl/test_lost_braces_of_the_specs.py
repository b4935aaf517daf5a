"""Whatever one or two braces a shipped spec loses, it is told in few words and where they were."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.indentation import BRACES
from seatrial.dsl.source import Source

ROOT = Path(__file__).parents[2] / "specs"
SPECS = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.fleet"))
MOST_ERRORS = 3
"""For two braces: both of one block are lost now and then without a trace of where it ended."""


@cache
def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def _others(name: str) -> dict[int, int]:
    """The place of each brace, and of the one that it belongs to."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for match in BRACES.finditer(_text(name)):
        if match.group() == "{":
            opened.append(match.start())
        elif match.group() == "}":
            pairs[match.start()] = opened.pop()
            pairs[pairs[match.start()]] = match.start()
    return pairs


def _errors(name: str, lost: set[int]) -> tuple[Diagnostic, ...]:
    text = "".join(" " if at in lost else char for at, char in enumerate(_text(name)))
    return tuple(one for one in read(Source(name, text)).diagnostics if one.is_error)


def _is_within(name: str, one: Diagnostic, lost: set[int]) -> bool:
    """Whether it points to a line of a block that lost a brace."""
    source = Source(name, _text(name))
    lines = [sorted(source.position(place)[0] for place in (at, _others(name)[at])) for at in lost]
    return any(first <= one.labels[0].span.line <= last for first, last in lines)


@given(st.sampled_from(SPECS), st.integers(0, 1_000))
@settings(max_examples=150, deadline=None)
def test_one_lost_brace_is_one_error_in_its_block(name: str, number: int) -> None:
    places = sorted(_others(name))
    lost = {places[number % len(places)]}
    (error,) = _errors(name, lost)
    assert _is_within(name, error, lost)


@given(st.sampled_from(SPECS), st.integers(0, 1_000), st.integers(0, 1_000))
@settings(max_examples=150, deadline=None)
@example("requirements/R07.fleet", 110, 416)
@example("requirements/R07.fleet", 220, 416)
def test_two_lost_braces_are_few_errors_the_first_in_their_blocks(name: str, one: int, two: int) -> None:
    places = sorted(_others(name))
    lost = {places[one % len(places)], places[two % len(places)]}
    first, *more = _errors(name, lost)
    assert len(more) < MOST_ERRORS
    assert _is_within(name, first, lost)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_no_one_brace_of_all_is_more_than_one_error(name: str) -> None:
    for at in _others(name):
        (error,) = _errors(name, {at})
        assert _is_within(name, error, {at})


CASES = {
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
}  # fmt: skip


def _told(text: str) -> tuple[Diagnostic, ...]:
    return read(Source("t.fleet", text)).diagnostics


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_where_it_belongs(name: str) -> None:
    text, wanted = CASES[name]
    assert [f"{str(one.labels[0].span).partition(':')[2]} {one.message}" for one in _told(text)] == wanted


@pytest.mark.parametrize("name", CASES)
def test_its_fixes_mend_the_text(name: str) -> None:
    text, wanted = CASES[name]
    for left in reversed(range(len(wanted))):
        for span, new in sorted(_told(text)[-1].fixes[0].edits, key=lambda edit: -edit[0].start):
            text = text[: span.start] + new + text[span.end :]
        assert len(_told(text)) == left
