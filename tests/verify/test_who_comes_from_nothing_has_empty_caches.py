"""A pool from zero begins with empty caches each time: its items take as long as the calls of these."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand d { steady 1/min; peak 2/min for 10m every 1d }
  pool p {
    serves d
    agents COUNT..4
    each { concurrency 1; service mean 10ms, p99 20ms; startup 5s }
    scale on queue 5 per agent { down over 1m; at most 100% per 15s }
  }
  dependency db { latency p50 1s, p99 1100ms }
  call p -> db 0.1 per request { cold 20 per request }
  queue w { feeds p; holds at most 10; age at most AGE }
}"""


def test_ten_items_of_twenty_calls_take_two_hundred_seconds() -> None:
    text = SPEC.replace("COUNT", "0")
    assert "nobody may be there for 35 s" in unknown(text.replace("AGE", "200s"), "queue/w/age").reason
    proved(text.replace("AGE", "600s"), "queue/w/age")


def test_who_is_always_there_keeps_them() -> None:
    proved(SPEC.replace("COUNT", "1").replace("AGE", "200s"), "queue/w/age")


ASKED = """fleet f {
  demand d { steady 1/min; peak 2/min for 10m every 1d }
  pool p {
    serves d
    agents COUNT..4
    each { concurrency 1; service mean 10s, p99 20s; startup 5s }
    scale on queue 5 per agent { down over 1m; at most 100% per 15s }
  }
  dependency db { latency p50 1s, p99 1100ms; price $1 / 1_000 tokens; limit 100 requests/min }
  call p -> db 0.1 per request { cold 20 per request; tokens 1_000 }
  quota requests 100/min of db
  queue w { feeds p; holds at most 10 }
  budget tokens $1_000/day
}"""


def test_what_it_asks_for_is_asked_for_with_empty_caches() -> None:
    """Of 1,464 items that come in a day, or had piled up, each may call 20 times, for $1."""
    text = ASKED.replace("COUNT", "0")
    reason = unknown(text, "budget/tokens/day").reason
    assert "$29,280 a day with what piled up before of d and the calls of empty caches of p" in reason
    for id in ("rate/db", "quota/requests-of-db/peak"):
        unknown(text, id)


def test_what_is_always_there_asks_for_what_it_needs() -> None:
    text = ASKED.replace("COUNT", "1")
    for id in ("budget/tokens/day", "rate/db", "quota/requests-of-db/peak"):
        proved(text, id)
