"""Agents refuse above so many waiting, and their calls are delayed: hardly anybody is refused where success was
proved. Requests come at random, to an agent that is drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, arrivals
from ..specs import judged
from .trying import cases

_TRIAL_S, _AT_S, _LASTS_S, _WORK_S = 90, 10.0, 60, 0.03


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    agents: int
    pending: int
    delay: int

    @property
    def text(self) -> str:
        return f"""fleet f {{
          demand d {{ steady {self.rate}/s }}
          dependency db {{ latency p50 1ms, p99 1ms }}
          pool p {{
            serves d {{ timeout 1h; route random }}
            agents {self.agents}; push back above {self.pending} pending
            each {{ concurrency 1; service mean 30ms, p99 30ms }}
          }}
          call p -> db {{ timeout 1h }}
          guarantee success 1%
          trial t {{ duration {_TRIAL_S}s; delay p -> db {self.delay}ms at {_AT_S:g}s for {_LASTS_S}s }}
        }}"""

    def refused(self, seed: int) -> int:
        clock, chance = Clock(), random.Random(seed)
        in_hand, refused = [0] * self.agents, 0

        def work(agent: int) -> None:
            delayed = _AT_S <= clock.now < _AT_S + _LASTS_S
            clock.after(_WORK_S + 0.001 + (self.delay / 1000 if delayed else 0), lambda: done(agent))

        def done(agent: int) -> None:
            in_hand[agent] -= 1
            if in_hand[agent]:
                work(agent)

        def come() -> None:
            nonlocal refused
            agent = chance.randrange(self.agents)
            if in_hand[agent] > self.pending:
                refused += 1
                return
            in_hand[agent] += 1
            if in_hand[agent] == 1:
                work(agent)

        arrivals(clock, chance, lambda _: self.rate, self.rate, come)
        clock.run(_TRIAL_S)
        return refused


_BUSY = _Fleet(rate=100, agents=10, pending=20, delay=65)
"""A third of the slots is in use, and 96 % while calls are delayed."""


@cases
def test_hardly_anybody_is_refused_where_success_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_BUSY, 0)
    @given(
        st.builds(
            _Fleet,
            rate=st.sampled_from((20, 50, 100)),
            agents=st.integers(4, 12),
            pending=st.integers(1, 60),
            delay=st.sampled_from((1, 10, 40, 65, 200)),
        ),
        st.integers(0, 2**32),
    )
    def check(fleet: _Fleet, seed: int) -> None:
        if judged(fleet.text)["success/d"].status is Status.PROVED:
            assert fleet.refused(seed) <= 1, fleet.text

    check()


def test_agents_that_a_delay_makes_busy_leave_success_unknown() -> None:
    found = judged(_BUSY.text)["success/d"]
    assert found.status is Status.UNKNOWN and _BUSY.refused(0) > 20
    assert "busy, and how many are turned away where agents of p push back" in found.reason
    assert judged(_Fleet(rate=100, agents=20, pending=40, delay=10).text)["success/d"].status is Status.PROVED
