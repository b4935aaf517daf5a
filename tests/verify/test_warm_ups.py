"""New agents that carry less at first: what waits for agents waits for their warm-up too."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .specs import core, judged, proved, refuted, status, unknown

SPEC = """fleet f {{
  demand d {{ steady 40/s; peak 400/s for 10m every 1d; rises at most {rise} }}
  pool p {{
    serves d {{ timeout 4s; {warm}; retry 2 {{ budget 20% }}; break after 3 errors {{ eject at most 50% for 10s }} }}
    agents {agents}
    each {{ concurrency 4; service mean 100ms, p99 300ms; startup 5s }}
    health every 2s {{ fails after 2 }}
    scale on busy 50% {{ up within {within}; at most 100% per 15s }}
  }}
  guarantee latency p95 < 2s
  guarantee recovery within {recovery}
  trial t {{ duration 60s; kill 1 agent of p at 10s }}
}}"""


def spec(
    warm: str = "", within: str = "2m", agents: str = "6..60", recovery: str = "1m", rise: str = "60/s per 1m"
) -> str:
    return SPEC.format(warm=warm, within=within, agents=agents, recovery=recovery, rise=rise)


def test_agents_are_there_when_they_carry_their_part() -> None:
    id = "scaling/p/up-within"
    proved(spec(within="1m"), id)
    unknown(spec("warm up 30s", within="1m"), id)
    proved(spec("warm up 30s", within="90s"), id)
    finding = refuted(spec("warm up 100s", within="90s"), id)
    assert "100 s to warm up" in finding.witness
    assert {"100s", "90s"} <= core(finding)


def test_recovery_waits_for_the_warm_up() -> None:
    proved(spec(recovery="20s"), "recovery")
    unknown(spec("warm up 30s", recovery="20s"), "recovery")
    proved(spec("warm up 30s", recovery="40s"), "recovery")


def test_a_warm_up_never_proves_what_is_not_proved_without_it() -> None:
    for said in ({"agents": "20..60", "rise": "360/s per 1s"}, {"agents": "6..60", "rise": "90/s per 1m"}):
        before = judged(spec(**said))
        for id, after in judged(spec("warm up 25s from 50%", **said)).items():
            if after.status is Status.PROVED:
                assert id not in before or before[id].status is Status.PROVED, id


def test_a_pool_that_does_not_grow_has_nothing_to_wait_for() -> None:
    assert "enough for the peak" in proved(spec("warm up 10m", agents="40..60"), "scaling/p/up-within").margin


def test_the_longest_warm_up_of_all_callers_counts() -> None:
    more = "pool other { agents 1; each { service mean 1ms } }\n  call other -> p { timeout 1s; warm up 100s }\n"
    more += "guarantee latency"
    text = spec("warm up 5s", within="90s").replace("guarantee latency", more, 1)
    assert status(text, "scaling/p/up-within") is not Status.PROVED
