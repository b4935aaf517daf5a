"""Pools whose agents have one skill each: every request goes to those that have its own, and any agents may be lost."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses

from ..simulated import Clock, Station, Work
from ..specs import findings, fleet_of
from .answered import PROMISED, bounds_of, keeps, times
from .trying import cases

PERCENTS = st.lists(st.integers(1, 30), min_size=1, max_size=3).map(lambda some: [*some, 100 - sum(some)])
WORKS = st.sampled_from((Work(20, 60), Work(100, 200), Work(300, 1500)))


def _skills(percents: list[int]) -> str:
    return "skills " + ", ".join(f"s{index} {percent}%" for index, percent in enumerate(percents))


@cases
def test_no_larger_share_is_late_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(PERCENTS, WORKS, st.integers(2, 12), st.integers(1, 3), st.integers(20, 95), st.integers(0, 10**6))
    @example([50, 50], Work(100, 200), 5, 1, 70, 1)
    def check(percents: list[int], work: Work, agents: int, slots: int, busy: int, seed: int) -> None:
        rate = max(1, busy * agents * slots * 10 // work.mean)
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d; agents {agents}; {_skills(percents)}
            each {{ concurrency {slots}; service mean {work.mean}ms, p99 {work.p99}ms }} }}
          {PROMISED} }}"""
        found = findings(text)
        bounds = bounds_of(found)
        if not bounds:
            return

        def took(requests: int) -> list[float]:
            clock, chance = Clock(), random.Random(seed)
            stations = [Station(clock, chance, agents * percent // 100 * slots, work) for percent in percents]
            return times(clock, chance, rate, requests, requests // 10, lambda: chance.choices(stations, percents)[0])

        keeps(bounds, took, 6_000, text, factor=1.3, more=15)

    check()


@cases
def test_whichever_agents_are_lost_the_others_cover_the_peak(cases: int) -> None:
    @settings(max_examples=cases)
    @given(PERCENTS, st.integers(2, 12), st.integers(1, 3), st.integers(1, 4), st.integers(1, 40))
    def check(percents: list[int], agents: int, slots: int, lost: int, rate: int) -> None:
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d; agents {agents}; {_skills(percents)}
            each {{ concurrency {slots}; service mean 100ms, p99 200ms }} }}
          survive loss of {lost} agents of p }}"""
        have = [agents * percent // 100 for percent in percents]
        idle = agents - sum(have)
        ways = (one for one in product(*(range(count + 1) for count in have)) if lost - idle <= sum(one) <= lost)
        held = Fraction(rate, 10)
        holds = agents >= lost and all(
            (count - gone) * slots > held * percent / 100
            for way in ways
            for count, gone, percent in zip(have, way, percents, strict=True)
        )
        assert holds or statuses(fleet_of(text))["loss/p"] is not Status.PROVED, text

    check()


@cases
def test_an_autoscaler_that_is_content_has_enough_of_every_skill(cases: int) -> None:
    @settings(max_examples=cases)
    @given(PERCENTS, st.integers(1, 4), st.integers(1, 8), st.integers(1, 2), st.integers(30, 95), st.integers(2, 60))
    @example([50, 50], 2, 8, 1, 90, 40)
    def check(percents: list[int], low: int, more: int, slots: int, target: int, rate: int) -> None:
        text = f"""fleet f {{ demand d {{ steady 1/s; peak {rate}/s }}
          pool p {{ serves d; agents {low}..{low + more}; {_skills(percents)}; scale on busy {target}%
            each {{ concurrency {slots}; service mean 100ms, p99 200ms }} }} }}"""
        found = statuses(fleet_of(text))
        held = Fraction(rate, 10)
        # The autoscaler sees the share of all slots that is busy, and leaves a tenth over its target alone.
        content = math.ceil(held / (Fraction(target, 100) * Fraction(11, 10) * slots))
        runs = min(max(content, low), low + more)
        for index, percent in enumerate(percents):
            enough = runs * percent // 100 * slots > held * percent / 100
            assert enough or found[f"skill/p/s{index}"] is not Status.PROVED, text

    check()
