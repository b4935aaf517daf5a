"""Success: tries that are late without a fault are made again, load those that they wait for, and may keep that up."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand d { steady 16/s }
  demand e { steady 1/s }
  pool u { serves e; agents 3; each { concurrency 8; service mean 10ms, p99 10ms; startup 5s } }
  pool p {
    serves d { timeout 10s; try timeout 2s; retry 2 }
    agents 2; each { concurrency 20; service mean 5ms, p99 30ms }
  }
  pool z { agents 2; each { concurrency 2; service mean 100ms, p99 100ms } }
  call p -> z { timeout 4s; try timeout 150ms; retry 1 }
  guarantee success of d 50%
  trial t { duration 200s; kill 1 agent of u at 20s }
}"""


def test_a_storm_that_late_tries_begin_leaves_success_unknown() -> None:
    # Simulated, request by request, 54 % succeed, at two of five slots in use.
    assert "its load is not known" in unknown(SPEC, "success/d").reason
    proved(SPEC.replace("agents 2; each { concurrency 2;", "agents 8; each { concurrency 2;"), "success/d")


def test_a_retry_does_not_help_what_was_late_behind() -> None:
    # The next try finds the same queue a moment later: 1 in 98 requests fails as simulated, not 1 in 460.
    text = """fleet f {
      demand d { steady 8/s }
      demand e { steady 1/s }
      pool u { serves e; agents 3; each { concurrency 8; service mean 10ms, p99 10ms; startup 5s } }
      pool p { serves d { timeout 3s; retry 1 }; agents 4; each { concurrency 400; service mean 5ms, p99 5ms } }
      pool z { agents 1; each { concurrency 2; service mean 100ms, p99 100ms } }
      call p -> z { timeout 400ms; try timeout 200ms }
      guarantee success of d 1%
      trial t { duration 200s; kill 1 agent of u at 20s }
    }"""
    bound = proved(text, "success/d").bound
    assert bound is not None and bound < 1 - 1 / 98


def test_who_sheds_by_latency_waits_for_late_tries_too() -> None:
    shed = "try timeout 150ms; retry 1; shed low priority when p99 > 2s"
    text = SPEC.replace("try timeout 150ms; retry 1", shed).replace(
        "demand d { steady", "demand d { priority low; steady"
    )
    assert "its load is not known" in unknown(text, "sheds/p->z/rest").reason
    assert "its load is not known" in unknown(text, "success/d").reason
    proved(text.replace("agents 2; each { concurrency 2;", "agents 8; each { concurrency 2;"), "sheds/p->z/rest")
