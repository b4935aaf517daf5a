"""A step of degradation carries what it says only where its slots, skill by skill and among all that slow each other
down, are more than what is in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from .trying import agrees, cases, judged

_SKILLS = ((), (50, 50), (60, 30, 10))


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    agents: int
    slots: int
    usual: int
    quick: int
    """Milliseconds of a request, before and in the step."""
    carries: int
    skills: tuple[int, ...]
    overhead: int
    """Thousandths of its work that an agent loses for each other one."""

    @property
    def text(self) -> str:
        skills = ", ".join(f"s{at} {part}%" for at, part in enumerate(self.skills))
        return f"""fleet f {{
          demand d {{ steady {self.rate}/s }}
          pool p {{
            serves d; agents {self.agents}
            each {{ concurrency {self.slots}; service mean {self.usual}ms, p99 {3 * self.usual}ms }}
            {f"skills {skills}" if skills else ""}
            {f"value $1 per request; overhead {self.overhead / 10:g}% per agent" if self.overhead else ""}
            degrade to "less" above 90% busy {{
              service mean {self.quick}ms, p99 {3 * self.quick}ms; without calls; carries x{self.carries}
            }}
          }}
        }}"""

    def carried(self) -> bool:
        slower = 1 + Fraction(self.overhead, 1000) * (self.agents - 1)
        in_hand = self.rate * self.carries * Fraction(self.quick, 1000) * slower
        parts = [Fraction(part, 100) for part in self.skills] or [Fraction(1)]
        enough = all(in_hand * part < math.floor(self.agents * part) * self.slots for part in parts)
        return self.quick < self.usual and enough


@cases
def test_a_step_carries_what_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    # Four agents of nine have the one skill, and half of the requests want it.
    @example(_Fleet(40, 9, 1, 100, 50, 4, (50, 50), 0))
    @example(_Fleet(40, 30, 1, 100, 50, 10, (), 20))
    @given(
        st.builds(
            _Fleet,
            rate=st.sampled_from((10, 40, 100)),
            agents=st.integers(1, 30),
            slots=st.integers(1, 3),
            usual=st.sampled_from((50, 100, 200)),
            quick=st.sampled_from((5, 20, 50, 100)),
            carries=st.integers(2, 10),
            skills=st.sampled_from(_SKILLS),
            overhead=st.sampled_from((0, 0, 1, 20)),
        )
    )
    def check(fleet: _Fleet) -> None:
        open_ = bool(fleet.skills or fleet.overhead)
        agrees(judged(fleet.text, "degrade/p/1"), fleet.carried(), fleet.text, open=open_)

    check()
