"""Who calls a pool that is slower below the peak, or much slower at it, waits as it does, request by request."""

from __future__ import annotations

import random

import pytest

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses

from ..simulated import Clock, Station, Work, arrivals
from ..specs import fleet_of

_SLOWER_BELOW = """fleet f {
  demand d { steady 200/h; peak 1/s }
  demand e { steady 10/s; peak 60/s }
  pool a { serves d { timeout 20s }; agents 1..20
    each { concurrency 1; service mean 10ms, p99 20ms; startup 5s }
    scale on rate 1.2/s per agent { down over 5m; at most 100% per 15s } }
  pool b { serves e; agents 1..20
    each { concurrency 1; service mean 20ms, p99 60ms; startup 5s }
    scale on busy 90% { down over 5m; at most 100% per 15s } }
  call a -> b 3 per request
}"""

_SLOWER_AT_THE_PEAK = """fleet f {
  demand d { steady 3/s; peak 4/s }
  demand e { steady 5/s; peak 87/s }
  pool a { serves d { timeout 4s }; agents 1..80
    each { concurrency 1; service mean 10ms, p99 10ms; startup 5m }
    scale on busy 50% { down over 5m; at most 100% per 15s } }
  pool b { serves e; agents 1; each { concurrency 1; service mean 10ms, p99 30ms; startup 5s } }
  call a -> b 3 per request
}"""


def _longest(works: tuple[Work, Work], before: tuple[float, float], after: tuple[float, float], until: float) -> float:
    """The longest wait for the one agent of `a`, which calls that of `b` three times; both demands change at 30 s."""
    clock, chance = Clock(), random.Random(0)
    b = Station(clock, chance, 1, works[1])
    a = Station(clock, chance, 1, works[0], calls=[(3, b)])
    for station, low, high in zip((a, b), before, after, strict=True):
        arrivals(
            clock,
            chance,
            lambda now, low=low, high=high: low if now < 30 else high,  # type: ignore[misc]
            max(low, high),
            lambda station=station: station.arrive(lambda: None),  # type: ignore[misc]
        )
    clock.run(until)
    return a.longest


def test_an_agent_that_is_left_alone_below_the_peak_may_have_no_slot_free() -> None:
    # 46.4 and three times 1 a second keep the one agent of b 98.8 % busy, up to 99 % of which it is left alone; at the
    # peak there are two. By its rate the one agent of a is left alone at any level.
    assert _longest((Work(10, 20), Work(20, 60)), (1, 46.4), (1, 46.4), 1_200) > 20
    found = statuses(fleet_of(_SLOWER_BELOW))
    for id in ("scaling/a/target", "scaling/a/rest", "scaling/a/waits"):
        assert found[id] is Status.UNKNOWN, id


def test_fewer_agents_are_there_for_a_rise_where_calls_do_not_wait_before_it() -> None:
    # At the steady level one agent of a is a seventh busy; as slow as at the peak there would be eleven of them.
    assert _longest((Work(10, 10), Work(10, 30)), (3, 5), (4, 87), 330) > 4
    assert statuses(fleet_of(_SLOWER_AT_THE_PEAK))["scaling/a/waits"] is Status.UNKNOWN


_GENTLE = """fleet f {
  demand d { steady 360/h; peak 4/s; rises at most 1/s per 1h }
  demand e { steady 5/s; peak 87/s }
  pool a { serves d; agents 1..80
    each { concurrency 1; service mean 10ms, p99 10ms; startup 5m }
    scale on busy 50% { up within 6m; down over 5m; at most 100% per 15s } }
  pool b { serves e; agents 1; each { concurrency 1; service mean 10ms, p99 30ms; startup 5s } }
  call a -> b 3 per request
  guarantee latency of d p95 < 60s
}"""


def test_a_demand_that_rises_gently_needs_agents_at_once_where_its_calls_become_longer() -> None:
    # One agent is enough for 4 a second until the other demand jumps; it was proved that nobody waits for 21 more.
    assert _longest((Work(10, 10), Work(10, 30)), (4, 5), (4, 87), 330) > 5
    found = statuses(fleet_of(_GENTLE))
    assert found["scaling/a/up-within"] is found["scaling/a/growth"] is Status.UNKNOWN
    hardly = statuses(fleet_of(_GENTLE.replace("peak 87/s", "peak 5.1/s")))
    assert hardly["scaling/a/up-within"] is Status.PROVED and "scaling/a/growth" not in hardly


_GENTLE_AND_SLOWER_BELOW = """fleet f {
  demand d { steady 360/h; peak 2/s; rises at most 1/s per 1h }
  demand e { steady 10/s; peak 60/s }
  pool a { serves d; agents 1..80
    each { concurrency 1; service mean 10ms, p99 10ms; startup 5m }
    scale on busy 50% { up within 6m; down over 5m; at most 100% per 15s } }
  pool b { serves e; agents AGENTS
    each { concurrency 1; service mean 20ms, p99 60ms; startup 5s }
    scale on busy 90% { down over 5m; at most 100% per 15s } }
  call a -> b 3 per request
  guarantee latency of d p95 < 60s
}"""


def test_a_demand_needs_more_agents_where_its_calls_are_longest_below_the_peak() -> None:
    # At both ends one agent of a is enough; it was proved that it always is. At 49.4 a second the one agent of b is
    # 98.8 % busy, and left alone.
    assert _longest((Work(10, 10), Work(20, 60)), (2, 10), (2, 43.4), 330) > 5
    found = statuses(fleet_of(_GENTLE_AND_SLOWER_BELOW.replace("AGENTS", "1..20")))
    assert found["scaling/a/up-within"] is found["scaling/a/growth"] is Status.UNKNOWN
    enough = statuses(fleet_of(_GENTLE_AND_SLOWER_BELOW.replace("AGENTS", "8..20")))
    assert enough["scaling/a/up-within"] is Status.PROVED and "scaling/a/growth" not in enough


def test_calls_that_become_a_little_longer_are_seen_a_little_later() -> None:
    text = """fleet f {
  demand d { steady 20/s; peak 80/s; rises at most 60/s per 5m }
  pool a { serves d; agents 1..40; each { concurrency 1; service mean 50ms, p99 80ms; startup 5s }
    scale on busy 50% { up within 50s; down over 5m; at most 100% per 15s } }
  pool b { agents 40; each { concurrency 4; service mean 20ms, p99 60ms; startup 5s } }
  call a -> b
}"""
    assert statuses(fleet_of(text))["scaling/a/up-within"] is Status.PROVED


@pytest.mark.parametrize(("spec", "level"), [(_SLOWER_BELOW, "peak 60/s"), (_SLOWER_AT_THE_PEAK, "peak 87/s")])
def test_where_who_is_called_never_waits_much_all_is_proved(spec: str, level: str) -> None:
    found = statuses(fleet_of(spec.replace(level, "peak 20/s")))
    assert found["scaling/a/waits"] is found["scaling/a/rest"] is found["scaling/a/target"] is Status.PROVED
