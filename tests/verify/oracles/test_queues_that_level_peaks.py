"""Peaks that a queue levels, second by second: what waits, from peak to peak, of what agents work off all the time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged


@dataclass(frozen=True)
class Wave:
    steady: int
    more: int
    lasts: int
    pause: int
    slope: int
    """Requests a second more in each second; 0: at once."""

    @property
    def climb(self) -> int:
        return self.more // self.slope if self.slope else 0

    @property
    def every(self) -> int:
        return self.lasts + self.climb + self.pause


WAVES = st.builds(
    Wave, st.integers(1, 8), st.integers(1, 30), st.integers(10, 200), st.integers(1, 600), st.integers(0, 1)
)


def _waiting(wave: Wave, works_off: Fraction, waves: int) -> list[Fraction]:
    """What waits at the most in each wave, of which none ends before what it may."""
    waiting, found = Fraction(0), []
    for _ in range(waves):
        most = Fraction(0)
        for second in range(wave.every):
            rate = Fraction(wave.steady)
            if second < wave.climb:
                rate += Fraction(wave.slope * (2 * second + 1), 2)
            elif second < wave.climb + wave.lasts:
                rate += wave.more
            waiting = max(Fraction(0), waiting + rate - works_off)
            most = max(most, waiting)
        found.append(most)
    return found


@cases
def test_a_queue_levels_no_more_than_it_holds_and_agents_work_off(cases: int) -> None:
    @settings(max_examples=cases)
    @given(WAVES, st.integers(1, 30), st.integers(1, 4000))
    def check(wave: Wave, agents: int, holds: int) -> None:
        slope = f"; rises at most {wave.slope}/s per 1s" if wave.slope else ""
        text = (
            f"fleet f {{ demand d {{ steady {wave.steady}/s; peak {wave.steady + wave.more}/s for {wave.lasts}s "
            f"every {wave.every}s{slope} }}\n"
            f"pool p {{ serves d; agents {agents}; each {{ concurrency 1; service mean 1s, p99 3s }} }}\n"
            f"queue q {{ feeds p; holds at most {holds} }} }}"
        )
        status, found = judged(text, "capacity/p/peak"), _waiting(wave, Fraction(agents), 4)
        keeps_up = max(found) <= holds and found[-1] <= found[0]
        assert status is not Status.PROVED or keeps_up, text
        # At once, and from nothing, it is as little as it may be; all agents busy all the time is too much as well.
        if status is Status.REFUTED:
            sudden = Wave(wave.steady, wave.more, wave.lasts, wave.climb + wave.pause, 0)
            quickest = _waiting(sudden, Fraction(agents), 4)
            busy = wave.steady * wave.every + wave.more * wave.lasts >= agents * wave.every
            assert busy or max(quickest) > holds, text

    check()


@cases
def test_agents_that_are_left_work_off_a_peak_until_the_next_and_ask_for_no_more_than_they_turn_over(
    cases: int,
) -> None:
    seen = set()

    @settings(max_examples=12 * cases)
    @given(WAVES, st.integers(2, 30), st.integers(1, 29), st.integers(1, 4000), st.integers(1, 60))
    def check(wave: Wave, agents: int, lost: int, holds: int, limit: int) -> None:
        left = agents - min(lost, agents - 1)
        text = (
            f"fleet f {{ demand d {{ steady {wave.steady}/s; peak {wave.steady + wave.more}/s for {wave.lasts}s "
            f"every {wave.lasts + wave.pause}s }}\n"
            f"dependency x {{ limit {limit} requests/s; latency p50 1us, p99 1us }}\n"
            f"pool p {{ serves d; agents {agents}; each {{ concurrency 1; service mean 1s, p99 1s }} }}\n"
            f"queue q {{ feeds p; holds at most {holds} }}\ncall p -> x\n"
            f"survive loss of {agents - left} agent{'s' * (agents - left > 1)} of p }}"
        )
        sudden = Wave(wave.steady, wave.more, wave.lasts, wave.pause, 0)
        found = _waiting(sudden, Fraction(left), 4)
        kept = max(found) <= holds and found[-1] <= found[0]
        status = judged(text, "loss/p")
        assert status is not Status.PROVED or kept, text
        busy = wave.steady * sudden.every + wave.more * wave.lasts >= left * sudden.every * Fraction(999_999, 10**6)
        assert status is not Status.REFUTED or busy, text
        # What agents turn over is the most that they ask for, and what comes where that is less.
        asked = min(agents, wave.steady + wave.more)
        rate = judged(text, "rate/x")
        assert rate is not Status.PROVED or asked <= limit, text
        # More than all can do always is refuted of the pool, and told of what it calls.
        assert rate is not Status.REFUTED or asked > limit or wave.steady >= agents, text
        seen.update({("loss", status), ("rate", rate)})

    check()
    assert {(of, is_) for of in ("loss", "rate") for is_ in (Status.PROVED, Status.REFUTED)} <= seen


@cases
def test_a_quota_is_asked_for_what_agents_take_on_in_its_period(cases: int) -> None:
    seen = set()

    @settings(max_examples=12 * cases)
    @given(WAVES, st.integers(1, 30), st.sampled_from([1, 60, 3600]), st.integers(1, 40), st.integers(50, 150))
    def check(wave: Wave, agents: int, period: int, holds: int, percent: int) -> None:
        asked = _most_in(period, _taken_on(wave, agents, 4 * wave.every + period))
        quota = max(1, math.floor(asked * percent / 100))
        per = {1: "s", 60: "min", 3600: "h"}[period]
        slope = f"; rises at most {wave.slope}/s per 1s" if wave.slope else ""
        text = (
            f"fleet f {{ demand d {{ steady {wave.steady}/s; peak {wave.steady + wave.more}/s for {wave.lasts}s "
            f"every {wave.every}s{slope} }}\n"
            "dependency x { limit 1M requests/s; latency p50 1us, p99 1us }\n"
            f"pool p {{ serves d; agents {agents}; each {{ concurrency 1; service mean 1s, p99 1s }} }}\n"
            f"queue q {{ feeds p; holds at most {100 * holds} }}\ncall p -> x\n"
            f"quota requests {quota}/{per} of x {{ tenant t {{ weight 1 }} }} }}"
        )
        status = judged(text, "quota/requests-of-x/peak")
        assert status is not Status.PROVED or asked <= quota, text
        # More than all can do always is refuted of the pool, and told of what it calls.
        keeps_up = wave.steady * wave.every + wave.more * (wave.lasts + wave.climb) < agents * wave.every
        assert status is not Status.REFUTED or asked > quota or not keeps_up, text
        seen.add(status)

    check()
    assert seen == set(Status)


def _taken_on(wave: Wave, agents: int, seconds: int) -> list[Fraction]:
    """Requests that agents take on in each second, peak after peak."""
    waiting, found = Fraction(0), []
    for second in range(seconds):
        now, rate = second % wave.every, Fraction(wave.steady)
        if now < wave.climb:
            rate += Fraction(wave.slope * (2 * now + 1), 2)
        elif now < wave.climb + wave.lasts:
            rate += wave.more
        taken = min(waiting + rate, Fraction(agents))
        waiting += rate - taken
        found.append(taken)
    return found


def _most_in(period: int, taken: list[Fraction]) -> Fraction:
    sums = [Fraction(0), *accumulate(taken)]
    return max(sums[at + period] - sums[at] for at in range(len(taken) - period + 1))


def _left(wave: Wave, agents: int, behind: int, waves: int) -> list[int]:
    """What waits as each wave ends. Each of the agents has one request, works on it for a second and waits until one of
    those behind has done the same."""
    waiting = working = calls = 0
    found = []
    for _ in range(waves):
        for second in range(wave.every):
            waiting += wave.steady + (wave.more if second < wave.lasts else 0)
            calls, working = calls + working - min(calls, behind), 0
            working = min(waiting, agents - calls)
            waiting -= working
        found.append(waiting)
    return found


@cases
def test_those_behind_a_queue_need_do_no_more_than_comes_from_peak_to_peak(cases: int) -> None:
    seen = set()

    @settings(max_examples=12 * cases)
    @given(WAVES, st.integers(1, 40), st.integers(1, 30))
    def check(drawn: Wave, agents: int, behind: int) -> None:
        wave = Wave(drawn.steady, drawn.more, drawn.lasts, drawn.pause, 0)
        each = "each { concurrency 1; service mean 1s, p99 1s }"
        text = (
            f"fleet f {{ demand d {{ steady {wave.steady}/s; peak {wave.steady + wave.more}/s for {wave.lasts}s "
            f"every {wave.every}s }}\n"
            f"pool p {{ serves d; agents {agents}; {each} }}\npool b {{ agents {behind}; {each} }}\n"
            "queue q { feeds p; alert above 9 }\ncall p -> b\nsurvive a storm of retries }"
        )
        left = _left(wave, agents, behind, 6)
        mean = wave.steady * wave.every + wave.more * wave.lasts
        p, b = judged(text, "capacity/p/peak"), judged(text, "capacity/b/peak")
        assert {p, b} != {Status.PROVED} or left[-1] <= left[0], text
        assert b is not Status.REFUTED or mean >= behind * wave.every, text
        storm = judged(text, "storm/b")
        assert storm is not Status.REFUTED or mean >= behind * wave.every, text
        if behind >= agents:
            assert b is not Status.UNKNOWN, text
        seen.update({("b", b), ("storm", storm)})

    check()
    assert {("b", status) for status in Status} | {("storm", status) for status in Status} <= seen
