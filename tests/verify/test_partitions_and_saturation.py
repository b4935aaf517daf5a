"""A partition is the failure of every call that it cuts; what a saturated cpu does is said to be unknown."""

from __future__ import annotations

from .specs import findings, refuted, unknown

FLEET = """fleet f {{
  demand d {{ steady 50/s }}
  dependency db {{ latency p50 3ms, p99 15ms }}
  pool a {{ serves d {{ timeout 2s }}; agents 10; each {{ concurrency 8; service mean 20ms, p99 80ms; startup 1s }} }}
  pool b {{ agents 10; each {{ concurrency 8; service mean 20ms, p99 80ms; startup 1s }} }}
  call a -> b {{ timeout 1s }}
  call b -> db {{ timeout 500ms }}
  guarantee success 95% over 1h
  guarantee recovery within 1m
  trial t {{ duration 100s; {fault} }}
}}"""


def test_a_partition_loses_what_it_lasts() -> None:
    finding = refuted(FLEET.format(fault="partition a | b at 20s for 10s"), "success/d")
    assert "10 s of 100 s" in finding.witness


def test_a_partition_is_the_aborts_of_its_calls() -> None:
    cut = findings(FLEET.format(fault="partition a, b | db at 20s for 2s"))
    aborted = findings(FLEET.format(fault="abort 100% of b -> db at 20s for 2s"))
    assert cut["success/d"].status is aborted["success/d"].status
    assert cut["recovery"].bound == aborted["recovery"].bound


def test_a_saturated_cpu_leaves_success_and_recovery_open() -> None:
    text = FLEET.format(fault="saturate cpu of b 80% at 20s for 10s")
    assert "saturated cpu" in unknown(text, "success/d").reason
    assert "saturated cpu" in unknown(text, "recovery").reason
