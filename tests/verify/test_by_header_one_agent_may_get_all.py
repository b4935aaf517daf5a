"""Requests with the same header go to one agent, and how many have it is not stated: nothing rests on even parts."""

from __future__ import annotations

import pytest

from .specs import proved, unknown

HEADER, LOOKS = 'route by header "x"', "route least loaded"
SAME = "requests with the same header go to the same agent"

# 60/s that take 100 ms are 6 in hand: 10 agents with 2 slots each do them, and one with 24 slots.
SPEC = """fleet f {{
  demand d {{ {demand} }}
  pool p {{ serves d {{ {route}; timeout {wait}; {policy} }}; {agents}; {pool}
    each {{ concurrency {slots}; service mean 100ms, p99 100ms; startup 1s; {each} }} }}
  {more}
}}"""
USUAL = {"wait": "9s", "demand": "steady 60/s", "policy": "", "agents": "agents 10", "pool": "", "each": "", "more": ""}
MOVES = {"demand": "steady 30/s; peak 60/s for 10m every 1h", "agents": "agents 5..20; scale on busy 60%"}
OTHER = "demand e { steady 20/s }\npool q { serves e; agents 9; each { concurrency 9; service mean 100ms, p99 100ms } }"
DB = "dependency db { latency p50 1ms, p99 1ms }\ncall p -> db { timeout 50ms }"
ZONES = "nodes m { count 9; cpu 16; memory 32Gi; zones 3 }\nsurvive loss of 1 zone"
CALLER = "demand e { steady 1/s }\npool q { serves e; agents 9; each { concurrency 9; service mean 100ms, p99 100ms } }"
EVEN_PARTS: dict[str, dict[str, str]] = {
    "capacity/p/peak": {},
    "latency/d/p95": {"more": "guarantee latency p95 < 4s"},
    "throughput/d": {"more": "guarantee throughput of d 60/s"},
    "loss/p": {"more": "survive loss of 2 agents of p"},
    "takeover/q/p": {"more": f"survive loss of pool q, p takes over\n{OTHER}"},
    "storm/p": {"policy": "retry 1", "more": "survive a storm of retries"},
    "unanswered/db/p": {"more": f"survive 10% of calls to db unanswered\n{DB}"},
    "degrade/p/1": {"pool": 'degrade to "less" above 90% busy { service mean 50ms; carries x2 }'},
    "loss/p/zone": {"each": "cpu 1; memory 1Gi", "agents": "agents 30", "more": ZONES},
    "cold/p": {"more": f"{CALLER}\ncall q -> p {{ cold 5 per request }}"},
    "contract/q-p/deadline": {
        "more": f"{CALLER}\ncall q -> p\ncontract q -> p {{ done within 5m for $1; penalty $0.10 }}"
    },
    "backlog/t/q": {"more": "queue q { feeds p }\ntrial t { duration 30s; tasks 900 in q }"},
    "queue/q/age": {"more": "queue q { feeds p; age at most 10s }"},
    "queue/q/alert": {"more": "queue q { feeds p; holds at most 90; age at most 900ms; alert above 20 }"},
    "sheds/d->p/rest": {"demand": "steady 60/s; priority low", "policy": "shed low priority when p95 > 2s"},
    "scaling/p/target": MOVES,
    "scaling/p/rest": MOVES,
    "scaling/p/waits": MOVES,
    "scaling/p/up-within": {**MOVES, "agents": "agents 2..20; scale on busy 60% { up within 2m }"},
}


def spec(route: str, slots: int, parts: dict[str, str]) -> str:
    return SPEC.format(**{**USUAL, **parts}, route=route, slots=slots)


@pytest.mark.parametrize("id", EVEN_PARTS)
def test_what_rests_on_even_parts_is_unknown_unless_one_agent_does_all(id: str) -> None:
    parts = EVEN_PARTS[id]
    proved(spec(LOOKS, 2, parts), id)
    assert SAME in unknown(spec(HEADER, 2, parts), id).reason
    proved(spec(HEADER, 24, parts), id)


def test_an_autoscaler_that_counts_who_waits_may_ask_for_more() -> None:
    parts = {**MOVES, "agents": "agents 5..20; scale on in flight 12 per agent { up within 2m }"}
    for id in ("scaling/p/peak", "scaling/p/up-within"):
        proved(spec(LOOKS, 24, parts), id)
        assert "scale on busy" in unknown(spec(HEADER, 24, parts), id).reason
    # The mean of busy slots, or of requests per second, is the same wherever they are.
    for signal in ("busy 60%", "rate 6/s per agent"):
        parts = {**MOVES, "agents": f"agents 5..20; scale on {signal}"}
        proved(spec(HEADER, 2, parts), "scaling/p/peak")


def test_what_waits_for_one_agent_comes_to_a_dependency_at_once_when_it_is_there_again() -> None:
    # 60/s pass through to the database in the mean; an agent that was behind turns over up to 200 a second.
    parts = {"more": "dependency db { limit 100 requests/s; latency p50 1ms, p99 1ms }\ncall p -> db { timeout 50ms }"}
    proved(spec(LOOKS, 2, parts), "rate/db")
    proved(spec(HEADER, 24, parts), "rate/db")
    unknown(spec(HEADER, 2, parts), "rate/db")


def test_what_holds_wherever_requests_go_stays_proved() -> None:
    parts = {"wait": "90s", "each": "price $1/h; cpu 1; memory 1Gi", "more": "budget agents $9_000/day"}
    for route in (LOOKS, HEADER):
        proved(spec(route, 2, parts), "budget/agents/day")
        proved(spec(route, 2, parts), "drain/p")


def test_the_concurrency_that_is_told_decides_it() -> None:
    reason = unknown(spec(HEADER, 2, MOVES), "capacity/p/peak").reason
    enough = int(reason.partition("`concurrency ")[2].partition("`")[0])
    proved(spec(HEADER, enough, MOVES), "capacity/p/peak")
    unknown(spec(HEADER, enough - 1, MOVES), "capacity/p/peak")
