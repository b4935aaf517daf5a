"""A gateway has a limit on what is under way, and a fault: no more fail, or are refused, than was proved."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock
from ..specs import findings
from ..struck import Agent, Proxy, Struck
from .trying import cases

_TRIAL_S, _AT_S, _WORK_S = 200, 20.0, 0.1


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    agents: int
    limit: int
    timeout: int
    delay: int
    """Milliseconds; 0 where agents are killed."""
    killed: int

    @property
    def text(self) -> str:
        delay = f"delay d -> z {self.delay}ms at {_AT_S:g}s for 60s"
        fault = delay if self.delay else f"kill {self.killed} agents of z at {_AT_S:g}s"
        return f"""fleet f {{
          demand d {{ steady {self.rate}/s }}
          pool z {{
            serves d {{ timeout {self.timeout}s; limit {self.limit} in flight; route round robin }}
            agents {self.agents}; each {{ concurrency 2; service mean 100ms, p99 100ms; startup 20s }}
          }}
          guarantee success 1%
          trial t {{ duration {_TRIAL_S}s; {fault} }}
        }}"""

    def failed(self) -> int:
        clock, chance = Clock(), random.Random(0)
        pool = Struck(clock, [Agent() for _ in range(self.agents)], 2, _WORK_S, 20.0)
        proxy = Proxy(clock, chance, pool, timeout=float(self.timeout))
        under_way, failed = 0, 0

        def answered(well: bool) -> None:
            nonlocal under_way, failed
            under_way -= 1
            failed += not well

        def come() -> None:
            nonlocal under_way, failed
            if under_way < self.limit:
                under_way += 1
                proxy.send(answered)
            else:
                failed += 1
            clock.after(1 / self.rate, come)

        def slow(by: float) -> None:
            proxy.delay = by

        come()
        if self.delay:
            clock.after(_AT_S, lambda: slow(self.delay / 1000))
            clock.after(_AT_S + 60, lambda: slow(0.0))
        else:
            clock.after(_AT_S, lambda: pool.kill(chance.sample(pool.agents, self.killed), listed=True))
        clock.run(_TRIAL_S)
        return failed


_DELAYED = _Fleet(rate=100, agents=20, limit=200, timeout=60, delay=4_000, killed=1)
"""410 are under way while calls are delayed, and only 200 may be."""


@cases
def test_no_more_fail_or_are_refused_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_DELAYED)
    @given(
        st.builds(
            _Fleet,
            rate=st.sampled_from((20, 50, 100)),
            agents=st.integers(6, 20),
            limit=st.sampled_from((5, 20, 60, 100, 250, 600)),
            timeout=st.sampled_from((1, 5, 60)),
            delay=st.sampled_from((0, 0, 50, 500, 2_000, 4_000)),
            killed=st.integers(1, 5),
        )
    )
    def check(fleet: _Fleet) -> None:
        said = findings(fleet.text)["success/d"]
        if said.status is Status.PROVED:
            assert said.bound is not None
            most = fleet.rate * _TRIAL_S * (1 - said.bound)
            # Who is struck is drawn.
            assert fleet.failed() <= most + 4 * most**0.5 + 3, (float(most), fleet.text)

    check()


def test_a_limit_that_a_delay_comes_to_leaves_success_unknown() -> None:
    found = findings(_DELAYED.text)
    assert found["limits/d->z"].status is Status.PROVED and _DELAYED.failed() > 1_000
    assert "may leave more than 200 of d -> z under way" in found["success/d"].reason
    # No more than 500 come until they are given up.
    enough = _DELAYED.text.replace("timeout 60s", "timeout 5s").replace("limit 200", "limit 700")
    assert findings(enough)["success/d"].status is Status.PROVED
    killed = _Fleet(rate=100, agents=20, limit=200, timeout=60, delay=0, killed=1)
    assert findings(killed.text)["success/d"].status is Status.PROVED
