"""Where several things leave a guarantee undecided and one change would decide them all, that is said once."""

from __future__ import annotations

from seatrial.compiler.verify.words import told_together

from .specs import judged

POOL = """  demand of-{0} {{ steady 100/s }}
  pool {0} {{
    serves of-{0} {{ timeout 1s; retry 2 {{ backoff 25ms up to 100ms }}; break after 3 errors {{ eject at most 50% }} }}
    agents 4
    each {{ concurrency 4; service mean 100ms, p99 300ms }}
  }}
"""
FAULTS = "  trial t { duration 2m; kill 50% of p at 10s; kill 50% of q at 60s }\n"
SPEC = f"fleet f {{\n{POOL.format('p')}{POOL.format('q')}  guarantee recovery within 30s\n{FAULTS}}}\n"


def test_reasons_with_one_way_out_share_it() -> None:
    assert told_together(["a waits; more agents would do", "b is late", "c waits; more agents would do"]) == (
        "a waits; c waits; more agents would do; b is late"
    )


def test_nothing_is_lost() -> None:
    assert told_together([]) == ""
    assert told_together(["a waits", "b waits; less load would do"]) == "a waits; b waits; less load would do"


def test_so_it_is_with_a_recovery_that_two_faults_leave_open() -> None:
    reason = judged(SPEC)["recovery"].reason
    assert "of-p -> p" in reason and "of-q -> q" in reason
    assert reason.count("would decide it") == 1 and reason.endswith("would decide it")
