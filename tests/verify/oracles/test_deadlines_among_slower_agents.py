"""Agents slow each other down, and tries leave little time to those after them: no timeout, drain or health check that
was proved is too short for more than one in a hundred of their requests, which are drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Work
from ..specs import judged
from .trying import cases

_DRAWN = 2_000


@dataclass(frozen=True, slots=True)
class _Fleet:
    agents: int
    overhead: int
    """Thousandths of its work that an agent loses for each other one."""
    limit: int
    """Milliseconds that a caller, a drain and a check have."""
    p99: int
    tries: int = 1
    part: int = 100
    """Per cent of the time of all tries that the call has."""

    @property
    def whole(self) -> int:
        return max(self.limit, (self.limit + 1) * self.tries * self.part // 100)

    @property
    def text(self) -> str:
        retry = f"try timeout {self.limit}ms; retry {self.tries - 1} {{ backoff 1ms up to 1ms }}"
        return f"""fleet f {{
          demand d {{ steady 1/s }}
          pool p {{
            serves d {{ timeout {self.whole}ms; {retry if self.tries > 1 else ""} }}
            agents {self.agents}; drain {self.limit}ms; value $1 per request
            overhead {self.overhead / 10:g}% per agent
            each {{ concurrency 4; service mean 100ms, p99 {self.p99}ms }}
            health every 2s {{ fails after 2; behind requests within {self.limit}ms }}
          }}
          pool x {{ agents 1; each {{ service mean 100ms, p99 900ms }} }}
          call x -> p
        }}"""

    def late(self, chance: random.Random, tries: int) -> float:
        longer, work = 1 + self.overhead / 1000 * (self.agents - 1), Work(100, self.p99)
        late = 0
        for _ in range(_DRAWN):
            begins = 0
            for _ in range(tries):
                left = min(self.limit, self.whole - begins) if tries > 1 else self.limit
                if work.draw(chance) * longer * 1000 <= left:
                    break
                begins += self.limit + 1
            else:
                late += 1
        return late / _DRAWN


@cases
def test_hardly_more_than_one_in_a_hundred_is_cut(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_Fleet(40, 50, 1_000, 800), 0)
    @example(_Fleet(1, 0, 200, 240, tries=2, part=60), 0)
    @given(
        st.builds(
            _Fleet,
            agents=st.integers(1, 60),
            overhead=st.sampled_from((1, 5, 20, 50)),
            limit=st.sampled_from((200, 400, 1_000, 3_000)),
            p99=st.sampled_from((150, 300, 800)),
            tries=st.integers(1, 3),
            part=st.sampled_from((40, 60, 80, 100)),
        ),
        st.integers(0, 2**32),
    )
    def check(fleet: _Fleet, seed: int) -> None:
        found, chance = judged(fleet.text), random.Random(seed)
        for id, tries in (("timeouts/d->p/cut", fleet.tries), ("drain/p", 1), ("health/p/busy", 1)):
            if id in found and found[id].status is Status.PROVED:
                assert fleet.late(chance, tries) <= 0.01 + 0.012, (id, fleet.text)

    check()
