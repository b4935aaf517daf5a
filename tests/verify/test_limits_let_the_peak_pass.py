"""Limits of requests in flight and connections, per calling proxy."""

from __future__ import annotations

from seatrial.compiler.verify import to_diagnostics

from .specs import core, findings, offers, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 50/s; peak 100/s for 1m every 1h }}
  pool front {{ serves d {{ {gate} }}; agents 5; each {{ concurrency {slots}; service mean 100ms, p99 200ms }} }}
  pool back {{ agents 5; each {{ concurrency 10; service mean 200ms, p99 500ms }} }}
  call front -> back {{ {inner} }}
}}"""


def spec(gate: str = "", inner: str = "", slots: int = 40) -> str:
    return SPEC.format(gate=gate, inner=inner, slots=slots)


def test_a_gate_that_refuses_the_mean_of_the_peak_is_refuted() -> None:
    # 100/s x 300 ms
    finding = refuted(spec(gate="limit 29 in flight"), "limits/d->front")
    assert "30 requests" in finding.witness and {"29"} <= core(finding)
    assert ("29", "64") in offers(finding)
    unknown(spec(gate="limit 63 in flight"), "limits/d->front")
    proved(spec(gate="limit 64 in flight"), "limits/d->front")


def test_each_agent_has_a_proxy_of_its_own() -> None:
    # 100/s x 200 ms over five agents are 4 each.
    assert "each agent of front has 4" in refuted(spec(inner="limit 3 in flight"), "limits/front->back").witness
    unknown(spec(inner="limit 18 in flight"), "limits/front->back")
    # At one of five agents more may wait than in one queue for all of them.
    proved(spec(inner="limit 38 in flight", slots=80), "limits/front->back")


def test_an_agent_has_no_more_under_way_than_in_hand() -> None:
    assert "never reached" in proved(spec(inner="limit 40 in flight"), "limits/front->back").margin


def test_who_waits_is_under_way_too() -> None:
    # Nine of ten slots in use: 9 requests on average, and one in a thousand times there are 60.
    text = (
        "fleet f {{ demand d {{ steady 9/s }}; pool p {{ serves d {{ limit {} in flight{} }}; agents 1; "
        "each {{ concurrency 1; service mean 100ms, p99 460ms }} }} }}"
    )
    assert "8.46 requests" in unknown(text.format(60, ""), "limits/d->p").reason
    proved(text.format(700, ""), "limits/d->p")
    # No longer than until it is given up.
    proved(text.format(60, "; timeout 2s"), "limits/d->p")


def test_of_few_requests_two_at_once_are_no_wonder() -> None:
    # 0.2/s x 300 ms: six standard deviations above 0.06 are 1.5, and in 1 of 600 times there are two.
    few = spec(gate="limit 2 in flight").replace("steady 50/s; peak 100/s for 1m every 1h", "steady 0.2/s")
    unknown(few, "limits/d->front")
    proved(few.replace("limit 2 ", "limit 6 "), "limits/d->front")


def test_connections_limit_as_requests_do() -> None:
    refuted(spec(gate="limit 29 connections"), "limits/d->front")


def test_idle_connections_to_other_agents_count_too() -> None:
    """Each agent of front may have kept eight to each of five agents of back, and of those of an update."""
    proved(spec(inner="limit 8 in flight", slots=8), "limits/front->back")
    told = unknown(spec(inner="limit 40 connections", slots=8), "limits/front->back")
    assert "may keep 8 of front -> back to each of 9 agents: 72, and 40 may be" in told.reason
    assert "`in flight`" in told.remedy
    proved(spec(inner="limit 72 connections", slots=8), "limits/front->back")
    # To one agent there are no others.
    alone = spec(inner="limit 8 connections", slots=8).replace("pool back { agents 5", "pool back { agents 1")
    proved(alone, "limits/front->back")
    proved(spec(gate="limit 2000 connections"), "limits/d->front")
    unknown(spec(gate="limit 64 connections"), "limits/d->front")


def test_a_limit_on_what_is_pending_alone_says_nothing() -> None:
    assert "limits/d->front" not in findings(spec(gate="limit 5 pending"))


def test_a_limit_far_above_all_slots_is_told_of() -> None:
    finding = proved(spec(inner="limit 501 in flight"), "limits/front->back")
    assert "never acts" in finding.caution
    (told,) = to_diagnostics([finding])
    assert told.code == "ST4702" and not told.is_error
    assert proved(spec(inner="limit 500 in flight"), "limits/front->back").caution == ""


LATE = """fleet f {
  demand d { steady 20/s }
  dependency x { latency p50 10ms, p99 30ms }
  pool front { serves d { timeout 10s }; agents 6; each { concurrency 40; service mean 20ms, p99 60ms } }
  pool back { agents 10; each { concurrency 30; service mean 100ms, p99 400ms } }
  call front -> back { timeout 3s; try timeout 350ms; retry 1; limit 30 in flight }
  call back -> x { timeout 1s; limit 20 in flight }
}"""


def test_tries_that_are_made_again_for_being_late_are_under_way_too() -> None:
    late, patient = proved(LATE, "limits/front->back"), proved(LATE.replace("350ms", "3s"), "limits/front->back")
    assert late.limit is not None and patient.limit is not None and late.limit.used > patient.limit.used
    # Behind who gets them, more calls are made as well.
    behind, usual = (proved(text, "limits/back->x") for text in (LATE, LATE.replace("350ms", "3s")))
    assert behind.margin != usual.margin
    # Where nothing is enough they may keep themselves up.
    upset = LATE.replace("agents 10; each { concurrency 30;", "agents 1; each { concurrency 4;")
    assert "its load is not known" in unknown(upset, "limits/front->back").reason
