"""What is promised to be served passes all that may refuse it on the way: tokens, quotas, buckets and limits."""

from __future__ import annotations

import math

import pytest

from seatrial.compiler.verify import Status

from .specs import core, judged, offers, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 10/s }}
  dependency llm {{ limit 6_000 tokens/min; latency p50 100ms, p99 200ms }}
  pool p {{ serves d {{ {comes} }}; agents 4; each {{ concurrency 10; service mean 10ms, p99 20ms }} }}
  call p -> llm {{ {tokens}; {policy} }}
  quota tokens {quota}/min of llm
  guarantee throughput of d {rate}/s
}}"""
LAVISH = {"comes": "timeout 1m", "tokens": "tokens 1", "policy": "timeout 1m", "quota": "6000"}


def spec(rate: int, **other: str) -> str:
    return SPEC.format(rate=rate, **{**LAVISH, **other})


@pytest.mark.parametrize(
    ("other", "served"),
    [
        ({"tokens": "tokens 5"}, 20),
        ({"quota": "1200"}, 20),
        ({"comes": "admit at most 20/s"}, 20),
        ({"policy": "admit at most 5/s"}, 20),
        ({"comes": "limit 2 in flight"}, 17),
        ({"policy": "limit 1 in flight"}, 38),
    ],
    ids=["tokens", "a quota", "the gateway's bucket", "each agent's bucket", "the gateway's limit", "a limit"],
)
def test_no_more_is_promised_than_passes(other: dict[str, str], served: int) -> None:
    proved(spec(served, **other), "throughput/d")
    finding = refuted(spec(served + 2, **other), "throughput/d")
    assert f"{served + 2}/s" in core(finding)


def test_less_is_promised_where_it_is_refused() -> None:
    assert ("30/s", "20/s") in offers(refuted(spec(30, tokens="tokens 5"), "throughput/d"))


def test_a_limit_that_agents_have_no_slots_for_is_never_met() -> None:
    proved(spec(90, policy="limit 10 in flight"), "throughput/d")


def test_tokens_that_are_not_stated_leave_it_open() -> None:
    assert "does not state its tokens" in unknown(spec(20, tokens="bytes 1k"), "throughput/d").reason


GROWING = """fleet f {{
  demand d {{ steady 5/s; peak 10/s }}
  pool p {{
    serves d {{ timeout 2s }}
    agents 2..10
    each {{ concurrency 8; service mean 100ms, p99 300ms; startup 5s }}
    scale on busy {busy}% {{ down over 5m }}
  }}
  pool q {{ agents 4; each {{ concurrency 8; service mean 30ms, p99 120ms }} }}
  call p -> q {{ timeout 500ms; {policy} }}
  guarantee throughput of d {rate}/s
}}"""


def _content(rate: float, busy: float) -> int:
    """The fewest of 2..10 agents with 8 slots, each request 130 ms in one, to which the autoscaler adds nobody."""
    return next(agents for agents in range(2, 11) if agents == 10 or rate * 0.13 / (8 * agents) <= 1.1 * busy)


@pytest.mark.parametrize("rate", [20, 60, 100, 180])
@pytest.mark.parametrize("busy", [30, 60])
def test_agents_that_are_not_there_let_nothing_through(rate: int, busy: int) -> None:
    """Ten agents have a bucket or a limit each; their autoscaler is content with fewer."""
    agents, id = _content(rate, busy / 100), "throughput/d"
    for policy, each in (("admit at most 10/s", 10.0), ("limit 1 in flight", 1 / 0.03)):
        text = GROWING.format(rate=rate, busy=busy, policy=policy)
        if agents * each < rate:
            assert judged(text)[id].status is not Status.PROVED, (rate, busy, policy)
    proved(GROWING.format(rate=rate, busy=busy, policy=f"admit at most {math.ceil(rate / agents)}/s"), id)
    assert "may be asked for" in unknown(GROWING.format(rate=60, busy=60, policy="admit at most 10/s"), id).reason
