"""What a name stands for has its place at its `let`, its loop or on the command line: no fix spans both."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from seatrial.compiler.pipeline import Variant, judge, read
from seatrial.dsl.compose import no_library
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

SPEC = """let value = {value}
fleet f {{
  demand d {{ steady 5/s }}
  pool p {{ {clause}; each {{ service mean 10ms, p99 40ms }} }}
  pool q {{ agents 3 }}
}}
"""


def _error(value: str, clause: str, settings: Mapping[str, str] | None = None) -> Diagnostic:
    text = SPEC.format(value=value, clause=clause)
    reading = read(Source("f.fleet", text), no_library, Variant(settings=settings or {}))
    return next(one for one in judge(reading, {}).diagnostics if one.is_error)


SLIPS = [
    ("9", "serves d; agents $value..3"),
    ("5", "serves d { timeout $value s }; agents 3"),
    ("3", "serves d; agents $value to 5"),
    ("3", "serves d; agents $value, 5"),
    ("2s", "serves d { timeout $value 100ms }; agents 3"),
]


@pytest.mark.parametrize(("value", "clause"), SLIPS)
def test_no_fix_replaces_what_stands_between(value: str, clause: str) -> None:
    assert not [fix for fix in _error(value, clause).fixes for span, _ in fix.edits if "\n" in span.text]


def test_the_same_slip_in_one_place_is_mended() -> None:
    for clause in ("serves d; agents 9..3", "serves d { timeout 5 s }; agents 3", "serves d; agents 3 to 5"):
        assert _error("1", clause).fixes


def test_a_range_that_a_setting_turns_round_names_the_setting() -> None:
    found = _error("9", "serves d; agents 3..$value; scale on busy 50%", {"value": "2"})
    assert found.message == "the range 3..2 runs backwards" and not found.fixes
    places = {label.span.source.path: label.span.source.line(label.span.line) for label in found.labels}
    assert places["--set value"] == "value=2" and "agents 3..$value" in places["f.fleet"]
