"""A clause that is written changes what is said of all that hangs on it: none is read and then passed over.

One fleet with guarantees of most kinds; each clause is added to it alone, at a value that must be felt.
"""

from __future__ import annotations

import functools
import re

import pytest

from seatrial.compiler.verify.check import judged

from .specs import fleet_of

_BASE = """fleet f {
  nodes n { count 3..20; cpu 32; memory 128Gi; zones 3; price $1/h <nodes> }
  demand ask { steady 40/s; peak 60/s for 10m every 1d; rises at most 60/s per 1m }
  demand jobs { steady 5/s; peak 8/s for 1h every 1d }
  dependency llm {
    limit 900 requests/s, 100_000 tokens/s; latency p50 100ms, p99 300ms; price $1 / 1M tokens
  }
  dependency db { connections 600; latency p50 2ms, p99 9ms; memory 16Gi }
  pool gw {
    serves ask { timeout 8s; retry 2 { budget 50% }; break after 5 errors { eject at most 30% for 10s } <serves> }
    agents 6..20
    each {
      cpu 500m; memory 512Mi; price $0.02/h; concurrency 16; startup 5s; service mean 20ms, p99 60ms
      holds 2 connections to db
    }
    scale on busy 40% { up within 3m; at most 100% per 15s }
    disrupt at most 30%
    health every 5s { fails after 2 <health> }
    <gw>
  }
  pool w {
    agents 12..30
    each {
      cpu 1; memory 1Gi; price $0.05/h; concurrency 8; startup 10s; service mean 60ms, p99 200ms
      holds 4 connections to db <each>
    }
    scale on busy 40% { up within 3m; at most 100% per 15s <scale> }
    value $0.01 per request
    <w>
  }
  pool worker {
    serves jobs
    agents 4..20
    each {
      cpu 500m; memory 512Mi; price $0.02/h; concurrency 4; startup 5s; service mean 300ms, p99 900ms
    }
    scale on queue 10 per agent { up within 3m; at most 100% per 15s }
    <worker>
  }
  pool spare {
    agents 10
    each { cpu 500m; memory 512Mi; price $0.02/h; concurrency 16; startup 5s; service mean 20ms, p99 60ms }
    <spare>
  }
  queue q { feeds worker; holds at most 2_000; age at most 10m; alert above 1_000 <queue> }
  call gw -> w 1 per request {
    timeout 3s; try timeout 2s; retry 1 { budget 30% }; break after 5 errors { eject at most 30% for 10s } <call>
  }
  call gw -> spare 0.1 per request { timeout 4s }
  call w -> llm 1 per request { timeout 1s; tokens 50 <llm> }
  call w -> db 2 per request { timeout 100ms <db> }
  contract gw -> spare { done within 2s for $0.01; penalty $0.02 }
  budget compute $2000/day
  budget tokens $20000/day
  survive loss of pool w, spare takes over
  survive loss of 1 agent of spare
  survive 10% of calls to llm unanswered
  guarantee latency of ask p99 < 2s
  guarantee latency of jobs p99 < 60s
  guarantee success 97% over 30d
  guarantee recovery within 5m
  guarantee amplification < 8
  guarantee throughput of ask 60/s
  guarantee cost < $100000/month
  guarantee bill < $100000/month
  consensus c among w { members 5; majority 1/2; tolerate 1 crashed; within 5s; round 200ms }
  <fleet>
  trial t {
    duration 10m; tasks 200 in q; kill 1 agent of w at 60s; delay gw -> w 300ms at 200s for 20s
    abort 10% of w -> llm at 300s for 20s <trial>
  }
}
"""

_FELT = [
    # Where it stands, the clause, and the kinds of guarantees that must say something else with it.
    ("nodes", "pods 2", "nodes budget"),
    ("serves", "limit 1 in flight", "limits success throughput"),
    ("serves", "limit 1 connections", "limits success throughput"),
    ("serves", "limit 1 pending", "success"),
    ("serves", "admit at most 1/s", "admits success throughput"),
    ("serves", "shed below 99.9% success over 10s", "success recovery"),
    ("serves", "shed normal priority when p95 > 50ms", "sheds success"),
    ("serves", 'route by header "x"', "latency success throughput"),
    ("call", "limit 1 in flight", "limits success throughput"),
    ("call", "admit at most 1/s", "admits success throughput"),
    ("call", "admit at most 20/s, burst 2", "admits success"),
    ("call", "shed normal priority when p95 > 50ms", "sheds success"),
    ("call", "warm up 10m from 1%", "recovery success budget"),
    ("call", 'route by header "x"', "capacity latency loss|takeover recovery scaling success throughput"),
    ("llm", "admit at most 4/s", "admits success throughput"),
    ("llm", "retry 5", "amplification rate tokens budget"),
    ("llm", "cold 100 per request", "cold"),
    ("llm", "break after 2 errors { eject at most 100% for 60s }", "ejection"),
    ("db", "cold 100 per request", "cold"),
    ("health", "behind requests within 1ms", "health"),
    ("health", "pause restarts above 1% failing", "restart"),
    ("health", "backoff 10m..1h", "restart"),
    ("w", "health every 5s { fails after 2; backoff 10m..1h }", "restart recovery success"),
    ("w", 'degrade to "x" above 60% busy { service mean 50ms, p99 3s }', "degrade latency success capacity timeouts"),
    ("w", 'degrade to "x" above 5% busy { service mean 500ms, p99 2s }', "degrade latency success capacity"),
    ("w", "push back above 1 pending", "push-back success"),
    ("w", "skills a 90%, b", "skill success throughput"),
    ("w", "overhead 1% per agent", "capacity latency success throughput"),
    ("w", "pattern mesh up to 3", "pattern"),
    ("w", "drain 30m", "connections budget cost"),
    ("gw", "drain 1s", "drain budget"),
    ("spare", "skills a, b", "skill loss takeover"),
    ("spare", "overhead 5% per agent", "capacity contract loss takeover"),
    ("each", "sidecar cpu 8, memory 32Gi", "nodes budget cost"),
    ("each", "memory 1Gi per request", "agent-memory"),
    ("each", "start takes 300s of cpu", "starts recovery success"),
    ("each", "start fails after 1s", "starts"),
    ("each", "links 2 per agent, at most 10", "links"),
    ("each", "holds 4Gi of db", "memory"),
    ("scale", "down over 1h", "budget cost"),
    ("queue", "shards 4", "queue"),
    ("queue", "shards 4 by skill", "queue latency backlog"),
    ("queue", "order priority", "queue"),
    ("queue", "batch up to 500", "queue backlog success recovery"),
    ("worker", "skills a, b", "skill queue backlog"),
    ("worker", "health every 5s { fails after 2; behind requests within 1ms }", "health"),
    ("fleet", "namespace { cpu 10 }", "namespace"),
    ("fleet", "namespace { pods 20 }", "namespace"),
    ("fleet", "bulkhead gw | w", "bulkhead"),
    ("fleet", "secure { only declared calls; least privilege }", "secure"),
    ("fleet", "survive a storm of retries", "storm"),
    ("fleet", "survive loss of 2 nodes", "loss nodes quorum"),
    ("fleet", "survive loss of 1 zone", "loss nodes quorum"),
    ("fleet", "quota requests 10/s of llm { stop when used up; tenant a { weight 1 } }", "quota success throughput"),
    ("trial", "load ask x5 at 10s", "recovery success"),
    ("trial", "load jobs x5 at 10s", "backlog"),
    ("trial", "hang 3 agents of worker at 1s for 60s", "backlog recovery success"),
    ("trial", "saturate cpu of w 90% at 400s for 60s", "recovery success"),
    ("trial", "partition gw | w at 500s for 10s", "success"),
]


def _text(place: str = "", clause: str = "") -> str:
    return re.sub(r"<(\w+)>", lambda slot: f"\n{clause}\n" if slot[1] == place else "", _BASE)


def _said(text: str) -> dict[str, object]:
    told = {id: one.exact.finding() for id, one in judged(fleet_of(text)).items()}
    return {id: (one.status, one.bound, one.margin, one.witness, one.reason) for id, one in told.items()}


@functools.cache
def _plain() -> dict[str, object]:
    return _said(_text())


@pytest.mark.parametrize(("place", "clause", "kinds"), _FELT, ids=[f"{place}-{clause}" for place, clause, _ in _FELT])
def test_it_is_felt_by_what_hangs_on_it(place: str, clause: str, kinds: str) -> None:
    before, after = _plain(), _said(_text(place, clause))
    felt = {id.partition("/")[0] for id in before.keys() | after.keys() if before.get(id) != after.get(id)}
    assert all(felt & {*each.split("|")} for each in kinds.split()), (kinds, sorted(felt))
