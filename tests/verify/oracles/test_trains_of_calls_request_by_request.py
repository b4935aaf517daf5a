"""Requests that call the same agents several times, one call after the other, beside others that call them once: no
larger share of either is late than was proved."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..simulated import Clock, Station, Work, arrivals
from ..specs import findings
from .answered import too_late
from .trying import cases

_TAILS = {50: 0.5, 95: 0.05, 99: 0.01}
_FRONT = Work(1, 1)


@dataclass(frozen=True, slots=True)
class _Fleet:
    work: Work
    slots: int
    agents: int
    busy: int
    """Per cent of the slots."""
    times: float
    """Calls of each request of the first demand; those of the second make one."""
    part: int
    """Per cent of the calls that the first demand's requests make."""

    @property
    def rates(self) -> tuple[int, int]:
        calls = self.busy * self.agents * self.slots * 10 / self.work.mean
        return max(1, int(calls * self.part / 100 / self.times)), max(1, int(calls * (100 - self.part) / 100))

    @property
    def text(self) -> str:
        front = f"agents 1; each {{ concurrency 50000; service mean {_FRONT.mean}ms, p99 {_FRONT.p99}ms }}"
        return f"""fleet f {{
          demand a {{ steady {self.rates[0]}/s }}
          demand b {{ steady {self.rates[1]}/s }}
          pool twice {{ serves a; {front} }}
          pool once {{ serves b; {front} }}
          pool z {{ agents {self.agents}; each {{
            concurrency {self.slots}; service mean {self.work.mean}ms, p99 {self.work.p99}ms }} }}
          call twice -> z {self.times:g} per request
          call once -> z
          guarantee latency p50 < 1h, p95 < 1h, p99 < 1h }}"""


class _Proxy:
    """Takes the less loaded of two agents, by what it has sent them itself."""

    def __init__(self, chance: random.Random, agents: list[Station]) -> None:
        self._chance, self._agents, self._sent = chance, agents, [0] * len(agents)

    def arrive(self, done: Callable[[], None]) -> None:
        sees = self._sent
        agent = min((self._chance.randrange(len(sees)) for _ in range(2)), key=sees.__getitem__)
        sees[agent] += 1

        def answered() -> None:
            sees[agent] -= 1
            done()

        self._agents[agent].arrive(answered)


def _took(fleet: _Fleet, seed: int, requests: int) -> tuple[list[float], list[float]]:
    clock, chance = Clock(), random.Random(seed)
    agents = [Station(clock, chance, fleet.slots, fleet.work) for _ in range(fleet.agents)]
    took: tuple[list[float], list[float]] = ([], [])
    for rate, times, into in zip(fleet.rates, (fleet.times, 1.0), took, strict=True):
        front = Station(clock, chance, 50_000, _FRONT, [(times, _Proxy(chance, agents))])  # type: ignore[list-item]

        def come(front: Station = front, into: list[float] = into) -> None:
            came = clock.now
            front.arrive(lambda: into.append(clock.now - came))

        arrivals(clock, chance, lambda _, rate=rate: rate, rate, come)  # type: ignore[misc]
    clock.run(requests / sum(fleet.rates))
    return took


@cases
def test_no_larger_share_is_late_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.builds(
            _Fleet,
            work=st.sampled_from((Work(100, 100), Work(100, 120), Work(100, 300))),
            slots=st.integers(1, 4),
            agents=st.integers(1, 5),
            busy=st.integers(30, 85),
            times=st.sampled_from((1.0, 1.5, 2.0, 2.5, 5.0)),
            part=st.integers(10, 90),
        ),
        st.integers(0, 10**6),
    )
    @example(_Fleet(Work(100, 100), 1, 1, 80, 2.5, 70), 1)
    def check(fleet: _Fleet, seed: int) -> None:
        found, bounds = findings(fleet.text), []
        for demand in "ab":
            told = {tail: found[f"latency/{demand}/p{percent}"].bound for percent, tail in _TAILS.items()}
            bounds.append({tail: bound for tail, bound in told.items() if bound is not None})

        def seen(requests: int) -> list[tuple[Mapping[float, Fraction], list[float]]]:
            return [
                (one, took[len(took) // 10 :]) for one, took in zip(bounds, _took(fleet, seed, requests), strict=True)
            ]

        # Before one slot that is hardly free some thousand requests are no measure.
        if any(too_late(one, took, factor=1.4, more=40) is not None for one, took in seen(12_000)):
            for one, took in seen(400_000):
                assert too_late(one, took, factor=1.4, more=40) is None, fleet.text

    check()


def test_a_train_waits_longer_than_as_many_that_come_apart() -> None:
    # 8 in 100 of those that make one call take longer than the p95 that would be proved of calls that come apart.
    fleet = _Fleet(Work(100, 100), 1, 1, 80, 5.0, 70)
    apart = fleet.text.replace("5 per request", "1 per request").replace(
        f"demand a {{ steady {fleet.rates[0]}/s }}", f"demand a {{ steady {5 * fleet.rates[0]}/s }}"
    )
    bounds = [findings(text)["latency/b/p95"].bound for text in (apart, fleet.text)]
    took = _took(fleet, 1, 60_000)[1]
    late = [sum(one > bound for one in took) / len(took) for bound in bounds if bound is not None]
    assert late[0] > 0.07 and late[1] < 0.05
