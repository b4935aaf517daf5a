"""What people say of a range, a quorum, a retry or a fault is answered with how it is written, once."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source


def told(clause: str) -> list[Diagnostic]:
    text = f"fleet f {{\n  demand d {{ steady 5/s }}\n  pool p {{ serves d; agents 2..9 }}\n  {clause}\n}}\n"
    return [one for one in read(Source("f.fleet", text)).diagnostics if one.is_error]


@pytest.mark.parametrize(
    ("around", "said", "at", "way"),
    [
        ("pool q { %s }", "agents min 2 max 5", "min", "agents 2..10"),
        (
            "pool q { agents 2; serves d { %s } }",
            "retry 3 times with backoff",
            "times",
            "retry 3 { backoff 100ms up to 1s }",
        ),
        ("consensus c among p { members 3; %s }", "majority 2 of 3", "of", "majority 1/2"),
        ("%s", "guarantee p95 latency below 500ms", "p95", "guarantee latency p95 < 500ms"),
        ("trial t { %s }", "kill 1 agent of p every 20s", "every", "kill 1 agent of p at 5s every 20s"),
    ],
)
def test_a_way_that_is_read(around: str, said: str, at: str, way: str) -> None:
    (one,) = told(around % said)
    assert one.labels[0].span.text == at and f"`{way}`" in one.help and not one.fixes
    assert "ST1004" not in {one.code for one in told(around % way)}


def test_a_word_that_says_something_is_not_overwritten() -> None:
    """`kill … at 20s` would be done once."""
    (one,) = told("trial t { hang 1 agent of p every 20s for 5s }")
    assert "not `every`" not in one.help and not one.fixes


def test_an_amount_without_the_sign_that_is_refused_is_no_error_of_its_own() -> None:
    (one,) = told("budget agents €500/month")
    assert one.message == "amounts of money are in dollars" and one.fixes[0].new == "$"
