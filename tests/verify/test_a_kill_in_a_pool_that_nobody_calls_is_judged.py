"""A trial may kill agents of a pool that nothing calls: nobody misses them."""

from __future__ import annotations

from seatrial.compiler.verify.check import statuses

from .specs import fleet_of

SPEC = """
fleet f "F" {
  demand d { steady 30/s }
  pool p0 { serves d { timeout 2s }; agents 5..35 }
  pool p1 { agents 4..12; each { service mean 37ms, p99 327ms } }
  pool p3 { agents 7..27; each { concurrency 7; service mean 88ms, p99 279ms } }
  call p0 -> p3 2.5 per request { timeout 1s }
  call p1 -> p3 2.5 per request { timeout 1s }
  guarantee success 95% over 30d
  trial t { duration 60s; kill 20% of p1 at 20s }
}
"""


def test_a_kill_in_a_pool_that_nobody_calls_is_judged() -> None:
    plain = SPEC.replace("; kill 20% of p1 at 20s", "")
    assert plain != SPEC
    assert statuses(fleet_of(SPEC)).items() >= statuses(fleet_of(plain)).items()
