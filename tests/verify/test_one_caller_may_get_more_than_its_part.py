"""Limits and rates are of one calling agent: what that one may get is not always an even part."""

from __future__ import annotations

from seatrial.compiler.verify import Status

from .specs import proved, status, unknown

SPEC = """fleet f {{
  demand d {{ {demand} }}
  pool front {{ serves d {{ {gate} }}; {agents}; each {{ concurrency 200; service mean 10ms, p99 10ms }} }}
  pool back {{ agents 40; each {{ concurrency 100; service mean 100ms, p99 200ms }} }}
  call front -> back {{ limit {limit} in flight; admit at most {rate}/s, burst 80 }}
}}"""
LIMITS, ADMITS = "limits/front->back", "admits/front->back"


def spec(
    gate: str = "", agents: str = "agents 10", demand: str = "steady 100/s", limit: int = 15, rate: int = 25
) -> str:
    return SPEC.format(gate=gate, agents=agents, demand=demand, limit=limit, rate=rate)


def test_by_header_one_agent_may_get_all() -> None:
    proved(spec(), LIMITS)
    proved(spec(), ADMITS)
    by_header = spec('route by header "x"')
    assert "requests with the same header" in unknown(by_header, LIMITS).reason
    assert "requests with the same header" in unknown(by_header, ADMITS).reason


def test_by_skill_one_of_three_agents_may_get_half() -> None:
    # 50/s x 100 ms are 5, of which 20.8 come together once in a million times; 33.3/s would be 16.9.
    divided = "agents 3; skills a 50%, b 50%"
    assert status(spec(agents="agents 3", limit=17, rate=40), LIMITS) is Status.PROVED
    assert status(spec(agents="agents 3", limit=17, rate=40), ADMITS) is Status.PROVED
    unknown(spec(agents=divided, limit=17, rate=40), LIMITS)
    assert "asked for 50/s" in unknown(spec(agents=divided, limit=17, rate=40), ADMITS).reason
    proved(spec(agents=divided, limit=21, rate=60), LIMITS)
    proved(spec(agents=divided, limit=21, rate=60), ADMITS)


def test_until_more_agents_come_those_of_the_steady_level_get_all() -> None:
    # Two agents at 100/s get 500/s of the peak each until eight more are there: 50 under way, not 10.
    scaled = "agents 2..20; scale on rate 100/s per agent"
    rising = spec(agents=scaled, demand="steady 150/s; peak 1000/s for 1m every 1h", limit=40, rate=1000)
    unknown(rising, LIMITS)
    proved(rising.replace("limit 40", "limit 100"), LIMITS)


def test_by_header_hosts_may_be_sent_too_little_to_be_judged_by_it() -> None:
    text = """fleet f { demand d { steady 100/s }
      pool p { serves d { ROUTE; break below 80% success over 10s { eject at most 50% } }; agents 10
        each { concurrency 100; service mean 10ms, p99 10ms } } }"""
    proved(text.replace("ROUTE", "route random"), "ejection/d->p/min")
    by_header = text.replace("ROUTE", 'route by header "x"')
    assert "requests with the same header" in unknown(by_header, "ejection/d->p/min").reason
    # A run of errors needs no volume.
    proved(by_header.replace("below 80% success over 10s", "after 5 errors"), "ejection/d->p/min")


def test_by_header_an_item_may_wait_behind_all_others_of_one_agent() -> None:
    text = """fleet f { demand d { steady 60/s }
      pool p { serves d { ROUTE }; agents 10; each { concurrency 1; service mean 100ms, p99 100ms } }
      queue q { feeds p; age at most 10s } }"""
    proved(text.replace("ROUTE", "route random"), "queue/q/age")
    by_header = text.replace("ROUTE", 'route by header "x"')
    assert "requests with the same header" in unknown(by_header, "queue/q/age").reason


def test_by_header_one_agent_may_have_to_serve_all_of_a_throughput() -> None:
    text = """fleet f { demand d { steady 60/s }
      pool p { serves d { ROUTE }; agents 10; each { concurrency 1; service mean 100ms, p99 100ms } }
      guarantee throughput of d 60/s }"""
    proved(text.replace("ROUTE", "route random"), "throughput/d")
    said = unknown(text.replace("ROUTE", 'route by header "x"'), "throughput/d")
    assert "requests with the same header" in said.reason
