"""Rate x holding time against agents x concurrency."""

from __future__ import annotations

import pytest

from .specs import core, offers, proved, refuted, unknown

ONE = """fleet f {{
  demand d {{ steady {steady}/s; peak {peak}/s for 1m every 1h }}
  pool p {{ serves d; agents {agents}; each {{ concurrency 8; service mean 60ms, p99 200ms }} }}
}}"""


def test_a_pool_with_fewer_slots_than_requests_in_hand_is_refuted() -> None:
    # 400/s x 60 ms = 24 in hand, 3 agents x 8 = 24 slots: not fewer, so 4 agents are needed.
    finding = refuted(ONE.format(steady=100, peak=400, agents=3), "capacity/p/peak")
    assert "4 agents" in finding.witness and "400 requests/s" in finding.witness
    assert core(finding) == {"400/s", "60ms", "8", "3"}
    # How much an agent takes at once is measured, not chosen: of such facts only the nearest are told.
    assert ("3", "4") in offers(finding) and ("8", "9") not in offers(finding)
    assert proved(ONE.format(steady=100, peak=400, agents=3), "capacity/p/steady").margin


def test_one_agent_more_proves_it() -> None:
    assert "needs 4 agents of at most 4" in proved(ONE.format(steady=100, peak=400, agents=4), "capacity/p/peak").margin


def test_a_range_without_an_autoscaler_counts_its_lower_end() -> None:
    refuted(ONE.format(steady=100, peak=400, agents="3..9"), "capacity/p/peak")


CHAIN = """fleet f {
  demand d { steady 100/s }
  dependency db { latency p50 100ms, p99 100ms }
  pool a { serves d; agents AGENTS; each { concurrency 1; service mean 10ms, p99 10ms } }
  pool b { agents 5; each { concurrency 10; service mean 20ms, p99 20ms } }
  call a -> b 0.5 per request
  call b -> db 2 per request
}"""


def test_a_slot_is_held_through_the_calls() -> None:
    # a: 10 ms + 0.5 x (20 ms + 2 x 100 ms) = 120 ms, 12 slots at 100/s and one more.
    finding = refuted(CHAIN.replace("AGENTS", "12"), "capacity/a/peak")
    assert "120 ms" in finding.witness and "13 agents" in finding.witness
    proved(CHAIN.replace("AGENTS", "13"), "capacity/a/peak")
    # b: 50/s x 220 ms = 11 in hand, of ten slots each.
    assert "2 agents of at most 5" in proved(CHAIN.replace("AGENTS", "13"), "capacity/b/peak").margin


def test_without_service_times_it_is_unknown_and_says_what_to_write() -> None:
    spec = "fleet f { demand d { steady 1/s }; pool p { serves d; agents 2 } }"
    assert "service mean" in unknown(spec, "capacity/p/steady").reason


def test_without_the_latency_of_a_dependency_it_is_unknown() -> None:
    spec = CHAIN.replace("AGENTS", "13").replace("latency p50 100ms, p99 100ms", "connections 9")
    assert "latency p50" in unknown(spec, "capacity/a/peak").reason


def test_a_circle_is_told_and_nothing_along_it_is_judged() -> None:
    spec = CHAIN.replace("AGENTS", "13").replace("call b -> db 2 per request", "call b -> a 0.1 per request")
    finding = unknown(spec, "calls/circle")
    assert "a -> b -> a" in finding.reason or "b -> a -> b" in finding.reason
    from .specs import findings

    assert not [id for id in findings(spec) if id.startswith(("capacity", "latency", "rate"))]


WAVE = """fleet f {
  demand d { steady 10/s; peak 100/s for 10m every 1d }
  pool p { serves d; agents 10; each { concurrency 4; service mean 1s, p99 3s } }
  queue work { feeds p; holds at most 50_000; age at most 30m }
}"""


def test_a_queue_levels_a_peak_that_ends() -> None:
    # 60 of 100 requests a second wait, for 600 s.
    assert "36,001 requests wait after a peak" in proved(WAVE, "capacity/p/peak").margin
    assert "36,000 requests of d wait" in refuted(WAVE.replace("50_000", "30_000"), "capacity/p/peak").witness
    # 10 + 90 x 600 / 1,200 s is more than 40 a second.
    often = refuted(WAVE.replace("every 1d", "every 20m"), "capacity/p/peak")
    assert "55 requests/s from one peak of d to the next" in often.witness


@pytest.mark.parametrize(
    ("was", "then"), [(" for 10m every 1d", ""), ("serves d", "serves d { timeout 9s }"), ("queue work", "#")]
)
def test_what_no_queue_levels_is_needed_at_the_peak(was: str, then: str) -> None:
    assert "100 requests/s at the peak" in refuted(WAVE.replace(was, then), "capacity/p/peak").witness


def test_what_agents_lose_to_each_other_counts_whatever_a_request_is_worth() -> None:
    # Among eleven that lose 10 % for each other one, 60 ms take 120 ms: 48 in hand at 400/s.
    alone, worth = "overhead 10% per agent", "value $1 per request; overhead 10% per agent"
    pool = "pool p { serves d; agents 11; OVERHEAD; each { concurrency 4; service mean 60ms, p99 200ms } }"
    spec = f"fleet f {{ demand d {{ steady 400/s }}; {pool} }}"
    for overhead in (alone, worth):
        assert "needs 13 agents of at most 11" in unknown(spec.replace("OVERHEAD", overhead), "capacity/p/peak").reason
    proved(spec.replace("OVERHEAD; ", ""), "capacity/p/peak")
