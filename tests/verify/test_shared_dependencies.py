"""Connections, requests and tokens of what the fleet shares."""

from __future__ import annotations

from seatrial.compiler.semantics.flapping import there
from seatrial.compiler.semantics.pool_loop import course
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.flows.loops import arriving, fastest, gentlest, most_there

from .specs import core, findings, fleet_of, offers, proved, refuted, unknown

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
    assert "1,004 connections" in witness and "update" not in witness


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


FLAPPING = """fleet f {{
  demand d {{ steady 100/s; peak {peak}/s }}
  dependency db {{ connections {limit}; memory {limit}Mi }}
  pool a {{
    serves d; agents 2..20; drain {drain}
    each {{ concurrency 10; service mean 100ms, p99 400ms; startup 5s; {holds}; links 6 per agent, at most {limit} }}
    scale on in flight {target} per agent {{ down over {window}; at most {step} }}
  }}
}}"""


def _flapping(
    limit: int,
    *,
    drain: str = "30s",
    window: str = "5m",
    step: str = "100% per 15s",
    peak: int = 200,
    target: int = 5,
    holds: str = "holds 6 connections to db; holds 6Mi of db",
) -> str:
    shown = {"limit": limit, "drain": drain, "window": window, "step": step, "peak": peak, "target": target}
    return FLAPPING.format(**shown, holds=holds)


def test_agents_that_an_autoscaler_sent_away_hold_what_they_hold_until_they_have_drained() -> None:
    # From 20 to 5 and, doubled twice before the 35 s of grace are over, back to 20: 35 x 6.
    margin = proved(_flapping(210), "connections/db").margin
    assert "210 of 210 connections while pools that shrank grow again" in margin
    assert "210 MiB of 210 MiB" in proved(_flapping(210), "memory/db").margin
    finding = unknown(_flapping(209), "connections/db")
    assert "20 agents of a, and 15 that its autoscaler sent away and that still drain, with 6 each" in finding.reason
    assert finding.remedy == "a drain of a of at most 25 s would decide it, and so would 210 connections of db"
    assert "and so would 210 MiB of db" in unknown(_flapping(209), "memory/db").remedy


def test_links_to_agents_that_were_sent_away_are_kept_until_these_have_drained() -> None:
    # (35 - 1) x 6
    proved(_flapping(204), "links/a")
    assert "204 links" in unknown(_flapping(203), "links/a").reason


def test_a_shorter_drain_a_slower_step_or_a_higher_minimum_lets_fewer_be_there() -> None:
    # 30 agents, as in an update: 20 + 5 + 5.
    proved(_flapping(180, drain="25s"), "connections/db")
    proved(_flapping(180, step="50% per 15s"), "connections/db")
    proved(_flapping(180).replace("2..20", "10..20"), "connections/db")
    # A period of several syncs counts from what was there before: all come back at once.
    unknown(_flapping(227, drain="25s", step="100% per 60s"), "connections/db")
    proved(_flapping(228, drain="25s", step="100% per 60s"), "connections/db")


def test_a_window_shorter_than_the_drain_counts_each_time_that_the_pool_goes_down() -> None:
    # 65 s of grace: down, up, 15 s, down, up; 20 + 2 x 18.
    proved(_flapping(336, drain="60s", window="15s"), "connections/db")
    unknown(_flapping(335, drain="60s", window="15s"), "connections/db")


def test_a_course_of_demand_that_comes_to_more_refutes_and_offers_what_mends_it() -> None:
    finding = refuted(_flapping(185, peak=1_000), "connections/db")
    assert "as the demand on a falls from 1,000/s to " in finding.witness
    assert "still drain (each 15 s:" in finding.witness
    assert {"20", "30s", "185"} <= core(finding)
    assert len(offers(finding)) >= 3


def test_the_course_that_refutes_is_inside_the_envelope_and_what_the_controller_does() -> None:
    analysis = Analysis(fleet_of(_flapping(185, peak=1_000)))
    (pool,) = analysis.fleet.pools
    loop, inside = fastest(analysis, pool), gentlest(arriving(analysis, pool))
    assert loop is not None
    found = most_there(loop, inside, 35, 30)
    assert inside.allowed(found.lines)
    counts = [one.replicas for one in course(loop, found.lines, found.start)]
    assert max(there(counts, 35)) == found.harm > 30


def test_what_its_steps_allow_and_no_course_of_demand_is_known_to_reach_is_left_open() -> None:
    assert "no course of demand is known" in unknown(_flapping(185, peak=101), "connections/db").reason


def test_a_pool_that_cannot_move_sends_nobody_away() -> None:
    proved(_flapping(180).replace("2..20", "20"), "connections/db")


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
