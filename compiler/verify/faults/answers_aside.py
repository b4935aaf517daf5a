"""A tail probability and a demand or pool -> a time within which all but that share have an answer, without the agents
that callers put aside for being late.

Invariant: an upper bound, but for one moment in ten thousand, which is taken off the tail, in the models of
`put_aside` and of `Answers`: those agents are taken to be away all the time, and where there are none it is that of
`Answers`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from ...model import Pool
from ..flows.analysis import Analysis, Level
from ..flows.answers import Answers
from ..flows.late_tries import Late
from ..flows.occupancy import Occupied
from ..flows.tails import Tails, at_every_level
from ..words import counted
from .put_aside import RARE, Aside, Fewer, agents_aside, tails_without

_SELDOM = 8
"""Times, at the least, that the tail is as large as the time in which agents are aside."""
_NEXT_TO_NOTHING = 1e-12
"""Of a tail that is no larger than those moments: no bound that is of use."""


def answers_to(analysis: Analysis, start: str, tail: float) -> tuple[Tails, float]:
    """At the worst level from steady to peak: what gives the bound, and the tail that it is to be asked for."""
    aside = agents_aside(analysis, start)
    if not aside.agents:
        return analysis.answers(Level.BETWEEN), tail
    often = float(sum(aside.often.values(), Fraction(0)))
    if often <= tail / _SELDOM:
        # All that come meanwhile may be late: that costs little.
        return analysis.answers(Level.BETWEEN), tail - often
    return _left(analysis, start, aside), max(_NEXT_TO_NOTHING, tail - RARE)


def _left(analysis: Analysis, start: str, aside: Aside) -> Tails:
    return analysis.kept(f"answers to {start} without agents put aside", lambda: _without(analysis, start, aside))


def _without(analysis: Analysis, start: str, aside: Aside) -> Tails:
    fewer = Fewer(analysis, Level.BETWEEN, gone=aside.agents)
    return _Without(analysis, Level.BETWEEN, start=start, aside=aside, fewer=fewer)


def answered_at_every_level(analysis: Analysis, start: str, tail: Fraction) -> Fraction | str:
    """`at_every_level`, without those agents."""
    aside = agents_aside(analysis, start)
    if not aside.agents:
        return at_every_level(analysis.answers, start, tail)
    left = max(Fraction(_NEXT_TO_NOTHING), tail - Fraction(RARE))
    return at_every_level(lambda _: _left(analysis, start, aside), start, left)


def told_aside(analysis: Analysis, start: str) -> str:
    """Which agents those are, of the pool where they are most; "" where there are none."""
    agents = agents_aside(analysis, start).agents
    if not agents:
        return ""
    name = max(agents, key=lambda one: Fraction(agents[one], analysis.pool(one).agents_most.value))
    (call, *_) = [one for one in analysis.into(name) if one.policy.breaker is not None]
    return f"{call.name} takes agents for broken that are late, and may put {counted(agents[name], 'agent')} aside"


@dataclass(frozen=True)
class _Without(Answers):
    start: str = field(kw_only=True)
    aside: Aside = field(kw_only=True, repr=False)
    fewer: Fewer = field(kw_only=True, repr=False)

    def _state(self, pool: Pool) -> Occupied | str:
        return self.fewer.of(pool)

    @cached_property
    def _tries(self) -> Mapping[str, Late]:
        return ChainMap(dict(self.aside.late), dict(super()._tries))

    @cached_property
    def _goes_on(self) -> Tails:
        return tails_without(self.analysis, self.fewer)

    @property
    def _told(self) -> str:
        return f"what is left on the way from {self.start}"
