"""A queue that holds only so many, and a delay behind its agents: no more are turned away than was proved to fail."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Station, Work
from ..specs import findings
from .trying import cases

_TRIAL_S, _AT_S = 200, 20.0


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    agents: int
    holds: int
    delay: int
    lasts: int

    @property
    def text(self) -> str:
        return f"""fleet f {{
          demand d {{ steady {self.rate}/s }}
          pool x {{
            serves d {{ timeout 1h }}; agents {self.agents}
            each {{ concurrency 2; service mean 10ms, p99 10ms }}
          }}
          pool z {{ agents 40; each {{ concurrency 2; service mean 100ms, p99 100ms }} }}
          call x -> z {{ timeout 1h }}
          queue q {{ feeds x; holds at most {self.holds} }}
          guarantee success 1%
          trial t {{ duration {_TRIAL_S}s; delay x -> z {self.delay}ms at {_AT_S:g}s for {self.lasts}s }}
        }}"""

    def turned_away(self) -> int:
        clock, chance, refused = Clock(), random.Random(0), 0
        back = Station(clock, chance, 80, Work(100, 100))
        front = Station(clock, chance, 2 * self.agents, Work(10, 10), calls=[(1, back)])

        def come() -> None:
            nonlocal refused
            if len(front.waiting) < self.holds:
                front.arrive(lambda: None)
            else:
                refused += 1
            clock.after(1 / self.rate, come)

        def slow(by: float) -> None:
            front.delay = by

        come()
        clock.after(_AT_S, lambda: slow(self.delay / 1000))
        clock.after(_AT_S + self.lasts, lambda: slow(0.0))
        clock.run(_TRIAL_S)
        return refused


_FULL = _Fleet(rate=100, agents=20, holds=50, delay=2_000, lasts=60)


@cases
def test_no_more_are_turned_away_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_FULL)
    @given(
        st.builds(
            _Fleet,
            rate=st.sampled_from((20, 50, 100)),
            agents=st.integers(8, 30),
            holds=st.sampled_from((10, 100, 1_000, 10_000, 100_000)),
            delay=st.sampled_from((10, 100, 500, 2_000)),
            lasts=st.sampled_from((2, 20, 60)),
        )
    )
    def check(fleet: _Fleet) -> None:
        said = findings(fleet.text)["success/d"]
        if said.status is Status.PROVED:
            assert said.bound is not None
            assert fleet.turned_away() <= fleet.rate * _TRIAL_S * (1 - said.bound) + 1, fleet.text

    check()


def test_a_queue_that_a_delay_fills_leaves_success_unknown() -> None:
    assert _FULL.turned_away() > 1_000
    assert "where q is full is not worked out" in findings(_FULL.text)["success/d"].reason
    assert findings(_FULL.text.replace("most 50", "most 50_000"))["success/d"].status is Status.PROVED
    assert findings(_FULL.text.replace("2000ms", "10ms"))["success/d"].status is Status.PROVED
