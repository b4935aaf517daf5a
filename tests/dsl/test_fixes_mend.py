"""A fix that is offered mends: applied to the text, what it was offered for is told no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic, Fix
from seatrial.dsl.source import Source

HERE = Path(__file__).parent
CASES = sorted((HERE / "messages").glob("*.txt"))
SPECS = [path.read_text(encoding="utf-8") for path in sorted((HERE.parents[1] / "specs").glob("s*.fleet"))]


def told(text: str) -> tuple[Diagnostic, ...]:
    return judge(read(Source("example.fleet", text)), {}).diagnostics


def applied(text: str, fix: Fix) -> str:
    return text[: fix.span.start] + fix.new + text[fix.span.end :]


def of_the_text(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    """Guarantees are left out: their repairs are tried by the prover itself."""
    return [(one.code, one.message) for one in diagnostics if not one.guarantee]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_fix_in_the_messages_removes_its_message(case: Path) -> None:
    text = case.read_text(encoding="utf-8").partition("\n" + "-" * 80)[0]
    before = of_the_text(told(text))
    for one in told(text):
        for fix in () if one.guarantee else one.fixes:
            after = of_the_text(told(applied(text, fix)))
            key = (one.code, one.message)
            assert after.count(key) < before.count(key), fix


def test_the_messages_offer_many_fixes() -> None:
    offered = [
        fix
        for case in CASES
        for one in told(case.read_text(encoding="utf-8").partition("\n" + "-" * 80)[0])
        for fix in one.fixes
    ]
    assert len(offered) >= 35


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_spec_with_a_word_lost_doubled_or_changed_is_told_of_in_its_own_text(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SPECS))
    words = text.split(" ")
    at = data.draw(st.integers(0, len(words) - 1))
    new = data.draw(
        st.sampled_from(["", words[at] * 2, ":", "=", ",", "{", "}", "8,000/s", "per", "at", "5 ms", "$", '"'])
    )
    changed = " ".join([*words[:at], new, *words[at + 1 :]])
    reading = read(Source("example.fleet", changed))
    for one in reading.diagnostics:
        for span in (*(label.span for label in one.labels), *(fix.span for fix in one.fixes)):
            assert 0 <= span.start <= span.end <= len(changed)
