"""Small fleets run request by request: no larger share is late, and no item waits longer, than was proved."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Answer, Clock, Station, Work, arrivals
from ..specs import findings
from .answered import keeps
from .trying import cases

_TAILS = {50: 0.5, 95: 0.05, 99: 0.01}


@dataclass(frozen=True, slots=True)
class _Pool:
    work: Work
    concurrency: int
    calls: Sequence[tuple[str, float]]
    """To later pools by their number, or to a dependency: (callee, times per request)."""


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    busy: float
    pools: Sequence[_Pool]
    answers: Sequence[Answer]

    @property
    def agents(self) -> list[int]:
        """So many of each pool that about that share of the slots is in use."""
        visits = [1.0] + [0.0] * (len(self.pools) - 1)
        for index, pool in enumerate(self.pools):
            for callee, times in pool.calls:
                if callee.startswith("pool"):
                    visits[int(callee[4:])] += visits[index] * times
        held: list[float] = [0.0] * len(self.pools)
        for index, pool in reversed(list(enumerate(self.pools))):
            held[index] = pool.work.mean / 1000 + sum(
                times * (1.3 * held[int(callee[4:])] if callee.startswith("pool") else self._mean(callee))
                for callee, times in pool.calls
            )
        return [
            max(1, math.ceil(self.rate * visits[index] * held[index] / self.busy / pool.concurrency))
            for index, pool in enumerate(self.pools)
        ]

    def _mean(self, callee: str) -> float:
        answer = self.answers[int(callee[3:])]
        return answer.p50 / 1000 * math.exp((math.log(answer.p99 / answer.p50) / 2.326) ** 2 / 2)

    @property
    def text(self) -> str:
        lines = [f"demand d {{ steady {self.rate}/s }}"]
        lines += [
            f"dependency dep{number} {{ latency p50 {one.p50}ms, p99 {one.p99}ms }}"
            for number, one in enumerate(self.answers)
        ]
        for number, (pool, agents) in enumerate(zip(self.pools, self.agents, strict=True)):
            each = f"concurrency {pool.concurrency}; service mean {pool.work.mean}ms, p99 {pool.work.p99}ms"
            serves = "serves d; " if number == 0 else ""
            lines.append(f"pool pool{number} {{ {serves}agents {agents}; each {{ {each} }} }}")
            lines += [f"call pool{number} -> {callee} {times} per request" for callee, times in pool.calls]
        lines.append("guarantee latency p50 < 1h, p95 < 1h, p99 < 1h")
        return "fleet f {\n" + "\n".join(lines) + "\n}"

    def run(self, requests: int, seed: int) -> list[float]:
        """How long the requests took, but for the first tenth."""
        clock, chance = Clock(), random.Random(seed)
        stations = [
            Station(clock, chance, agents * pool.concurrency, pool.work)
            for pool, agents in zip(self.pools, self.agents, strict=True)
        ]
        for pool, station in zip(self.pools, stations, strict=True):
            station.calls = [
                (times, stations[int(callee[4:])] if callee.startswith("pool") else self.answers[int(callee[3:])])
                for callee, times in pool.calls
            ]
        took: list[float] = []

        def come() -> None:
            came = clock.now
            stations[0].arrive(lambda: took.append(clock.now - came))

        arrivals(clock, chance, lambda _: self.rate, self.rate, come)
        clock.run(requests / self.rate)
        return took[requests // 10 :]


@st.composite
def works(draw: st.DrawFn) -> Work:
    mean = draw(st.sampled_from((20, 50, 100, 300)))
    return Work(mean, round(mean * draw(st.sampled_from((1.5, 2, 3, 5, 8, 14)))))


@st.composite
def fleets(draw: st.DrawFn) -> _Fleet:
    count = draw(st.integers(1, 3))
    answers = [Answer(p50, p50 * draw(st.sampled_from((2, 4, 8)))) for p50 in draw(st.sampled_from(((10,), (50, 100))))]
    pools = []
    for number in range(count):
        later = [f"pool{one}" for one in range(number + 1, count)]
        # The next pool is always called, so that each has something to do.
        calls = [(later[0], draw(st.sampled_from((0.5, 1, 1.5, 2))))] if later else []
        others = [*later[1:], *(f"dep{one}" for one in range(len(answers)))]
        calls += [(one, draw(st.sampled_from((0.5, 1, 2)))) for one in others if draw(st.booleans())]
        pools.append(_Pool(draw(works()), draw(st.sampled_from((1, 2, 4, 8))), calls))
    rate, busy = draw(st.sampled_from((2, 10, 40))), draw(st.sampled_from((0.3, 0.6, 0.8, 0.9)))
    return _Fleet(rate, busy, pools, answers)


@cases
def test_no_larger_share_is_late_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases // 2)
    @given(fleets(), st.integers(0, 10**6))
    def check(fleet: _Fleet, seed: int) -> None:
        found = findings(fleet.text)
        told = {tail: found[f"latency/d/p{percent}"].bound for percent, tail in _TAILS.items()}
        bounds = {tail: bound for tail, bound in told.items() if bound is not None}
        if bounds:
            keeps(bounds, lambda requests: fleet.run(requests, seed), 6_000, fleet.text, factor=1.3, more=15)

    check()


@cases
def test_no_item_waits_longer_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        works(),
        st.sampled_from((None, Answer(40, 150))),
        st.integers(1, 6),
        st.integers(1, 8),
        st.integers(1, 300),
        st.sampled_from((1.0, 1.1, 1.3, 2.0, 4.0)),
        st.integers(0, 10**6),
    )
    def check(
        work: Work, answer: Answer | None, agents: int, slots: int, holds: int, patience: float, seed: int
    ) -> None:
        mean = work.mean + (52 if answer is not None else 0)
        age = max(1, math.ceil(patience * holds * mean / (agents * slots)))
        behind = "" if answer is None else "dependency dep { latency p50 40ms, p99 150ms }\ncall p -> dep\n"
        text = (
            "fleet f {\ndemand d { steady 1/s }\n"
            f"pool p {{ serves d; agents {agents}; each {{ concurrency {slots}; service mean {work.mean}ms, "
            f"p99 {work.p99}ms }} }}\n{behind}"
            f"queue q {{ feeds p; holds at most {holds}; order arrival; age at most {age}ms }} }}"
        )
        if findings(text)["queue/q/age"].status is not Status.PROVED:
            return
        clock = Clock()
        station = Station(clock, random.Random(seed), agents * slots, work)
        station.calls = [] if answer is None else [(1, answer)]

        def full() -> None:
            # Whenever an item is taken another one comes.
            if len(station.waiting) < holds:
                station.arrive(full)
                clock.after(0, full)

        full()
        clock.run(20 * age / 1000)
        assert station.longest <= age / 1000, text

    check()
