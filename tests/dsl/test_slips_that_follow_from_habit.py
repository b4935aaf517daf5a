"""What people write out of habit is answered with what to write instead, and no error follows from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

DESK = (Path(__file__).parents[2] / "specs" / "support.fleet").read_text(encoding="utf-8")


def told(old: str, new: str) -> tuple[Diagnostic, ...]:
    assert old in DESK
    return judge(read(Source("desk.fleet", DESK.replace(old, new, 1))), {}).diagnostics


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("steady 300/s", "steady 300rps", "did you mean `/s`?"),
        ("cpu 250m", "cpu 250mb", "did you mean `m`, thousandths of a core?"),
        ("$400/day", "400/day", "write $400/day"),
        ("agents 40..120", "agents 40 to 120", "a range is written with `..`: 40..120"),
        ("$0.10 / 1M tokens", "$0.10 per 1M tokens", "write `/`, not `per`"),
        ("latency p95 < 1500ms", "latency 95% < 1500ms", "write p95"),
        ("language 1", "language one", "numbers are written in digits: 1"),
    ],
)
def test_a_habit_is_answered_with_what_to_write(old: str, new: str, help: str) -> None:
    (one,) = told(old, new)
    assert one.help == help
    assert "such as 10" not in one.message


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("serves tickets", "serves ticket", "ST1011"),
        ("call triage -> resolver", "call triage -> resolvr", "ST1011"),
        ("call triage -> resolver", "call triage => resolver", "ST1004"),
    ],
)
def test_what_follows_from_a_slip_is_not_told_besides(old: str, new: str, code: str) -> None:
    assert [one.code for one in told(old, new)] == [code]


def test_a_fault_on_a_call_that_is_not_made_is_told_where_all_calls_were_read() -> None:
    assert "ST1023" in {one.code for one in told("call triage -> resolver", "call resolver -> triage")}
