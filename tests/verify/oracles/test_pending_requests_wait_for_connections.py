"""A gateway lets so many requests wait for a connection, and refuses the others: hardly anybody is refused where
success was proved.

A proxy opens a connection for whoever finds none idle, which takes as long as an answer; who waits gets the first one
that is there. Requests come at random, times are constant.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, arrivals
from ..specs import judged
from .trying import cases

_TRIAL_S, _WORK_S = 60, 0.1


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    agents: int
    pending: int

    @property
    def text(self) -> str:
        return f"""fleet f {{
          demand d {{ steady {self.rate}/s }}
          pool z {{
            serves d {{ timeout 5s; limit {self.pending} pending }}
            agents {self.agents}; each {{ concurrency 4; service mean 100ms, p99 100ms }}
          }}
          guarantee success 1%
          trial t {{ duration {_TRIAL_S}s; abort 1% of d -> z at 50s for 1s }}
        }}"""

    def refused(self, seed: int) -> int:
        clock, chance = Clock(), random.Random(seed)
        waiting: deque[None] = deque()
        idle = refused = 0

        def free() -> None:
            nonlocal idle
            if waiting:
                waiting.popleft()
                clock.after(_WORK_S, free)
            else:
                idle += 1

        def come() -> None:
            nonlocal idle, refused
            if idle:
                idle -= 1
                clock.after(_WORK_S, free)
            elif len(waiting) < self.pending:
                waiting.append(None)
                clock.after(_WORK_S, free)
            else:
                refused += 1

        arrivals(clock, chance, lambda _: self.rate, self.rate, come)
        clock.run(_TRIAL_S)
        return refused


_FEW = _Fleet(rate=100, agents=10, pending=3)


@cases
def test_hardly_anybody_is_refused_where_success_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_FEW, 0)
    @given(
        st.builds(_Fleet, rate=st.sampled_from((10, 50, 100)), agents=st.integers(4, 12), pending=st.integers(1, 100)),
        st.integers(0, 2**32),
    )
    def check(fleet: _Fleet, seed: int) -> None:
        if judged(fleet.text)["success/d"].status is Status.PROVED:
            assert fleet.refused(seed) <= 1, fleet.text

    check()


def test_few_that_may_wait_for_a_connection_leave_success_unknown() -> None:
    found = judged(_FEW.text)["success/d"]
    assert found.status is Status.UNKNOWN and _FEW.refused(0) > 5
    assert "limit of 3 pending" in found.reason
    assert judged(_Fleet(rate=100, agents=10, pending=90).text)["success/d"].status is Status.PROVED
