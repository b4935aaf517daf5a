"""A queue levels peaks before agents that call others, which alone could not do a peak: what waits is gone in time."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Station, Work
from .trying import cases, judged

_WAVES = 4


@dataclass(frozen=True, slots=True)
class _Fleet:
    peak: int
    lasts: int
    pause: int
    agents: int
    behind: int
    calls: int

    @property
    def every(self) -> int:
        return self.lasts + self.pause

    @property
    def text(self) -> str:
        return f"""fleet f {{
          demand d {{ steady 1/s; peak {self.peak}/s for {self.lasts}s every {self.every}s }}
          pool x {{ serves d; agents {self.agents}; each {{ concurrency 1; service mean 200ms, p99 200ms }} }}
          pool y {{ agents {self.behind}; each {{ concurrency 1; service mean 300ms, p99 300ms }} }}
          queue q {{ feeds x }}
          call x -> y {self.calls} per request
        }}"""

    def waiting(self) -> list[int]:
        """Requests that wait as each wave ends and the next one is about to begin."""
        clock, chance = Clock(), random.Random(0)
        back = Station(clock, chance, self.behind, Work(300, 300))
        front = Station(clock, chance, self.agents, Work(200, 200), calls=[(self.calls, back)])
        found: list[int] = []

        def come() -> None:
            front.arrive(lambda: None)
            clock.after(1 / (self.peak if clock.now % self.every < self.lasts else 1), come)

        come()
        for wave in range(1, _WAVES + 1):
            clock.run(wave * self.every - 0.5)
            found.append(len(front.waiting))
        return found


_SMALL_BEHIND = _Fleet(peak=40, lasts=60, pause=540, agents=10, behind=16, calls=1)


@cases
def test_what_waits_after_a_peak_is_worked_off_before_the_next(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_SMALL_BEHIND)
    @given(
        st.builds(
            _Fleet,
            peak=st.integers(2, 60),
            lasts=st.integers(5, 60),
            pause=st.integers(5, 400),
            agents=st.integers(1, 20),
            behind=st.integers(1, 40),
            calls=st.integers(1, 3),
        )
    )
    def check(fleet: _Fleet) -> None:
        status = judged(fleet.text, "capacity/x/peak")
        if status is Status.UNKNOWN:
            return
        waiting = fleet.waiting()
        # Items are whole, and one may have come just now.
        kept = waiting[-1] <= waiting[0] + 1
        assert kept if status is Status.PROVED else waiting[-1] > 0, (waiting, fleet.text)

    check()


def test_agents_that_have_slots_for_all_who_call_need_not_do_the_peak() -> None:
    assert judged(_SMALL_BEHIND.text, "capacity/x/peak") is Status.PROVED
    # During an update more than ten call.
    few = _SMALL_BEHIND.text.replace("agents 16", "agents 12")
    assert judged(few, "capacity/x/peak") is Status.UNKNOWN
