"""Agents of which every proxy takes the less loaded of two, by what it sent them itself: a gateway's, and callers'."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Station, Work
from ..specs import findings
from .answered import PROMISED, bounds_of, keeps, times
from .trying import cases


class _Proxies:
    """Each sees of the agents what is under way of its own; what it calls is done as a station's work is."""

    def __init__(self, clock: Clock, chance: random.Random, stations: list[Station], count: int) -> None:
        self._clock, self._chance, self._stations = clock, chance, stations
        self._mine = [[0] * len(stations) for _ in range(count)]

    def arrive(self, done: Callable[[], None]) -> None:
        sees = self._chance.choice(self._mine)
        agents = range(len(self._stations))
        one, other = self._chance.choice(agents), self._chance.choice(agents)
        agent = other if sees[other] < sees[one] else one
        sees[agent] += 1

        def answered() -> None:
            sees[agent] -= 1
            done()

        self._stations[agent].arrive(answered)


def _text(rate: int, callers: int, agents: int, slots: int, work: Work) -> str:
    front = f"pool front {{ serves d; agents {callers}; each {{ concurrency 5000; service mean 1ms, p99 1ms }} }}"
    entered, before = ("serves d; ", "") if callers == 0 else ("", f"{front}\n      call front -> p")
    return f"""fleet f {{ demand d {{ steady {rate}/s }}
      {before}
      pool p {{ {entered}agents {agents}
        each {{ concurrency {slots}; service mean {work.mean}ms, p99 {work.p99}ms }} }}
      {PROMISED} }}"""


@cases
def test_no_larger_share_is_late_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.sampled_from((Work(20, 60), Work(100, 200), Work(300, 1400))),
        st.integers(0, 12),
        st.integers(1, 12),
        st.integers(1, 6),
        st.integers(20, 92),
        st.integers(0, 10**6),
    )
    @example(Work(100, 300), 0, 10, 1, 85, 1)
    @example(Work(100, 300), 12, 10, 1, 85, 1)
    def check(work: Work, callers: int, agents: int, slots: int, busy: int, seed: int) -> None:
        rate = max(1, busy * agents * slots * 10 // work.mean)
        text = _text(rate, callers, agents, slots, work)
        found = findings(text)
        bounds = bounds_of(found)
        if not bounds:
            return

        def took(requests: int) -> list[float]:
            clock, chance = Clock(), random.Random(seed)
            stations = [Station(clock, chance, slots, work) for _ in range(agents)]
            proxies = _Proxies(clock, chance, stations, max(1, callers))
            return times(clock, chance, rate, requests, requests // 10, lambda: proxies)

        keeps(bounds, took, 8_000, text, factor=1.4, more=40)

    check()


@pytest.mark.parametrize("callers", [0, 12])
def test_what_one_shared_queue_would_keep_is_not_proved(callers: int) -> None:
    # Ten agents at 90 %: a p95 of 465 ms is a bound for one queue; 504 are seen behind one gateway, 862 behind twelve.
    text = _text(90, callers, 10, 1, Work(100, 300)).replace(PROMISED, "guarantee latency p95 < 480ms")
    assert findings(text)["latency/d/p95"].status is Status.UNKNOWN
