"""Two delays of a demand's own call may overlap: a gateway has no slots that they could hold."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .specs import judged

SPEC = """
fleet f {
  demand d { steady 10/s }
  pool p { serves d { timeout 1s }; agents 3; each { concurrency 8; service mean 20ms, p99 40ms; startup 2s } }
  guarantee success 99%
  guarantee recovery within 1m
  trial t { duration 60s; delay d -> p 100ms at 10s for 20s; delay d -> p 100ms at 15s for 20s }
}
"""


def test_delays_at_a_gateway_that_overlap_are_judged() -> None:
    found = judged(SPEC)
    assert (found["success/d"].status, found["recovery"].status) == (Status.PROVED, Status.PROVED)


def test_what_is_left_of_a_callers_patience_counts_with_both_of_them() -> None:
    assert judged(SPEC.replace("100ms at", "500ms at"))["success/d"].status is not Status.PROVED
