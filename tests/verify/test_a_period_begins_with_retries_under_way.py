"""Retries that a budget let through just before a period are made in it, on top of those that it lets through then."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand d { steady 1/s }
  dependency api { latency p50 1ms, p99 2ms }
  pool p { serves d; agents 1; each { concurrency 8; service mean 20ms, p99 40ms } }
  call p -> api { retry 9 { backoff 20s up to 20s; budget 10% } }
  quota requests QUOTA/min of api
}"""


def test_a_quota_counts_them() -> None:
    """60 requests; in each of two proxies, an update counted, three slots that 10 s of back-off free six times in a
    minute, and that are free as it begins: 2 x 3 x 7 retries."""
    assert "102" in unknown(SPEC.replace("QUOTA", "98"), "quota/requests-of-api/peak").reason
    proved(SPEC.replace("QUOTA", "102"), "quota/requests-of-api/peak")
