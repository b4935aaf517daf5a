"""What is promised to be served passes all that may refuse it on the way: tokens, quotas, buckets and limits."""

from __future__ import annotations

import pytest

from .specs import core, offers, proved, refuted, unknown

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
