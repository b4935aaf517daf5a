"""What is bidden with "or more" is rounded upwards: whoever writes just that is done."""

from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.words import number, rounded_up, seconds, written

from .specs import findings

SPEC = """fleet f {
  demand d { steady 20/s }
  dependency llm { latency p50 1s, p99 6s }
  pool gateway { serves d { timeout 40s }; agents 9; each { concurrency 64; service mean 5ms, p99 20ms } }
  pool planner { agents 40; each { concurrency 16; service mean 60ms, p99 250ms } }
  call gateway -> planner { timeout 29s }
  call planner -> llm 2 per request { timeout 14500ms }
}
"""


def test_a_timeout_that_would_do_does() -> None:
    found = findings(SPEC)["timeouts/gateway->planner"]
    assert found.status is Status.UNKNOWN
    bidden = re.search(r"of ([0-9.]+) s or more", found.remedy)
    assert bidden is not None and bidden[1] == "29.3"
    mended = SPEC.replace("{ timeout 29s }", f"{{ timeout {bidden[1]}s }}")
    assert findings(mended)["timeouts/gateway->planner"].status is Status.PROVED


@given(st.fractions(0, 10**6))
@example(Fraction(2925, 100))
@example(Fraction(12345, 10))
@example(Fraction(1, 3000))
def test_rounded_up_is_told_in_full_and_not_below(value: Fraction) -> None:
    up = rounded_up(value)
    assert value <= up <= value * Fraction(101, 100)
    assert Fraction(number(up).replace(",", "")) == up
    told = seconds(up)
    if told.endswith("ms"):
        assert Fraction(told.removesuffix(" ms").replace(",", "")) == up * 1000


def test_a_duration_that_is_written_is_what_was_meant() -> None:
    assert written(Fraction(1234, 1000)) == "1.234s"
    assert written(Fraction(120)) == "2m"


def test_a_time_just_over_its_limit_is_told_apart_from_it() -> None:
    spec = SPEC.replace("p99 6s", "p99 14501ms")
    assert (
        "within 14.501 s at p99, planner -> llm gives up after 14.5 s"
        in findings(spec)["timeouts/planner->llm/cut"].witness
    )
