"""A tail probability and a demand -> a time within which all but that share of its requests have an answer.

Invariant: who is given up has none, however soon its caller goes on (docs/adr/0003). So a call that a deadline may end
counts with this time, and the share of it that is later than that is taken off the tail that the stages may use up.
Or, coarser, the share of all tries that may fail for being late is, and the rest of the tail is one of `tails`.

Limits: as of `tails`; where late tries add to the load waits are those of `crowded`, if they are known, and a try that
is made again is not counted as saved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ...model import Call, Pool
from ..words import seconds, share
from .crowded import Crowd, crowd, state_in
from .deadlines import Ends
from .even_tails import Stage
from .late_tries import MORE_TIME, Late
from .occupancy import Occupied
from .tails import Bound, Tails, repeats, share_later_than


@dataclass(frozen=True)
class Answers(Tails):
    def _stages_of(self, name: str) -> list[Stage] | str:
        found = super()._stages_of(name)
        return found if isinstance(found, str) else self._crowd.unknown.get(name) or found

    def state(self, pool: Pool) -> Occupied | str:
        crowded = None if pool.name in self._crowd.unknown else state_in(self._crowd.occupancy, pool)
        return crowded or super().state(pool)

    def roughly(self, start: str, tail: float) -> float:
        left = tail - self._lost(start)
        quick = self._goes_on.roughly(start, left) if left > 0 else math.inf
        return quick if left >= tail / 2 and math.isfinite(quick) else min(quick, super().roughly(start, tail))

    def _bound(self, start: str, tail: float, enough: float) -> Bound | str:
        found, left = super()._bound(start, tail, enough), tail - self._lost(start)
        if left <= 0 or (isinstance(found, Bound) and math.isfinite(found.seconds)):
            return found
        quick = self._goes_on.bound(start, left)
        return found if isinstance(quick, str) else quick

    def _lost(self, start: str) -> float:
        """The share of its requests that may go without an answer because a try on the way is late; infinite where that
        is not known."""
        links, known = self.analysis.figures.links.get(start, ()), self._crowd
        if start in known.unknown or any(link.callee in known.unknown for link in links):
            return math.inf
        return sum(link.times * self._late_tries(link.call).failing for link in links)

    def _late_tries(self, call: Call) -> Late:
        return self._crowd.late[call.name]

    @property
    def _goes_on(self) -> Tails:
        return self.analysis.tails(self.level) if self._crowd.occupancy is None else self._crowd.tails

    @cached_property
    def _crowd(self) -> Crowd:
        return crowd(self.analysis)

    def _left(self, tail: float, visits: dict[str, dict[float, int]], capped: frozenset[str]) -> float | str:
        left = tail
        for call in [call for name in visits for call in self.analysis.out(name) if call.name in capped]:
            late = self._late(call)
            if isinstance(late, str):
                return late
            (link,) = [one for one in self.analysis.figures.links[call.caller] if one.call is call]
            made = sum(
                chance * count * often * times
                for chance, count in visits[call.caller].items()
                for often, times in repeats(link)
            )
            left -= made * late
            if left <= 0:
                gives_up = f"{call.name} gives up after {seconds(round(self.analysis.ends(call).patience, 3))}"
                late_ones = share(Fraction(tail).limit_denominator(10**6))
                return f"{gives_up}, perhaps more often than the {late_ones} that may be late: {MORE_TIME}"
        return left

    def _late(self, call: Call) -> float | str:
        """No smaller than the share of its tries that are not answered in time."""
        return self.analysis.kept(
            f"share of {call.name} not answered at {self.level} by {self._told}",
            lambda: share_later_than(self, call.callee, self.analysis.ends(call).patience),
        )

    @property
    def _told(self) -> str:
        """What tells its waits from those of others."""
        return "all agents"

    def _capped(self, call: Call) -> float:
        return self.analysis.ends(call).patience

    def _ends(self, call: Call) -> Ends:
        return Ends(self.analysis.ends(call).patience, math.inf)
