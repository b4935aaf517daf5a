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
    assert ("29", "63") in offers(finding)
    unknown(spec(gate="limit 62 in flight"), "limits/d->front")
    proved(spec(gate="limit 63 in flight"), "limits/d->front")


def test_each_agent_has_a_proxy_of_its_own() -> None:
    # 100/s x 200 ms over five agents are 4 each.
    assert "each agent of front has 4" in refuted(spec(inner="limit 3 in flight"), "limits/front->back").witness
    proved(spec(inner="limit 17 in flight"), "limits/front->back")


def test_an_agent_has_no_more_under_way_than_in_hand() -> None:
    assert "never reached" in proved(spec(inner="limit 40 in flight"), "limits/front->back").margin


def test_connections_limit_as_requests_do() -> None:
    refuted(spec(gate="limit 29 connections"), "limits/d->front")


def test_a_limit_on_what_is_pending_alone_says_nothing() -> None:
    assert "limits/d->front" not in findings(spec(gate="limit 5 pending"))


def test_a_limit_far_above_all_slots_is_told_of() -> None:
    finding = proved(spec(inner="limit 501 in flight"), "limits/front->back")
    assert "never acts" in finding.caution
    (told,) = to_diagnostics([finding])
    assert told.code == "ST4702" and not told.is_error
    assert proved(spec(inner="limit 500 in flight"), "limits/front->back").caution == ""
