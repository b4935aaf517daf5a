"""A try that meets an agent that hangs ends by its own timeout and finds another agent: for those who wait for its
caller it may be too late."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.compiler.verify import Finding, Status

from .specs import findings


def _success(patience: str, retries: str = "retry 2; try timeout 1s") -> Finding:
    found = findings(
        f"""fleet f {{
        demand users {{ steady 10/s }}
        pool desk {{
          serves users {{ timeout {patience} }}
          agents 2
          each {{ concurrency 40; service mean 100ms, p99 100ms }}
        }}
        pool store {{ agents 2; each {{ concurrency 40; service mean 50ms, p99 50ms }} }}
        call desk -> store {{ timeout 3s; {retries}; route round robin }}
        guarantee success 1%
        trial t {{ duration 120s; hang 1 agent of store at 20s for 30s }}
        }}"""
    )
    return found["success/users"]


def test_all_who_meet_it_fail_where_the_users_wait_for_no_second_try() -> None:
    one = _success("1s")
    # In a quarter of the trial every other request meets it.
    assert one.status is Status.PROVED and one.bound is not None
    assert Fraction(85, 100) < one.bound <= Fraction(875, 1000)


@pytest.mark.parametrize("patience", ["3500ms", "1h"])
def test_nobody_fails_who_waits_for_the_last_try(patience: str) -> None:
    one = _success(patience)
    assert one.bound is not None and one.bound > Fraction(999, 1000)


def test_what_the_agent_had_in_hand_is_late_too() -> None:
    # Without retries these, and all that meet it later, fail anyway.
    short, long = _success("1s", "try timeout 1s"), _success("1h", "try timeout 1s")
    assert short.bound is not None and long.bound is not None
    assert short.bound <= long.bound <= Fraction(875, 1000)
