"""A backlog before a pool asks more of what the pool calls than the mean does, however it came to be."""

from __future__ import annotations

import pytest

from .specs import proved, refuted, unknown

QUEUED = """fleet f {
  demand docs { steady 10/s; peak 20/s for 1h every 1d; rises at most 10/s per 1m }
  dependency llm { limit 25 requests/s, 3M tokens/min; latency p50 100ms, p99 300ms }
  queue inbox { feeds ocr; alert above 500 }
  pool ocr {
    serves docs
    agents 1..60
    each { concurrency 2; service mean 2s, p99 4s; startup 20s }
    scale on queue 10 per agent { down over 5m; at most 100% per 15s }
  }
  call ocr -> llm 1 per request { tokens 1000; timeout 2s }
}"""

CALLED = """fleet f {
  demand d { steady 10/s; peak 60/s for 30m every 1d; rises at most 60/s per 1m }
  dependency llm { limit 75 requests/s; latency p50 100ms, p99 300ms }
  pool p {
    serves d { timeout 5m }
    agents 4..60
    each { concurrency 4; service mean 1s, p99 2s; startup 30s }
    scale on busy 60% { down over 5m; at most 100% per 15s }
  }
  call p -> llm { timeout 2s; tokens 100 }
}"""


@pytest.mark.parametrize(("id", "sent"), [("rate/llm", "79.7 requests/s"), ("tokens/llm", "4,779,489 tokens/min")])
def test_what_waits_in_a_queue_is_worked_off_by_all_agents(id: str, sent: str) -> None:
    """60 agents and 15 of an update with two slots each, and 2.1 s for a request; and what 151 have in hand, which is
    as many as may leave in 35 s."""
    assert sent in unknown(QUEUED, id).reason
    proved(QUEUED.replace("limit 25 requests/s, 3M", "limit 80 requests/s, 4_780_000"), id)
    # 22 agents are enough for 20/s.
    proved(QUEUED.replace("agents 1..60", "agents 22..60"), id)
    assert unknown(QUEUED.replace("agents 1..60", "agents 21..60"), id)


def test_a_bucket_in_each_proxy_bounds_what_is_worked_off() -> None:
    admits = QUEUED.replace("timeout 2s", "timeout 2s; admit at most 400/s")
    assert unknown(admits, "rate/llm")
    # 75 agents for a while, and the calls for what 151 have in hand as they leave: 31.2/s and 8.6/s.
    few = admits.replace("admit at most 400/s", "admit at most 25/min")
    proved(few.replace("limit 25", "limit 40"), "rate/llm")
    assert unknown(few.replace("limit 25", "limit 39"), "rate/llm")


def test_requests_that_wait_while_a_pool_grows_are_worked_off_too() -> None:
    assert "287 requests/s" in unknown(CALLED, "rate/llm").reason
    proved(CALLED.replace("limit 75", "limit 288"), "rate/llm")


@pytest.mark.parametrize(
    ("old", "new"),
    [("agents 4..60", "agents 17..60"), ("rises at most 60/s per 1m", "rises at most 4/s per 1m")],
    ids=["enough from the start", "agents come in time"],
)
def test_where_nothing_piles_up_the_mean_is_what_arrives(old: str, new: str) -> None:
    assert "60 of 75" in proved(CALLED.replace(old, new), "rate/llm").margin


def test_what_a_pool_works_off_comes_to_those_behind_it() -> None:
    """p calls q, whose agents are enough for what arrives in the mean, not for all that p works off at once."""
    pool = "pool q { agents 20; each { concurrency 4; service mean 500ms, p99 1s } }"
    behind = CALLED.replace("  call p -> llm", f"  {pool}\n  call p -> q {{ timeout 9s }}\n  call q -> llm")
    # 100 slots and 0.61 s each, and 120 that leave in 35 s: 167/s; all agents of p send more.
    assert "167 requests/s" in unknown(behind, "rate/llm").reason
    assert "203 requests/s" in unknown(behind.replace("agents 20", "agents 40"), "rate/llm").reason
    proved(behind.replace("agents 4..60", "agents 40..60"), "rate/llm")


def test_a_step_of_degradation_works_it_off_faster() -> None:
    quick = 'degrade to "less" above 90% busy { service mean 400ms, p99 1s; carries x2 }\n    scale'
    assert "603 requests/s" in unknown(CALLED.replace("scale", quick), "rate/llm").reason
    silent = quick.replace("carries", "without calls; carries")
    assert "287 requests/s" in unknown(CALLED.replace("scale", silent), "rate/llm").reason


def test_items_that_a_trial_lays_into_a_queue_are_worked_off() -> None:
    spec = QUEUED.replace("agents 1..60", "agents 22..60")
    laid = spec.replace("  call", "  trial t { duration 60s; tasks 500 in inbox; load docs steady }\n  call")
    assert "79.5 requests/s" in unknown(laid, "rate/llm").reason


def test_a_full_agent_passes_a_limit_that_the_mean_does_not() -> None:
    limited = CALLED.replace("timeout 2s;", "timeout 2s; limit 3 in flight;")
    assert "4 requests in hand" in unknown(limited, "limits/p->llm").reason
    proved(limited.replace("limit 3", "limit 4"), "limits/p->llm")


def test_a_full_agent_asks_its_bucket_for_more_than_the_mean() -> None:
    """20/s over 44 agents are 0.45/s each; two slots and 2.1 s are 0.95/s."""
    admits = QUEUED.replace("timeout 2s", "timeout 2s; admit at most 36/min, burst 40")
    spec = admits.replace("agents 1..60", "agents 44..60")
    proved(spec, "admits/ocr->llm")
    laid = spec.replace("  call", "  trial t { duration 60s; tasks 500 in inbox; load docs steady }\n  call")
    assert "0.947/s" in unknown(laid, "admits/ocr->llm").reason


def test_a_peak_that_is_over_before_the_autoscaler_has_followed_refutes_no_rate() -> None:
    spec = """fleet f {
      demand d { steady 1/s; peak 20/s for 10s every 1h }
      dependency x { limit 15 requests/s; latency p50 1ms, p99 2ms }
      pool p {
        serves d
        agents 2..40
        each { concurrency 1; service mean 1s, p99 2s; startup 5s }
        scale on busy 60% { down over 5m }
      }
      queue q { feeds p; holds at most 4000 }
      call p -> x
    }"""
    assert "work off" in unknown(spec, "rate/x").reason
    refuted(spec.replace("for 10s", "for 10m"), "rate/x")
