"""Token buckets on the way to a dependency, a quota or a cold cache: what they hold back never arrives."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .specs import judged, proved, refuted, unknown

STORM = """fleet f {
  demand d { steady 20/s }
  dependency db { latency p50 2ms, p99 9ms; limit LIMIT }
  pool a {
    serves d { retry 2 { backoff 10ms up to 20ms } }
    agents 12
    each { concurrency 4; service mean 50ms, p99 100ms }
  }
  call a -> db { ADMIT; tokens 10 }
}"""


def storm(limit: str, admit: str = "admit at most 2/s, burst 30") -> str:
    return STORM.replace("LIMIT", limit).replace("ADMIT", admit)


def test_a_storm_behind_buckets_is_no_larger_than_they_let_through() -> None:
    """60/s would come, of which twelve agents let 24 through; 15 in an update, and what three more have in hand."""
    refuted(storm("40 requests/s", "timeout 1s"), "rate/db")
    proved(storm("40 requests/s"), "rate/db")
    told = unknown(storm("29 requests/s"), "rate/db")
    assert "32.1 requests/s reach db" in told.reason and "`admit` on the way" in told.reason
    refuted(storm("23 requests/s"), "rate/db")


def test_so_are_its_tokens() -> None:
    refuted(storm("400 tokens/s", "timeout 1s"), "tokens/db")
    proved(storm("400 tokens/s"), "tokens/db")
    refuted(storm("230 tokens/s"), "tokens/db")


def test_a_bucket_that_lies_two_calls_before_holds_back_too() -> None:
    text = storm("40 requests/s", "timeout 1s").replace("call a ->", "call b ->")
    text = text.replace(
        "  call b",
        "  pool b { agents 9; each { concurrency 4; service mean 5ms, p99 9ms } }\n  call a -> b ADMIT\n  call b",
    )
    refuted(text.replace("ADMIT", ""), "rate/db")
    proved(text.replace("ADMIT", "{ admit at most 2/s, burst 30 }"), "rate/db")


def test_calls_of_empty_caches_are_held_back() -> None:
    text = storm("40 requests/s", "ADMIT; cold 4 per request").replace("a -> db", "a -> db 0.5 per request")
    refuted(text.replace("ADMIT; ", ""), "cold/db")
    proved(text.replace("ADMIT", "admit at most 2/s, burst 30"), "cold/db")


QUOTA = """fleet f {
  demand d { steady 20/s }
  dependency llm { latency p50 2ms, p99 9ms; limit 100k tokens/min }
  pool a { serves d; agents 12; each { concurrency 4; service mean 50ms, p99 100ms } }
  call a -> llm { ADMIT; tokens 10 }
  quota tokens QUOTA/min of llm
}"""


def test_a_quota_is_asked_for_what_buckets_let_through() -> None:
    """12,000 tokens in a minute; of 12 agents with 1/s 7,200, and what lies in the buckets of those of an update."""
    text = QUOTA.replace("ADMIT", "admit at most 1/s, burst 2")
    refuted(QUOTA.replace("ADMIT", "timeout 1s").replace("QUOTA", "11800"), "quota/tokens-of-llm/peak")
    proved(text.replace("QUOTA", "11800"), "quota/tokens-of-llm/peak")
    unknown(text.replace("QUOTA", "8k"), "quota/tokens-of-llm/peak")
    refuted(text.replace("QUOTA", "7k"), "quota/tokens-of-llm/peak")


RETRIED = """fleet f {
  demand d { steady 20/s }
  survive a storm of retries
  pool a { serves d { retry 2 { backoff 10ms up to 20ms } }; agents 12
    each { concurrency 8; service mean 50ms, p99 100ms } }
  pool b { agents AGENTS; each { concurrency 1; service mean 100ms, p99 100ms } }
  call a -> b { ADMIT }
}"""


def test_a_pool_behind_buckets_works_itself_free_of_what_they_let_through() -> None:
    """60/s for 100 ms each want more than six agents; 32 of those, as buckets let through, four."""
    text = RETRIED.replace("AGENTS", "5")
    refuted(text.replace("ADMIT", "timeout 1s"), "storm/b")
    proved(text.replace("ADMIT", "admit at most 2/s, burst 30"), "storm/b")
    unknown(RETRIED.replace("AGENTS", "3").replace("ADMIT", "admit at most 2/s, burst 30"), "storm/b")
    refuted(RETRIED.replace("AGENTS", "2").replace("ADMIT", "admit at most 2/s, burst 30"), "storm/b")


@settings(max_examples=60, deadline=None)
@given(
    agents=st.integers(1, 9),
    rate=st.integers(1, 9),
    steady=st.integers(1, 40),
    before=st.integers(0, 3),
    after=st.integers(0, 2),
    limit=st.integers(1, 120),
)
@example(agents=12, rate=2, steady=20, before=2, after=0, limit=40)
def test_a_storm_let_through_second_by_second(
    agents: int, rate: int, steady: int, before: int, after: int, limit: int
) -> None:
    def reach(live: int) -> Fraction:
        """Requests per second once all buckets are empty, each agent's being asked for an even part."""
        tokens, sent = [Fraction(0)] * live, Fraction(0)
        for _ in range(60):
            for at in range(live):
                tokens[at] += rate
                made = min(tokens[at], Fraction(steady * (1 + before), live))
                tokens[at] -= made
                sent += made * (1 + after)
        return sent / 60

    retried = "retry N { backoff 10ms up to 20ms }"
    text = f"""fleet f {{
      demand d {{ steady {steady}/s }}
      dependency db {{ latency p50 2ms, p99 9ms; limit {limit} requests/s }}
      pool a {{
        serves d {{ {retried.replace("N", str(before)) if before else ""} }}
        agents {agents}
        each {{ concurrency 40; service mean 50ms, p99 100ms }}
      }}
      call a -> db {{ admit at most {rate}/s, burst 50; {retried.replace("N", str(after)) if after else ""} }}
    }}"""
    status = judged(text)["rate/db"].status
    at_rest, updated = reach(agents), reach(agents + math.ceil(Fraction(agents, 4)))
    if status is Status.PROVED:
        assert updated <= limit, text
    if status is Status.REFUTED:
        assert at_rest > limit, text
    if status is Status.UNKNOWN:
        assert at_rest <= limit, text


@pytest.mark.parametrize("admit", ["", "admit at most 100/s"])
def test_a_bucket_that_never_acts_changes_nothing(admit: str) -> None:
    refuted(storm("40 requests/s", admit or "timeout 1s"), "rate/db")
