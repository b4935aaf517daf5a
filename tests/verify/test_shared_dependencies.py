"""Connections, requests and tokens of what the fleet shares."""

from __future__ import annotations

from .specs import core, findings, offers, proved, refuted, unknown

CONNECTIONS = """fleet f {{
  dependency db {{ connections {limit} }}
  pool a {{ agents {a}; each {{ holds 20 connections to db }} }}
  pool b {{ agents 4; each {{ holds 1 connection to db }} }}
}}"""


def test_an_update_holds_connections_of_old_and_new_agents() -> None:
    # (50 + 13 + 13) x 20 + (4 + 1 + 1) x 1 = 1,526: those that start, and as many that still leave
    finding = refuted(CONNECTIONS.format(limit="1_010", a=50), "connections/db")
    assert "1,526" in finding.witness
    assert core(finding) == {"50", "20", "1_010"}
    assert ("1_010", "1_600") in offers(finding)
    assert ("50", "32") in offers(finding)
    proved(CONNECTIONS.format(limit="1_526", a=50), "connections/db")


def test_what_is_too_much_without_an_update_is_told_without_it() -> None:
    witness = refuted(CONNECTIONS.format(limit="1_000", a=50), "connections/db").witness
    said, _, room = witness.partition("; ")
    assert "1,004 connections" in said and "update" not in said
    # What a repair makes room for, or its figure could not be understood.
    assert room == "up to 1,526 while pools are updated"


SCALED = """fleet f {{
  dependency db {{ connections {limit} }}
  demand d {{ steady 40/s; peak 80/s for 10m every 1d }}
  pool a {{
    serves d {{ timeout 9s }}
    agents 5..9
    drain 2m
    scale on busy 50% {{ at most 100% per 15s }}
    each {{ concurrency 4; service mean 200ms, p99 600ms; startup 5s; holds 20 connections to db }}
  }}
}}"""


def test_what_an_update_holds_is_told_with_what_a_pool_that_grows_again_does() -> None:
    said, _, room = refuted(SCALED.format(limit=200), "connections/db").witness.partition("; ")
    assert "in a rolling update" in said and room.endswith("while pools are updated, shrink and grow again")
    needed = int(room.split()[2])
    proved(SCALED.format(limit=needed), "connections/db")
    unknown(SCALED.format(limit=needed - 1), "connections/db")


LIMITED = """fleet f {{
  dependency db {{ connections 120 }}
  pool a {{ agents 8; each {{ concurrency {slots}; service mean 1ms, p99 2ms{holds} }} }}
  call a -> db {{ timeout 1s; limit {limit} connections }}
}}"""


def test_the_connections_that_a_calls_limit_lets_open_are_counted() -> None:
    # 8 agents, in an update two more and two that still leave, 11 each
    finding = refuted(LIMITED.format(slots=50, limit=11, holds=""), "connections/db")
    assert "132 connections" in finding.witness and ("11", "10") in offers(finding)
    proved(LIMITED.format(slots=50, limit=10, holds=""), "connections/db")


def test_an_agent_opens_no_more_connections_than_it_has_requests_in_hand() -> None:
    proved(LIMITED.format(slots=10, limit=60, holds=""), "connections/db")


def test_of_what_is_held_and_what_a_limit_lets_open_the_larger_counts() -> None:
    refuted(LIMITED.format(slots=50, limit=5, holds="; holds 11 connections to db"), "connections/db")
    proved(LIMITED.format(slots=50, limit=10, holds="; holds 3 connections to db"), "connections/db")


RATES = """fleet f {{
  demand d {{ steady 100/s; peak 200/s for 1m every 1h }}
  dependency api {{ limit {limit} requests/s, {tokens} tokens/min }}
  pool p {{ serves d {{ timeout 9s; retry 1 }}; agents 9 }}
  call p -> api 2 per request {{ tokens 30; timeout 1s; retry {retry} }}
}}"""


def test_a_limit_below_the_plain_rate_says_that_retries_play_no_part() -> None:
    finding = refuted(RATES.format(limit=399, tokens="9M", retry=0), "rate/api")
    assert "400 requests/s" in finding.witness and "without any retries" in finding.witness


def test_a_limit_between_the_plain_rate_and_the_retried_one_names_both() -> None:
    # 200/s x 2 tries x 2 calls x 3 tries = 2,400/s
    finding = refuted(RATES.format(limit="2_399", tokens="9M", retry=2), "rate/api")
    assert "2,400 requests/s" in finding.witness and "400 requests/s without retries" in finding.witness
    assert ("2_399", "2_400") in offers(finding)
    proved(RATES.format(limit="2_400", tokens="9M", retry=2), "rate/api")


def test_tokens_are_counted_per_call_and_minute() -> None:
    # 2,400/s x 30 = 72,000/s = 4.32M a minute
    refuted(RATES.format(limit="9_000", tokens="4.31M", retry=2), "tokens/api")
    proved(RATES.format(limit="9_000", tokens="4.32M", retry=2), "tokens/api")


def test_a_call_that_does_not_state_its_tokens_leaves_their_limit_open() -> None:
    spec = RATES.format(limit="9_000", tokens="9M", retry=2).replace("tokens 30;", "")
    assert "tokens" in unknown(spec, "tokens/api").reason


def test_what_has_no_limit_promises_nothing() -> None:
    assert not list(findings("fleet f { dependency db { latency p50 1ms, p99 2ms }; pool p { agents 2 } }"))
