"""Only declared calls: what a loss, empty caches or a deal need is needed, and has to be declared."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .specs import judged, proved, refuted

LOST = """fleet f {
  demand a { steady 1/s }
  pool x { serves a; agents 4; each { concurrency 4; service mean 100ms, p99 200ms } }
  pool y { agents 4; each { concurrency 4; service mean 100ms, p99 200ms } }
  pool stand-in { agents 4; each { concurrency 4; service mean 100ms, p99 200ms } }
  dependency db { latency p50 2ms, p99 9ms }
  call x -> y
  call stand-in -> db
  survive loss of pool y, stand-in takes over
  secure { only declared calls; least privilege }
}"""


def test_who_calls_a_pool_has_to_reach_the_one_that_takes_over() -> None:
    shut = judged(LOST)["secure/calls"]
    assert shut.status is Status.REFUTED
    assert "x and stand-in (stand-in takes over for y)" in shut.witness
    declared = LOST.replace("call x -> y", "call x -> y\n  call x -> stand-in 0 per request")
    proved(declared, "secure/calls")
    proved(declared, "secure/privilege")
    proved(declared, "takeover/y/stand-in")


def test_what_a_stand_in_calls_is_needed_once_it_has_taken_over() -> None:
    proved(LOST, "secure/privilege")
    refuted(LOST.replace("  survive loss of pool y, stand-in takes over\n", ""), "secure/privilege")


def test_what_is_called_while_caches_are_empty_is_needed() -> None:
    text = """fleet f {
      demand a { steady 1/s }
      pool x { serves a; agents 4; each { concurrency 4; service mean 100ms, p99 200ms } }
      dependency db { latency p50 2ms, p99 9ms; limit 100 requests/s }
      call x -> db 0 per request COLD
      secure { least privilege }
    }"""
    refuted(text.replace("COLD", ""), "secure/privilege")
    proved(text.replace("COLD", "{ cold 1 per request }"), "secure/privilege")


def test_who_has_to_deal_needs_a_call_that_no_request_makes() -> None:
    text = """fleet f {
      demand a { steady 1/s }
      pool x { serves a; agents 4; each { concurrency 4; service mean 100ms, p99 200ms } }
      pool y { agents 4; each { concurrency 4; service mean 100ms, p99 200ms } }
      negotiation deal between x, y { rounds 3 of 2s; mediator x within 2s; at most 1m }
      call x -> y 0 per request
      secure { only declared calls; least privilege }
    }"""
    proved(text, "secure/calls")
    proved(text, "secure/privilege")
