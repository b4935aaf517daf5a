"""Agents that an autoscaler sent away and that still drain, beside those that it adds: what they hold together."""

from __future__ import annotations

from seatrial.compiler.model import Stated
from seatrial.compiler.verify.exact.expression import Expression, Leaf, lift, total, value
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.obligations.flapping import Count, Holding, flapping, held, worst

from .specs import core, fleet_of, offers, proved, refuted, unknown

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
    # From 20 to 5 and, doubled twice before the 35 s of grace are over, back to 20. Of 20, 25 are there in an update,
    # and 5 that it sent away; 19 go and come again for 15, and of 7 two more are replaced: 51 x 6.
    margin = proved(_flapping(306), "connections/db").margin
    assert "306 of 306 connections while pools are updated, shrink and grow again" in margin
    assert "306 MiB of 306 MiB" in proved(_flapping(306), "memory/db").margin
    finding = unknown(_flapping(305), "connections/db")
    told = (
        "20 agents of a, and 31 that start or still drain as it is updated while its autoscaler goes to and fro, with 6"
    )
    assert told in finding.reason
    assert finding.remedy == "a drain of a of at most 25 s would decide it, and so would 306 connections of db"
    assert "and so would 306 MiB of db" in unknown(_flapping(305), "memory/db").remedy


def test_links_to_agents_that_were_sent_away_are_kept_until_these_have_drained() -> None:
    # (51 - 1) x 6
    proved(_flapping(300), "links/a")
    assert "300 links" in unknown(_flapping(299), "links/a").reason


def test_a_shorter_drain_a_slower_step_or_a_higher_minimum_lets_fewer_be_there() -> None:
    # A sync before it grows again half of 20 may be sent away, with their surge; none where nobody drains so long.
    proved(_flapping(46 * 6, drain="25s"), "connections/db")
    unknown(_flapping(46 * 6 - 1, drain="25s"), "connections/db")
    proved(_flapping(34 * 6, drain="10s"), "connections/db")
    proved(_flapping(46 * 6, step="50% per 15s"), "connections/db")
    proved(_flapping(50 * 6).replace("2..20", "10..20"), "connections/db")
    # A period of several syncs counts from what was there before: all come back at once.
    unknown(_flapping(54 * 6 - 1, drain="25s", step="100% per 60s"), "connections/db")
    proved(_flapping(54 * 6, drain="25s", step="100% per 60s"), "connections/db")


def test_a_window_shorter_than_the_drain_counts_each_time_that_the_pool_goes_down() -> None:
    # 65 s of grace: down, up, 15 s, down, up; 30 in an update, 2 x 23 for 2 x 18, and 12 that it replaces meanwhile.
    proved(_flapping(528, drain="60s", window="15s"), "connections/db")
    unknown(_flapping(527, drain="60s", window="15s"), "connections/db")


def test_a_course_of_demand_that_comes_to_more_refutes_and_offers_what_mends_it() -> None:
    finding = refuted(_flapping(205, peak=1_000), "connections/db")
    assert "as the demand on a falls from 1,000/s to " in finding.witness
    assert "still drain (each 15 s:" in finding.witness
    assert {"20", "30s", "205"} <= core(finding)
    assert {("205", "306"), ("30s", "10s")} <= offers(finding)


def test_what_its_steps_allow_and_no_course_of_demand_is_known_to_reach_is_left_open() -> None:
    assert "no course of demand is known" in unknown(_flapping(205, peak=101), "connections/db").reason


def test_what_is_too_much_at_rest_is_told_of_the_largest_size() -> None:
    # Ten agents hold the 60 at the peak, before anybody is sent away.
    witness = refuted(_flapping(5, peak=450), "connections/db").witness
    assert witness.startswith("20 agents of a with 6 each hold 120 connections")


def test_a_pool_that_cannot_move_sends_nobody_away() -> None:
    proved(_flapping(180).replace("2..20", "20"), "connections/db")


def test_where_no_drain_is_written_one_that_mends_it_is_offered() -> None:
    spec = _flapping(205, peak=1_000).replace("; drain 30s", "")
    finding = refuted(spec, "connections/db")
    assert finding.addition == "write `drain 10s` in pool a"
    proved(spec.replace("agents 2..20", "agents 2..20; drain 10s"), "connections/db")
    # One that is written is changed; and where an update alone is too much none helps.
    assert refuted(_flapping(205, peak=1_000), "connections/db").addition == ""
    assert refuted(spec.replace("connections 205", "connections 179"), "connections/db").addition == ""


TWO = """fleet f {{
  dependency db {{ connections {limit} }}
  demand d {{ steady 100/s; peak 1_000/s }}
  demand e {{ steady 10/s; peak 90/s }}
  pool a {{
    serves d; agents 2..20
    each {{ concurrency 10; service mean 100ms, p99 400ms; startup 5s; holds 6 connections to db }}
    scale on in flight 5 per agent {{ down over 5m; at most 300% per 15s }}
  }}
  pool b {{
    serves e; agents 3..18
    each {{ concurrency 4; service mean 500ms, p99 900ms; startup 9s; holds 2 connections to db }}
    scale on busy 60% {{ down over 5m; at most 300% per 15s }}
  }}
  pool c {{ agents 4; each {{ holds 1 connection to db }} }}
}}"""


def test_pools_that_grow_again_at_the_same_time_hold_too_much_together() -> None:
    # Of 38 x 6 + 33 x 2 + 6 an update of all takes 242, and no pool alone beside the others' minimum more than 238.
    finding = refuted(TWO.format(limit=278), "connections/db")
    assert finding.witness.startswith("as the demand on a and b falls from the peak to steady and rises again, their ")
    assert finding.witness.endswith(
        "38 agents of a with 6 each, 24 agents of b with 2 each, 4 agents of c with 1 each hold 280 connections, "
        "db takes 278 connections"
    )
    assert {"6", "2", "278"} < core(finding)
    unknown(TWO.format(limit=300), "connections/db")
    proved(TWO.format(limit=438), "connections/db")


def test_each_count_is_added_up_a_few_times_only_however_many_pools_there_are() -> None:
    pools = "\n".join(
        f"  demand d{index} {{ steady 10/s; peak 200/s }}\n"
        f"  pool p{index} {{ serves d{index}; agents 2..20; drain 60s\n"
        "    each { concurrency 4; service mean 10ms, p99 30ms }\n"
        "    scale on busy 70% { down over 30s; at most 50% per 15s } }"
        for index in range(40)
    )
    analysis = Analysis(fleet_of(f"fleet f {{\n{pools} }}"))
    parts = [held(analysis, pool, lift(index + 1)) for index, pool in enumerate(analysis.fleet.pools)]
    limit = Leaf("limit", Stated(20_000, analysis.fleet.at), "20,000")
    added = 0

    def need(count: Count) -> Expression:
        nonlocal added
        added += 1
        return total(count(one) * one.each for one in parts)

    holding = Holding(parts, limit, need, lambda count: "", lambda most: str(most))
    assert value(need(worst)) > 20_000
    found = flapping(analysis, holding, "")
    assert not found.must and "a drain of p39 of at most " not in found.remedy
    assert added < 10
