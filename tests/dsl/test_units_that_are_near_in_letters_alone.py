"""What is offered in the place of a rate or of money is of the same kind, and is read."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source


def told(clause: str) -> Diagnostic:
    text = f"fleet f {{\n  demand d {{ steady 5/s }}\n  pool p {{ serves d; agents 2 }}\n  {clause}\n}}\n"
    (one,) = (one for one in read(Source("f.fleet", text)).diagnostics if one.is_error)
    return one


@pytest.mark.parametrize("period", ["day", "d", "month", "week"])
def test_no_limit_a_day_is_taken_for_one_a_second(period: str) -> None:
    one = told(f"dependency llm {{ limit 10M tokens/{period} }}")
    assert "tokens/h" in one.message and "did you mean" not in one.help and not one.fixes


@pytest.mark.parametrize(("said", "meant"), [("tokens/sec", "tokens/s"), ("tokens/minute", "tokens/min")])
def test_the_same_time_in_other_words_is_offered(said: str, meant: str) -> None:
    one = told(f"dependency llm {{ limit 10M {said} }}")
    assert meant in one.help and one.fixes[0].new == meant


def test_tokens_in_a_minute_are_no_money() -> None:
    one = told("budget tokens 10M/min")
    assert "$10M" not in one.help and "quota" in one.help
    assert told("budget tokens 500/day").help == "write $500/day"
