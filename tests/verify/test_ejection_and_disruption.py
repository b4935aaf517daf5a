"""Whole agents: shares are rounded, and small pools feel it."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .specs import core, findings, offers, proved, refuted

EJECT = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{
    serves d {{ timeout 1s; break after 5 errors {{ eject at most {share}% for 30s }} }}
    agents {agents}
    each {{ service mean 10ms, p99 20ms }}
    scale on busy 50%
  }}
}}"""


def test_ten_per_cent_of_nine_is_nobody() -> None:
    finding = refuted(EJECT.format(share=10, agents="9..40"), "ejection/d->p/min")
    assert "nobody" in finding.witness
    assert core(finding) == {"10%", "9"}
    assert offers(finding) == {("10%", "12%"), ("9", "10")}
    proved(EJECT.format(share=10, agents="9..40"), "ejection/d->p/max")


def test_all_of_them_is_refused_too() -> None:
    finding = refuted(EJECT.format(share=100, agents="2..4"), "ejection/d->p/min")
    assert "all" in finding.witness
    assert ("100%", "99%") in offers(finding)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(0, 10), st.integers(1, 100))
def test_ejection_agrees_with_counting(low: int, more: int, share: int) -> None:
    found = findings(EJECT.format(share=share, agents=f"{low}..{low + more + 1}"))
    for end, agents in (("min", low), ("max", low + more + 1)):
        holds = 1 <= math.floor(agents * share / 100 + 1e-9) < agents
        assert (found[f"ejection/d->p/{end}"].status is Status.PROVED) == holds


def test_a_drain_needs_one_agent_that_may_go() -> None:
    finding = refuted("fleet f { pool p { agents 9; disrupt at most 10% } }", "disruption/p")
    assert offers(finding) == {("9", "10"), ("10%", "12%")}
    proved("fleet f { pool p { agents 10; disrupt at most 10% } }", "disruption/p")
    proved("fleet f { pool p { agents 1; disrupt at most 1 agent } }", "disruption/p")
