"""A fault takes one agent of ten, and by header all requests may go to that one, or none: nothing else is known."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .specs import proved, status, unknown

SPEC = """fleet f {{
  demand d {{ steady {load} }}
  pool p {{ serves d {{ {route}; timeout 2s {policy} }}; agents 10; {pool}
    each {{ concurrency 16; service mean 30ms, p99 120ms; startup 5s }} }}
  guarantee success 95%
  guarantee recovery within {within}
  trial t {{ duration {lasts}; {fault} }}
}}"""
HEADER, LOOKS = 'route by header "x"', "route least loaded"
SAME = "requests with the same header go to the same agent"
RETRIED = "; retry 2; break after 2 errors { eject at most 50% for 10s }"


def spec(route: str, policy: str = RETRIED, fault: str = "kill 1 agent of p at 8s", **parts: str) -> str:
    usual = {"load": "40/s", "within": "30s", "lasts": "60s", "pool": ""}
    return SPEC.format(**{**usual, **parts}, route=route, policy=policy, fault=fault)


def test_all_may_meet_the_one_that_is_killed() -> None:
    proved(spec(LOOKS), "success/d")
    told = unknown(spec(HEADER), "success/d").reason
    assert SAME in told and "those that it strikes may get all" in told


def test_in_a_trial_that_lasts_even_all_are_few_enough() -> None:
    # Five seconds and what piles up in them are a thousandth of three hours.
    proved(spec(HEADER, lasts="3h"), "success/d")


def test_it_is_recovered_from_as_though_all_were_killed() -> None:
    assert SAME in unknown(spec(HEADER, within="10s"), "recovery").reason
    proved(spec(LOOKS, within="10s"), "recovery")
    proved(spec(HEADER), "recovery")
    # Which one agent then has to work off.
    everyone = proved(spec(LOOKS, fault="kill 10 agents of p at 8s"), "recovery").bound
    by_header = proved(spec(HEADER), "recovery").bound
    assert everyone is not None and by_header is not None and by_header > everyone


def test_nobody_may_want_the_one_that_is_killed() -> None:
    often = {"policy": "", "fault": "kill 5 agents of p at 8s every 10s", "lasts": "60s"}
    assert status(spec(LOOKS, **often), "success/d") is Status.REFUTED
    assert SAME in unknown(spec(HEADER, **often), "success/d").reason
    everyone = {**often, "fault": "kill 10 agents of p at 8s every 10s"}
    assert status(spec(HEADER, **everyone), "success/d") is Status.REFUTED


def test_a_new_agent_that_starts_for_long_is_missed_only_where_somebody_wants_it() -> None:
    slow = {"policy": "", "within": "3s"}
    assert status(spec(LOOKS, **slow), "recovery") is Status.REFUTED
    unknown(spec(HEADER, **slow), "recovery")


def test_agents_that_push_back_may_all_be_asked_at_one() -> None:
    full = {"policy": "", "pool": "push back above 6 pending", "fault": "abort 1% of d -> p at 8s for 1s"}
    busy = {**full, "load": "300/s"}
    proved(spec(LOOKS, **busy), "success/d")
    assert SAME in unknown(spec(HEADER, **busy), "success/d").reason
