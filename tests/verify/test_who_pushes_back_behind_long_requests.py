"""Agents that push back: where times vary widely, one long request lets more come than evenly short ones would."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand d { steady 7/s }
  demand e { steady 1/s }
  pool u { serves e; agents 3; each { concurrency 8; service mean 10ms, p99 10ms; startup 5s } }
  pool p {
    serves d; agents 1
    each { concurrency 1; service mean 100ms, p99 800ms; startup 5s }
    push back above 85 pending
  }
  guarantee success of d 1%
  trial t { duration 200s; kill 1 agent of u at 20s }
}"""


def test_of_widely_varying_times_more_than_one_in_a_million_find_so_many() -> None:
    # Simulated, 2 in 10,000 requests find 81 waiting, of which rho^(n / variability) makes one in a million.
    assert "refuse above 85 pending" in unknown(SPEC, "success/d").reason
    proved(SPEC.replace("85 pending", "700 pending"), "success/d")
    proved(SPEC.replace("p99 800ms", "p99 200ms"), "success/d")
