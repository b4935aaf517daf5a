"""Pools whose agents lose a share of their work to each other one, request by request: what is proved holds for what
they do together, as their worth has it."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Station, Work
from ..specs import findings
from .answered import PROMISED, bounds_of, keeps, times
from .trying import cases

pytestmark = pytest.mark.long


@cases
def test_no_more_comes_and_nobody_is_later_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.sampled_from((Work(20, 60), Work(100, 200), Work(300, 900))),
        st.integers(1, 20),
        st.integers(1, 3),
        st.sampled_from((0, 1, 5, 10, 30)),
        st.sampled_from((0, 1)),
        st.integers(10, 90),
        st.integers(0, 10**6),
    )
    @example(Work(100, 200), 20, 1, 10, 0, 45, 1)
    def check(work: Work, agents: int, slots: int, each: int, pair: int, busy: int, seed: int) -> None:
        rate = max(1, busy * agents * slots * 10 // work.mean)
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d; agents {agents}; value $1 per request; overhead {each}% per agent, {pair}% per pair
            each {{ concurrency {slots}; service mean {work.mean}ms, p99 {work.p99}ms; price $1/h }} }}
          {PROMISED} }}"""
        found = findings(text)
        others = agents - 1
        longer = 1 + each / 100 * others + pair / 100 * agents * others
        together = agents * slots * 1000 / work.mean / longer
        assert together > rate or found["capacity/p/peak"].status is not Status.PROVED, text
        bounds = bounds_of(found)
        if not bounds:
            return

        def took(requests: int) -> list[float]:
            clock, chance = Clock(), random.Random(seed)
            each = Work(round(work.mean * longer), round(work.p99 * longer))
            station = Station(clock, chance, agents * slots, each)
            return times(clock, chance, rate, requests, requests // 10, lambda: station)

        keeps(bounds, took, 6_000, text, factor=1.4, more=40)

    check()
