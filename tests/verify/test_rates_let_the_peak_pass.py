"""Rates of calls: a token bucket in each calling proxy."""

from __future__ import annotations

import re

import pytest

from seatrial.compiler.verify import to_diagnostics

from .specs import core, findings, offers, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady {steady}/s; peak 100/s{lasting} }}
  dependency llm {{ limit 400 requests/s; latency p50 10ms, p99 50ms }}
  pool front {{
    serves d {{ timeout 3s; {gate} }}; agents {agents}; {scale}
    each {{ concurrency 8; service mean 100ms, p99 200ms }}
  }}
  pool back {{ agents 5; each {{ concurrency 10; service mean 20ms, p99 50ms }} }}
  call front -> back {{ timeout 1s; {inner} }}
  call front -> llm {{ timeout 1s; {outer} }}
  {more}
}}"""


def spec(gate: str = "", inner: str = "", outer: str = "", **said: str) -> str:
    words = {"steady": "50", "lasting": " for 1m every 1h", "agents": "5", "scale": "", "more": ""} | said
    return SPEC.format(gate=gate, inner=inner, outer=outer, **words)


def test_a_gate_that_admits_less_than_a_peak_brings_is_refuted() -> None:
    finding = refuted(spec("admit at most 80/s, burst 20"), "admits/d->front")
    assert "asked for 100/s" in finding.witness and "20 more in the 1 min of a peak" in finding.witness
    assert "80/s" in core(finding)
    assert any(offered == "80/s" for offered, _ in offers(finding))
    unknown(spec("admit at most 101/s, burst 20"), "admits/d->front")
    proved(spec("admit at most 150/s, burst 20"), "admits/d->front")
    assert "burst of 20" in proved(spec("admit at most 150/s, burst 20"), "admits/d->front").margin
    unknown(spec("admit at most 150/s, burst 19"), "admits/d->front")


def test_a_burst_may_lend_a_short_peak_what_it_lacks() -> None:
    # 60 s x 20/s are lent; whether chance keeps to that is not promised.
    refuted(spec("admit at most 80/s, burst 1_199"), "admits/d->front")
    unknown(spec("admit at most 80/s, burst 1_200"), "admits/d->front")
    refuted(spec("admit at most 80/s, burst 1_200", lasting=""), "admits/d->front")


def test_a_steady_level_above_the_rate_is_refuted_whatever_the_burst() -> None:
    assert "steadily" in refuted(spec("admit at most 40/s, burst 1_000_000"), "admits/d->front").witness


def test_each_agent_has_a_bucket_of_its_own() -> None:
    # 100/s over five agents.
    assert "each agent of front" in refuted(spec(inner="admit at most 19/s"), "admits/front->back").witness
    proved(spec(inner="admit at most 30/s"), "admits/front->back")


def test_fewer_agents_send_more_each() -> None:
    """At the steady level there are few, and a rise finds them before an autoscaler does."""
    scaled = {"agents": "2..10", "scale": "scale on busy 50%"}
    refuted(spec(inner="admit at most 9/s", **scaled), "admits/front->back")
    unknown(spec(inner="admit at most 40/s", **scaled), "admits/front->back")
    proved(spec(inner="admit at most 60/s", **scaled), "admits/front->back")


def test_an_agent_sends_no_more_than_its_slots_turn_over() -> None:
    # Eight slots, each held for 100 ms and the calls.
    finding = proved(spec(inner="admit at most 150/s", agents="2..10", scale="scale on busy 50%"), "admits/front->back")
    rate = re.search(r"asked for ([0-9.]+)/s", finding.margin)
    assert rate is not None and float(rate[1]) < 80


def test_rates_that_add_up_to_more_than_is_taken_are_told_of() -> None:
    finding = proved(spec(outer="admit at most 81/s"), "admits/front->llm")
    assert "together they let 405/s through" in finding.caution
    (told,) = to_diagnostics([finding])
    assert told.code == "ST4704" and not told.is_error
    assert proved(spec(outer="admit at most 80/s"), "admits/front->llm").caution == ""


def test_a_rate_far_above_all_that_a_pool_answers_never_acts() -> None:
    assert "never acts" in proved(spec(inner="admit at most 5_001/s"), "admits/front->back").caution
    assert proved(spec(inner="admit at most 5_000/s"), "admits/front->back").caution == ""


SUCCESS = "guarantee success 90%; trial t { duration 60s; load d peak; delay front -> llm 10ms at 5s for 5s }"


def test_what_a_rate_refuses_is_no_success() -> None:
    id = "success/d"
    proved(spec("admit at most 150/s, burst 40", more=SUCCESS), id)
    # More load than the envelope's is only in the trial.
    double = SUCCESS.replace("load d peak", "load d x3")
    assert "is not bounded" in unknown(spec("admit at most 150/s, burst 40", more=double), id).reason
    # The bucket would let it pass; what it does to the agents is worked out up to the peak.
    assert "above its peak of 100/s" in unknown(spec("admit at most 300/s, burst 40", more=double), id).reason
    proved(spec("admit at most 300/s, burst 40", more=double).replace("peak 100/s", "peak 150/s"), id)


def test_retries_on_the_way_come_to_the_bucket_and_its_own_do_not() -> None:
    id = "success/d"
    proved(spec(inner="retry 2; admit at most 40/s", more=SUCCESS), id)
    found = unknown(spec("retry 2", inner="admit at most 40/s", more=SUCCESS), id)
    assert "front -> back while all is retried" in found.reason
    proved(spec("retry 2", inner="admit at most 100/s", more=SUCCESS), id)


def test_agents_that_a_fault_strikes_leave_their_part_to_the_others() -> None:
    kill = SUCCESS.replace("delay front -> llm 10ms at 5s for 5s", "kill 3 agents of front at 5s").replace("90%", "10%")
    id, retried = "success/d", "retry 2 { budget 20% }; break after 2 errors { eject at most 80% for 5s }"
    assert "bounded" in unknown(spec(retried, inner="admit at most 40/s", more=kill), id).reason
    assert "bounded" not in findings(spec(retried, inner="admit at most 150/s", more=kill))[id].reason


@pytest.mark.parametrize("burst", ["", ", burst 40"])
def test_a_backlog_comes_by_the_same_bucket(burst: str) -> None:
    queue = "queue q { feeds front; holds at most 10_000; age at most 10m }"
    more = f"{queue}; {SUCCESS.replace('load d peak', 'load d peak; tasks 1_000 in q')}"
    assert "not bounded" in unknown(spec(f"admit at most 150/s{burst}", more=more), "success/d").reason
