"""What has piled up behind one fault is worked off in the next: calls that fail at once leave slots for all of it."""

from __future__ import annotations

from fractions import Fraction

from seatrial.compiler.verify import Status

from .specs import judged

_TEXT = """fleet f {{
  demand d {{ steady 10/s }}
  pool a {{ serves d; agents 4; each {{ concurrency 1; service mean 20ms, p99 20ms }} }}
  pool b {{ agents 2; each {{ concurrency 4; service mean 250ms, p99 250ms }} }}
  call a -> b
  guarantee success 97%
  trial t {{ duration 120s; {faults} }}
}}"""
_DELAY, _ABORT = "delay a -> b 400ms at 20s for 10s", "abort 100% of a -> b at 25s for 2s"


def test_an_abort_strikes_those_that_a_delay_left_waiting() -> None:
    # In the delay a request holds one of four slots for 670 ms, so that of 10/s four wait more each second: 20 by 25 s.
    # All of these make their calls in the two seconds of the abort, beside the 20 that come, and fail: 40 of 1,200.
    found = judged(_TEXT.format(faults=f"{_DELAY}; {_ABORT}"))["success/d"]
    assert found.status is not Status.PROVED
    assert found.bound is not None and found.bound <= 1 - Fraction(40, 1200)


def test_where_nothing_waits_it_strikes_those_that_come() -> None:
    for faults in (_ABORT, f"delay a -> b 40ms at 20s for 10s; {_ABORT}"):
        found = judged(_TEXT.format(faults=faults))["success/d"]
        assert found.status is Status.PROVED and found.bound is not None and found.bound >= 1 - Fraction(21, 1200)
