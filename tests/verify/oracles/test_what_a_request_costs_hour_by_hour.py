"""What a fleet of fixed pools costs for each request, hour by hour over a month, on courses that its demands may take.

A peak that states how long it lasts comes as often as it says, and a month begins at any hour of that; another one
lasts always, or never comes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from .trying import agrees, cases, judged

_HOURS = 730


@dataclass(frozen=True, slots=True)
class _Demand:
    steady: int
    more: int
    lasts: int
    """Hours of each turn; 0 where nothing is said of it."""
    days: int = 1

    @property
    def text(self) -> str:
        spell = f" for {self.lasts}h every {self.days}d" if self.lasts else ""
        return (
            f"steady {self.steady}/s; peak {self.steady + self.more}/s{spell}"
            if self.more
            else f"steady {self.steady}/s"
        )

    def courses(self) -> list[int]:
        """Requests of a month: hour by hour, at one course after the other."""
        if not self.more:
            return [self.steady * 3600 * _HOURS]
        turn = 24 * self.days
        counts = (
            {sum((begin + hour) % turn < self.lasts for hour in range(_HOURS)) for begin in range(turn)}
            if self.lasts
            else {0, _HOURS}
        )
        return [3600 * (self.steady * _HOURS + self.more * high) for high in counts]


@dataclass(frozen=True, slots=True)
class _Fleet:
    demands: tuple[_Demand, ...]
    agents: int
    cents: int
    """An hour, of each agent."""
    tokens: int
    limit: int
    """Millionths of a dollar that a request may cost."""

    @property
    def text(self) -> str:
        text = "fleet f { dependency m { latency p50 2ms, p99 9ms; price $1 / 1M tokens }\n"
        for at, demand in enumerate(self.demands):
            text += (
                f"demand d{at} {{ {demand.text} }}; pool p{at} {{ serves d{at}; agents {self.agents}\n"
                f"each {{ price ${self.cents / 100:.2f}/h; concurrency 64; service mean 9ms, p99 30ms }} }}\n"
                f"call p{at} -> m {{ tokens {self.tokens} }}\n"
            )
        return text + f"guarantee cost per request < ${self.limit / 10**6:.6f} }}"

    def holds(self) -> bool:
        agents = Fraction(self.cents, 100) * self.agents * _HOURS * len(self.demands)
        return all(
            (agents + Fraction(self.tokens * sum(requests), 10**6)) / sum(requests) < Fraction(self.limit, 10**6)
            for requests in itertools.product(*(one.courses() for one in self.demands))
        )


@cases
def test_a_request_costs_no_more_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    # At the peak a request is cheap; ten times fewer cost ten times as much each.
    @example(_Fleet((_Demand(1, 9, 0),), 10, 10, 1, 60))
    # A peak of a day in a year: all other months have a tenth of the requests.
    @example(_Fleet((_Demand(1, 500, 24, 365),), 10, 10, 1, 200))
    @given(
        st.builds(
            _Fleet,
            demands=st.lists(
                st.builds(
                    _Demand,
                    st.integers(1, 20),
                    st.sampled_from((0, 5, 50)),
                    st.sampled_from((0, 1, 8)),
                    st.sampled_from((1, 7, 28, 31, 90)),
                ),
                min_size=1,
                max_size=2,
            ).map(tuple),
            agents=st.integers(1, 40),
            cents=st.integers(1, 40),
            tokens=st.integers(1, 200),
            limit=st.sampled_from((1, 10, 60, 200, 1_000, 5_000)),
        )
    )
    def check(fleet: _Fleet) -> None:
        agrees(judged(fleet.text, "unit-cost"), fleet.holds(), fleet.text)

    check()
