"""A tail probability and a demand or pool -> a time within which all but that share have an answer, without the agents
that callers put aside for being late.

Invariant: an upper bound, but for one moment in ten thousand, which is taken off the tail, in the models of
`put_aside` and of `Answers`: those agents are taken to be away all the time, and where there are none it is that of
`Answers`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ...model import Call, Pool
from ..words import counted
from .analysis import Analysis, Level
from .answers import Answers
from .even_tails import Stage
from .late_tries import Late
from .occupancy import Occupied
from .put_aside import RARE, PutAside, put_aside
from .tails import Tails, at_every_level

_SELDOM = 8
"""Times, at the least, that the tail is as large as the time in which agents are aside."""
_NEXT_TO_NOTHING = 1e-12
"""Of a tail that is no larger than those moments: no bound that is of use."""


def answers_to(analysis: Analysis, start: str, tail: float) -> tuple[Tails, float]:
    """At the worst level from steady to peak: what gives the bound, and the tail that it is to be asked for."""
    often = float(put_aside(analysis).often(start))
    if often <= tail / _SELDOM:
        # All that come meanwhile may be late: that costs little, and nothing where nobody is aside.
        return analysis.answers(Level.BETWEEN), tail - often
    return _left(analysis), max(_NEXT_TO_NOTHING, tail - RARE)


def answered_at_every_level(analysis: Analysis, start: str, tail: Fraction) -> Fraction | str:
    """`at_every_level`, without those agents."""
    if not put_aside(analysis).often(start):
        return at_every_level(analysis.answers, start, tail)
    left = max(Fraction(_NEXT_TO_NOTHING), tail - Fraction(RARE))
    return at_every_level(lambda _: _left(analysis), start, left)


def told_aside(analysis: Analysis, start: str) -> str:
    """Which agents those are, of the pool where they are most; "" where there are none."""
    found = put_aside(analysis).on_the_way(start)
    if not found:
        return ""
    name = max(found, key=lambda one: Fraction(found[one].agents, analysis.pool(one).agents_most.value))
    (call, *_) = [one for one in analysis.into(name) if one.policy.breaker is not None]
    return (
        f"{call.name} takes agents for broken that are late, and may put {counted(found[name].agents, 'agent')} aside"
    )


def _left(analysis: Analysis) -> Tails:
    return analysis.kept(
        "answers without agents put aside", lambda: _Left(analysis, Level.BETWEEN, aside=put_aside(analysis))
    )


@dataclass(frozen=True)
class _Left(Answers):
    aside: PutAside = field(kw_only=True, repr=False)

    def state(self, pool: Pool) -> Occupied | str:
        return self.aside.fewer.of(pool)

    def _stages_of(self, name: str) -> list[Stage] | str:
        origin = self.aside.storm(name)
        if origin:
            return (
                f"all calls of {origin} may be late, those that are made again load its agents and others, and how "
                f"long requests wait at {name} is not known"
            )
        return super()._stages_of(name)

    def _late_tries(self, call: Call) -> Late:
        return self.aside.late(call)

    @property
    def _goes_on(self) -> Tails:
        return self.aside.tails

    @property
    def _told(self) -> str:
        return "those that are left"
