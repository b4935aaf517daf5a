"""Agents are killed, or calls delayed, in small fleets that are run request by request: nobody waits after the time
that was proved.

Requests come evenly and take constant times, for the model of a recovery is one of means.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Finding

from ..simulated import Clock, Station, Work
from ..specs import findings
from .trying import cases

_STRUCK_S = 20.0
_NOTICED_S = 1
"""A killed agent is started again after a second at the latest."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A pool that calls another one for each of its requests."""

    rate: int
    works: tuple[int, int]
    concurrency: tuple[int, int]
    busy: tuple[float, float]

    @property
    def agents(self) -> tuple[int, int]:
        front, back = self.works
        held = (front + back, back)
        first, second = (
            max(2, math.ceil(self.rate * held[index] / 1000 / self.busy[index] / self.concurrency[index]))
            for index in (0, 1)
        )
        return first, second

    def recovery(self, fault: str, startup: int) -> Finding:
        pools = "\n".join(
            f"pool p{index} {{ {'serves d { timeout 1h }; ' if index == 0 else ''}agents {self.agents[index]}; "
            f"each {{ concurrency {self.concurrency[index]}; service mean {self.works[index]}ms, "
            f"p99 {self.works[index]}ms; startup {startup}s }} }}"
            for index in (0, 1)
        )
        return findings(
            f"fleet f {{ demand d {{ steady {self.rate}/s }}\n{pools}\ncall p0 -> p1 {{ timeout 50m; retry 1 }}\n"
            f"guarantee recovery within 2h\ntrial t {{ duration 60s; {fault} }} }}"
        )["recovery"]

    def stations(self, clock: Clock, delayed: Callable[[], float] = lambda: 0.0) -> list[Station]:
        """With requests that come evenly, each `delayed` at the gateway."""
        found = [
            Station(clock, random.Random(0), agents * concurrency, Work(work, work))
            for agents, concurrency, work in zip(self.agents, self.concurrency, self.works, strict=True)
        ]
        found[0].calls = [(1, found[1])]

        def come() -> None:
            clock.after(delayed(), lambda: found[0].arrive(lambda: None))
            clock.after(1 / self.rate, come)

        come()
        return found


_WORKS = st.sampled_from((20, 50, 100))
_SLOTS = st.sampled_from((1, 2, 4, 8))
_BUSY = st.sampled_from((0.3, 0.5, 0.7, 0.85, 0.95))
_PAIRS = st.builds(
    _Pair,
    rate=st.sampled_from((20, 50, 100)),
    works=st.tuples(_WORKS, _WORKS),
    concurrency=st.tuples(_SLOTS, _SLOTS),
    busy=st.tuples(_BUSY, _BUSY),
)


def _agrees(pair: _Pair, finding: Finding, clock: Clock, stations: list[Station], twice_until: float = 0) -> None:
    """Until `twice_until` what was delayed comes beside what is not: two at a time, of which one may wait for the
    other, though there are slots for both in the mean."""
    if finding.bound is None:
        return
    bound = float(finding.bound)
    clock.run(_STRUCK_S + 3 * bound + 5)
    last = max(station.waited_until for station in stations) - _STRUCK_S
    # Requests are whole: one more or less is in hand.
    assert last <= max(bound, twice_until) + 2 * sum(pair.works) / 1000, (last, bound, pair)


@cases
def test_nobody_waits_any_more_when_a_kill_is_recovered_from(cases: int) -> None:
    @settings(max_examples=cases)
    @given(_PAIRS, st.integers(0, 1), st.sampled_from((0.25, 0.5, 0.75)), st.sampled_from((3, 10)))
    def check(pair: _Pair, struck: int, part: float, startup: int) -> None:
        dead = max(1, math.floor(part * pair.agents[struck]))
        finding = pair.recovery(f"kill {dead} agent{'s' if dead > 1 else ''} of p{struck} at 5s", startup)
        clock = Clock()
        stations = pair.stations(clock)
        station, gone = stations[struck], dead * pair.concurrency[struck]

        def kill() -> None:
            lost = math.ceil(station.busy * dead / pair.agents[struck])
            station.slots -= gone
            for _ in range(lost):
                # What an agent had in hand comes again, and is done where it was as well.
                station.arrive(lambda: None)

        def back() -> None:
            station.slots += gone
            station.admit()

        clock.after(_STRUCK_S, kill)
        clock.after(_STRUCK_S + _NOTICED_S + startup, back)
        _agrees(pair, finding, clock, stations)

    check()


@cases
def test_nobody_waits_any_more_when_a_delay_is_recovered_from(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_Pair(50, works=(20, 50), concurrency=(1, 1), busy=(0.3, 0.85)), 50, 2)
    @given(_PAIRS, st.sampled_from((10, 50, 200, 1_000)), st.sampled_from((2, 8)))
    def check(pair: _Pair, delay: int, lasts: int) -> None:
        finding = pair.recovery(f"delay p0 -> p1 {delay}ms at 5s for {lasts}s", startup=1)
        clock = Clock()
        stations = pair.stations(clock)

        def slow(by: float) -> None:
            stations[0].delay = by

        clock.after(_STRUCK_S, lambda: slow(delay / 1000))
        clock.after(_STRUCK_S + lasts, lambda: slow(0.0))
        _agrees(pair, finding, clock, stations, lasts + delay / 1000)

    check()


@cases
def test_nobody_waits_any_more_when_a_delay_at_the_gateway_is_recovered_from(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_Pair(20, works=(20, 50), concurrency=(1, 1), busy=(0.5, 0.3)), 200, 2)
    @given(_PAIRS, st.sampled_from((10, 50, 200, 1_000)), st.sampled_from((2, 8)))
    def check(pair: _Pair, delay: int, lasts: int) -> None:
        finding = pair.recovery(f"delay d -> p0 {delay}ms at 5s for {lasts}s", startup=1)
        clock = Clock()
        slow = [0.0]
        stations = pair.stations(clock, lambda: slow[0])

        def at_the_gateway(by: float) -> None:
            slow[0] = by

        clock.after(_STRUCK_S, lambda: at_the_gateway(delay / 1000))
        clock.after(_STRUCK_S + lasts, lambda: at_the_gateway(0.0))
        _agrees(pair, finding, clock, stations, lasts + delay / 1000)

    check()
