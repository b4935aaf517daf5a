"""Figures that contradict each other are told where they stand, and not bent in silence."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

SPEC = """fleet f {
  demand d { steady 10/s; peak 20/s for 1h every 1d }
  dependency llm { latency p50 50ms, p99 100ms; price $15 / 1M tokens }
  pool p {
    serves d { timeout 2s; try timeout 400ms; retry 3 { backoff 25ms up to 100ms; budget 20% } }
    agents 5
    each { concurrency 4; service mean 100ms, p99 300ms; startup 2s }
  }
  call p -> llm 1 per request { tokens 1000; timeout 1s }
}
"""


def told(old: str = "", new: str = "") -> list[Diagnostic]:
    assert old in SPEC
    return [one for one in judge(read(Source("s.fleet", SPEC.replace(old, new))), {}).diagnostics if not one.guarantee]


def test_what_goes_together_is_quiet() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("backoff 25ms up to 100ms", "backoff 1s up to 100ms"),
        ("try timeout 400ms", "try timeout 5s"),
        ("for 1h every 1d", "for 2d every 1d"),
        ("peak 20/s", "peak 5/s"),
        ("p50 50ms", "p50 500ms"),
    ],
)
def test_the_smaller_figure_must_be_the_smaller(old: str, new: str) -> None:
    (one,) = told(old, new)
    assert one.code == "ST1106" and one.is_error and len(one.labels) == 2


def test_a_price_that_no_call_pays_is_told() -> None:
    (one,) = told(" tokens }", " }")
    assert one.code == "ST1204" and not one.is_error and "1M tokens" in one.help
    (other,) = told("tokens 1000; ", "")
    assert other.code == "ST1204" and "tokens 500" in other.help


def test_a_name_that_a_loop_does_not_change_is_told_as_that() -> None:
    text = "fleet f { for i in 1..3 { pool p { agents 3 } } }"
    (one,) = (one for one in judge(read(Source("s.fleet", text)), {}).diagnostics if one.is_error)
    assert one.code == "ST1010" and "`p-$x`" in one.help


def test_more_tries_than_a_call_may_have_are_refused_at_once() -> None:
    # Each is worked out by itself: a million took minutes.
    (one,) = told("retry 3 {", "retry 1_000_000 {")
    assert one.code == "ST1104" and one.labels[0].span.text == "1_000_000" and "`retry 2`" in one.help
    assert "ST1104" not in {other.code for other in told("retry 3 {", "retry 1_000 {")}
