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
        ("agents 40..100", "agents 40 to 100", "a range is written with `..`: 40..100"),
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


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("agents 40..100", "min 40", "the fewest and the most are one range: `agents 2..10`"),
        ("agents 40..100", "max 100", "the fewest and the most are one range: `agents 2..10`"),
        (
            "agents 40..100",
            "agents 40..100; cooldown 5m",
            "how long it waits before it lets agents go: `scale on busy 60% { down over 5m }`",
        ),
        ("down over 5m", "cooldown 5m", "how long it waits before it lets agents go: `down over 5m`"),
        (
            "  dependency llm {",
            "  quota tokens 20M/min of llm {\n    tenant tickets { at most 50% }\n  }\n  dependency llm {",
            "the most that a tenant gets is its `ceiling 50%`, the least its `floor 10%`",
        ),
    ],
)
def test_what_is_said_in_another_form_is_answered_with_the_form(old: str, new: str, help: str) -> None:
    (one,) = told(old, new)
    assert one.code == "ST1001" and one.help == help


@pytest.mark.parametrize(
    ("old", "new", "helps"),
    [
        ("for 10m every 1d", "for 10 min every 1 day", ["write `10m`", "write `1d`"]),
        (
            "backoff 25ms up to 100ms",
            "backoff 25 ms up to 100 ms",
            ["write it without a space: `25ms`", "write it without a space: `100ms`"],
        ),
        ("rises at most 225/s per 1m", "rises at most 225 rps per 1 min", ["write `225/s`", "write `1m`"]),
    ],
)
def test_each_of_several_slips_in_a_statement_is_told_with_its_fix(old: str, new: str, helps: list[str]) -> None:
    found = told(old, new)
    assert [one.help for one in found] == helps
    text = DESK.replace(old, new, 1)
    for one in reversed(found):
        span = one.fixes[0].span
        text = text[: span.start] + one.fixes[0].new + text[span.end :]
    assert text == DESK


def test_no_mend_is_offered_where_the_rest_cannot_be_read() -> None:
    (one,) = told("for 10m every 1d", "for 10 min every now and then")
    assert one.help.startswith("the form is: ") and not one.fixes


def test_what_cannot_come_any_more_is_not_expected() -> None:
    (one,) = told("guarantee success 99%", "guarantee success 99% of tickets over 30d")
    assert one.message == "`of` does not fit here: expected `over` or the end of the line"
