"""Agents that are sent requests at random, or in turn, by one gateway or many callers: each has a queue of its own."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..simulated import Clock, Station, Work
from ..specs import findings, unknown
from .answered import PROMISED, bounds_of, keeps, times
from .trying import cases


def _chooser(route: str, callers: int, agents: int, chance: random.Random) -> Callable[[], int]:
    """Which agent is next: each caller goes through all of them in an order of its own."""
    if route == "random":
        return lambda: chance.randrange(agents)
    turns = [itertools.cycle(chance.sample(range(agents), agents)) for _ in range(callers)]
    return lambda: next(chance.choice(turns))


@cases
def test_no_larger_share_is_late_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.sampled_from(("random", "round robin")),
        st.sampled_from((Work(20, 60), Work(100, 200), Work(300, 1500))),
        st.integers(1, 9),
        st.integers(1, 6),
        st.integers(1, 5),
        st.integers(20, 85),
        st.integers(0, 10**6),
    )
    @example("random", Work(100, 300), 9, 1, 1, 80, 1)
    @example("round robin", Work(100, 300), 9, 1, 1, 80, 1)
    def check(route: str, work: Work, agents: int, slots: int, callers: int, busy: int, seed: int) -> None:
        rate = max(1, busy * agents * slots * 10 // work.mean)
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d {{ route {route} }}; agents {agents}
            each {{ concurrency {slots}; service mean {work.mean}ms, p99 {work.p99}ms }} }}
          {PROMISED} }}"""
        found = findings(text)
        bounds = bounds_of(found)
        if not bounds:
            return

        def took(requests: int) -> list[float]:
            clock, chance = Clock(), random.Random(seed)
            stations = [Station(clock, chance, slots, work) for _ in range(agents)]
            chosen = _chooser(route, callers, agents, chance)
            return times(clock, chance, rate, requests, requests // 10, lambda: stations[chosen()])

        keeps(bounds, took, 8_000, text, factor=1.4, more=40)

    check()


def _by_header(agents: int, values: int, chance: random.Random) -> Callable[[], int]:
    """Which agent has the header of the next request: of a few values some are far more often than others, each stays
    at its agent, and now and then another one is what all want."""
    at = [chance.randrange(agents) for _ in range(values)]
    often = [chance.random() ** chance.choice((0, 1, 8)) for _ in range(values)]

    def chosen() -> int:
        if chance.random() < 0.001:
            chance.shuffle(often)
        return chance.choices(at, often)[0]

    return chosen


@cases
def test_however_often_each_header_comes_no_more_are_late(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.sampled_from((Work(20, 60), Work(100, 200), Work(300, 1500))),
        st.integers(2, 9),
        st.integers(1, 6),
        st.integers(1, 5),
        st.integers(20, 85),
        st.integers(0, 10**6),
    )
    @example(Work(100, 300), 9, 2, 1, 80, 1)
    def check(work: Work, agents: int, slots: int, values: int, busy: int, seed: int) -> None:
        rate = max(1, busy * slots * 10 // work.mean)
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d {{ route by header "x" }}; agents {agents}
            each {{ concurrency {slots}; service mean {work.mean}ms, p99 {work.p99}ms }} }}
          {PROMISED} }}"""
        bounds = bounds_of(findings(text))
        if not bounds:
            return

        def took(requests: int) -> list[float]:
            clock, chance = Clock(), random.Random(seed)
            stations = [Station(clock, chance, slots, work) for _ in range(agents)]
            chosen = _by_header(agents, values, chance)
            return times(clock, chance, rate, requests, requests // 10, lambda: stations[chosen()])

        keeps(bounds, took, 8_000, text, factor=1.4, more=40)

    check()


def test_how_many_requests_have_the_same_header_is_not_known() -> None:
    text = """fleet f { demand d { steady 10/s }
      pool p { serves d { route by header "x" }; agents 9; each { service mean 100ms, p99 300ms } }
      guarantee latency p95 < 1h }"""
    assert "with the same header" in unknown(text, "latency/d/p95").reason
