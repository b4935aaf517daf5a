"""Two pools in a storm of retries, one of which calls the other, run request by request: the first, with work without
end, does no less than was proved to be asked of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Station, Work
from ..specs import judged
from .trying import cases

pytestmark = pytest.mark.long

_REQUESTS = 5_000


@dataclass(frozen=True)
class _Pool:
    agents: int
    slots: int
    work: Work
    overhead: int = 0
    """Hundredths of its work that an agent loses for each other one."""

    @property
    def text(self) -> str:
        lost = f"value $1 per request; overhead {self.overhead}% per agent; " if self.overhead else ""
        times = f"service mean {self.work.mean}ms, p99 {self.work.p99}ms"
        return f"agents {self.agents}; {lost}each {{ concurrency {self.slots}; {times}; price $1/h }}"

    def station(self, clock: Clock, chance: random.Random) -> Station:
        longer = 100 + self.overhead * (self.agents - 1)
        work = Work(self.work.mean * longer // 100, self.work.p99 * longer // 100)
        return Station(clock, chance, self.agents * self.slots, work)


def _text(one: _Pool, two: _Pool, rate: int, retries: int, calls: int) -> str:
    return f"""fleet f {{
      demand d {{ steady {rate}/s }}
      survive a storm of retries
      pool one {{ serves d {{ timeout 1m; retry {retries} }}; {one.text} }}
      pool two {{ {two.text} }}
      call one -> two {calls} per request {{ timeout 20s }}
    }}"""


def _does(one: _Pool, two: _Pool, calls: int, chance: random.Random) -> float:
    """Requests per second of the first pool whose agents always have something to do."""
    clock = Clock()
    first, second = one.station(clock, chance), two.station(clock, chance)
    first.calls.append((calls, second))
    done = 0

    def again() -> None:
        nonlocal done
        done += 1
        first.arrive(again)

    for _ in range(2 * first.slots):
        first.arrive(again)
    while done < _REQUESTS:
        clock.run(clock.now + 1)
    return done / clock.now


_POOLS = st.builds(
    _Pool,
    agents=st.integers(1, 6),
    slots=st.integers(1, 3),
    work=st.sampled_from((Work(40, 60), Work(50, 200), Work(100, 450))),
    overhead=st.sampled_from((0, 0, 5, 20)),
)


@cases
def test_no_more_is_asked_for_in_a_storm_than_agents_do(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_Pool(2, 1, Work(100, 450)), _Pool(1, 1, Work(100, 450)), 0.9, 1, 1, 0)
    @example(_Pool(6, 1, Work(100, 450), overhead=20), _Pool(6, 3, Work(40, 60)), 0.9, 1, 1, 0)
    @given(_POOLS, _POOLS, st.floats(0.3, 1), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2**32))
    def check(one: _Pool, two: _Pool, part: float, retries: int, calls: int, seed: int) -> None:
        # As far as means without any waits go, so much of it.
        does = min(
            1000 * one.agents * one.slots / (one.work.mean + calls * two.work.mean),
            1000 * two.agents * two.slots / two.work.mean / calls,
        )
        rate = int(part * does / (1 + retries))
        if rate < 1:
            return
        text = _text(one, two, rate, retries, calls)
        found = judged(text)
        if all(found[f"storm/{name}"].status is Status.PROVED for name in ("one", "two")):
            assert _does(one, two, calls, random.Random(seed)) >= 0.95 * rate * (1 + retries), text

    check()
