"""What a quota lets through in its period against what the demands ask for."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .specs import judged, offers, proved, refuted, unknown

SPEC = """fleet f {
  demand acme { steady 10/s; peak 50/s for 1h every 1d }
  demand globex { steady 10/s; peak 20/s for 1h every 1d }
  dependency llm { limit 100 requests/s, 5M tokens/min; latency p50 200ms, p99 900ms }
  pool a { serves acme { timeout 5s }; agents 20; each { concurrency 8; service mean 50ms, p99 150ms; startup 5s } }
  pool g { serves globex { timeout 5s }; agents 20; each { concurrency 8; service mean 50ms, p99 150ms; startup 5s } }
  call a -> llm { tokens 1000; timeout 3s }
  call g -> llm { tokens 1000; timeout 3s }
  quota tokens 1M/min of llm { stop when used up; tenant acme { weight 1; ceiling 30% }; tenant globex { floor 50% } }
  guarantee success 99% over 30d
  trial t { duration 60s; abort 1% of a -> llm at 10s for 10s }
}"""
PEAK = "quota/tokens-of-llm/peak"


def test_a_quota_below_the_peak_refuses_and_says_how_much() -> None:
    found = refuted(SPEC, PEAK)
    assert "4,200,000 tokens are asked for in 1 min" in found.witness and "1,000,000 tokens" in found.witness
    assert ("1M/min", "4.2M/min") in offers(found)
    for demand in ("acme", "globex"):
        assert "4,200,000 tokens" in unknown(SPEC, f"success/{demand}").reason


def test_a_quota_of_the_peak_is_enough() -> None:
    enough = SPEC.replace("quota tokens 1M", "quota tokens 4.2M")
    assert "0 % to spare" in proved(enough, PEAK).margin
    proved(enough, "success/acme")


def test_retries_are_counted_before_it_is_proved_and_not_before_it_is_refuted() -> None:
    retried = SPEC.replace("quota tokens 1M", "quota tokens 4.2M").replace("timeout 3s }", "timeout 3s; retry 1 }")
    assert "8,400,000" in unknown(retried, PEAK).reason
    assert "8,400,000" in unknown(retried, "success/acme").reason
    proved(retried.replace("4.2M", "8.4M").replace("5M", "9M"), PEAK)


def test_ceilings_of_all_tenants_bound_it_too() -> None:
    bound = SPEC.replace("tokens 1M", "tokens 4.5M").replace("floor 50%", "ceiling 60%")
    assert "its tenants may have 90 %" in refuted(bound, PEAK).witness
    proved(bound.replace("ceiling 60%", "ceiling 70%"), PEAK)


def test_requests_are_counted_as_tokens_are() -> None:
    spec = SPEC.replace("quota tokens 1M/min", "quota requests 69/s")
    assert "70 requests are asked for in 1 s" in refuted(spec, "quota/requests-of-llm/peak").witness
    proved(spec.replace("69/s", "70/s"), "quota/requests-of-llm/peak")


def test_calls_without_tokens_leave_it_open() -> None:
    spec = SPEC.replace("tokens 1M", "tokens 4.2M").replace("call g -> llm { tokens 1000; ", "call g -> llm { ")
    assert "tokens of g -> llm" in unknown(spec, PEAK).reason


def test_what_has_piled_up_passes_the_quota_too() -> None:
    grows = SPEC.replace("tokens 1M", "tokens 4.2M").replace(
        "agents 20; each", "agents 1..20; scale on busy 60% { down over 5m }; each", 1
    )
    assert "work off" in unknown(grows, PEAK).reason


def test_retries_of_quiet_proxies_pass_whatever_their_budget() -> None:
    spec = """fleet f {
  demand d { steady 20/s }
  dependency x { limit 60_000 requests/min; latency p50 1ms, p99 2ms }
  pool p { serves d { timeout 9s }; agents 10; each { concurrency 4; service mean 20ms, p99 90ms } }
  call p -> x { timeout 5s; try timeout 2s; retry 1 { backoff 25ms up to 25ms; budget 10% } }
  quota requests QUOTA/min of x { tenant a { weight 1 } }
}"""
    unknown(spec.replace("QUOTA", "2_399"), REQUESTS)
    proved(spec.replace("QUOTA", "2_400"), REQUESTS)


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 90), st.integers(1, 20_000))
def test_no_period_of_a_course_of_demand_asks_for_more_than_is_told(
    steady: int, more: int, lasts: int, quota: int
) -> None:
    """Refuted iff the period that opens as a peak starts asks for more, second by second."""
    spec = f"""fleet f {{
  demand d {{ steady {steady}/s; peak {steady + more}/s for {lasts}s every 1h }}
  dependency llm {{ limit 1M requests/s; latency p50 2ms, p99 9ms }}
  pool p {{ serves d; agents 900; each {{ concurrency 8; service mean 50ms, p99 150ms }} }}
  call p -> llm
  quota requests {quota}/min of llm {{ tenant a {{ weight 1 }} }}
}}"""
    asked = sum(steady + more if second < lasts else steady for second in range(60))
    found = judged(spec)["quota/requests-of-llm/peak"]
    assert (found.status == "refuted") == (Fraction(asked) > quota)
    assert found.status != "proved" or asked <= quota


@pytest.mark.parametrize("stops", ["stop when used up; ", ""])
def test_what_is_shared_out_is_refused_whether_or_not_a_tenant_stops_by_itself(stops: str) -> None:
    refuted(SPEC.replace("stop when used up; ", stops), PEAK)


LEVELLED = """fleet f {
  demand d { steady 1/s; peak 20/s for 1m every 1h }
  dependency x { limit 6000 requests/min; latency p50 1ms, p99 2ms }
  pool p { serves d; agents 10; each { concurrency 1; service mean 1s, p99 2s } }
  queue q { feeds p; holds at most 4000 }
  call p -> x
  quota requests 700/min of x { tenant a { weight 1 } }
}"""
REQUESTS = "quota/requests-of-x/peak"


def test_behind_a_queue_that_levels_the_peak_it_is_what_agents_take_on() -> None:
    """10 agents of 1 s take on 600 a minute at the least, 13 that an update has there with what leaving ones had in
    hand 807 at the most; the peak is 1200."""
    assert "807" in unknown(LEVELLED, REQUESTS).reason
    assert "at least 599 requests" in refuted(LEVELLED.replace("700/min", "590/min"), REQUESTS).witness
    proved(LEVELLED.replace("700/min", "810/min"), REQUESTS)


def test_a_long_period_is_judged_by_what_comes_in_it_and_had_piled_up() -> None:
    """3600 and 19 more for 60 s; 10 in hand and up to 601 that waited before."""
    assert "at least 4,740 requests" in refuted(LEVELLED.replace("700/min", "4700/h"), REQUESTS).witness
    assert "5,351 of 5,400" in proved(LEVELLED.replace("700/min", "5400/h"), REQUESTS).margin
    direct = LEVELLED.replace("  queue q { feeds p; holds at most 4000 }\n", "").replace("agents 10", "agents 40")
    assert "4,740 of 4,800" in proved(direct.replace("700/min", "4800/h"), REQUESTS).margin
