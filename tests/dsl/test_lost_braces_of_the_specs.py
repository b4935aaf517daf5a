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

REUSING = """\
let size = 6
let wait = 2s

template desk {
  image "registry.example/desk:1.0"
  agents $size
  each {
    cpu 500m; memory 512Mi
    service mean 50ms, p99 200ms
  }
}

fleet reusing {
  for team in alpha, beta {
    demand tickets-$team { steady 10/s }
    pool support-$team like desk {
      serves tickets-$team {
        timeout $wait
      }
    }
  }
  demand letters { steady 4/s }
  pool other like desk { serves letters }
  environment staging {
    pool other { agents 3 }
  }
}
"""


@cache
def _text(name: str) -> str:
    return REUSING if name == "reusing.fleet" else (ROOT / name).read_text(encoding="utf-8")


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


def test_what_names_and_templates_stand_for_is_no_error_of_a_lost_brace() -> None:
    for at in _others("reusing.fleet"):
        (error,) = _errors("reusing.fleet", {at})
        assert _is_within("reusing.fleet", error, {at})


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_no_one_brace_of_all_is_more_than_one_error(name: str) -> None:
    for at in _others(name):
        (error,) = _errors(name, {at})
        assert _is_within(name, error, {at})
