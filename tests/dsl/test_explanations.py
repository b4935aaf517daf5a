"""Each code has a text, its failing example raises exactly it, its mended example is clean, and something emits it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial import __version__
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.dsl.diagnostics import Severity, codes
from seatrial.dsl.source import Source
from seatrial.dsl.suppress import mark
from seatrial.targets import emit_all

from ..explained import examples, targets

ROOT = Path(__file__).parents[2]
EXPLAIN = ROOT / "dsl" / "diagnostics" / "explain"
ROOMS = ("dsl", "compiler", "targets", "chaos", "seatrial/cli")


def _told(code: str, text: str, notation: str) -> dict[str, Severity]:
    """The codes of all that is said of a spec, by every stage."""
    checked = judge(read(Source(f"example.{notation}", text)), {})
    found = {one.code: one.severity for one in checked.diagnostics}
    made = plan(checked, {}, __version__)
    if made is not None:
        # What another code is about may be allowed in an example, with its reason.
        told = mark(checked.allowances, emit_all(made, targets(code))[1])
        found |= {one.code: one.severity for one in told if not one.allowed}
    return found


def test_texts_and_registry_name_the_same_codes() -> None:
    assert {path.stem for path in EXPLAIN.glob("*.md")} == set(codes.CODES)


@pytest.mark.parametrize("code", codes.CODES)
def test_the_failing_example_raises_exactly_its_code(code: str) -> None:
    given = examples(code)
    assert (codes.explanation(code) or "").startswith(f"# {code}: {codes.CODES[code]}\n")
    before, after = _told(code, given.fails, given.notation), _told(code, given.mended, given.notation)
    # Both examples are as short as can be, so some figures are missing in both; what counts is the difference, and
    # for what a target cannot express the difference in that.
    stage = {one for one in set(before) - set(after) if one.startswith("ST7") == code.startswith("ST7")}
    assert stage == {code}
    assert not [one for one, severity in after.items() if severity is Severity.ERROR and not one.startswith("ST7")]


@pytest.mark.parametrize("code", codes.CODES)
def test_each_code_is_emitted_somewhere(code: str) -> None:
    places = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if f'"{code}"' in path.read_text()]
    assert [path for path in places if path.name != "codes.py"]
