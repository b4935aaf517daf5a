"""Tries that come too late -> the shares that are so for what they wait for, and for what each takes of itself.

Invariant: who is late waits in queues for more than a part of the time, or works, with the dependencies that it calls,
for more than the rest. Neither bound takes stages of the way to be independent. What others wait for too may make any
number of tries late at once; how long each works hangs on no other request, so that such tries come in a row by chance.

Source: Boole's inequality, as in `even_tails`; Markov's and Minkowski's, of the work.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ...model import Call
from ...semantics.latency import LogNormal
from ...semantics.queueing import Wait
from .analysis import Analysis
from .deadlines import Ends
from .even_tails import EVERY_RUNG, EvenTails, Stage

_WAITS = 0.25
"""The part of a patience behind a call that its waits may take."""
_MANY = tuple(part / 16 for part in range(1, 16))
_HALVES = (1 / 4, 1 / 8, 1 / 2)
"""Parts: the first that is tried, and the next where the work decides, or the waits do."""
_LONGEST = 20
"""In a row of more errors there is one of so many."""
_POWERS = (4, 6, 9)
"""Of times whose means are bounded: the larger, the further out it tells."""


class Apart(NamedTuple):
    together: float
    alone: float

    def in_a_row(self, errors: int) -> float:
        """Of all tries, the rows of so many that are late, at the most: some of them are so for what they wait for, and
        belong to no other row, or all others are by chance."""
        alone, errors = min(1.0, self.alone), min(errors, _LONGEST)
        return min(
            self.together / waited + math.comb(errors, waited - 1) * alone ** (errors - waited + 1)
            for waited in range(1, errors + 1)
        )

    def and_behind(self, other: Apart) -> Apart:
        return Apart(min(1.0, self.together + other.together), min(1.0, self.alone + other.alone))


class WaitsAndWork:
    """`waits` gives the stages of a place as they are now, `work` as they always are; or why they are not known."""

    def __init__(
        self, analysis: Analysis, waits: Callable[[str], list[Stage] | str], work: Callable[[str], list[Stage] | str]
    ) -> None:
        self._analysis = analysis
        self._stages, self._ends_of_work = _only(work, wanted=False), self._ends(1 - _WAITS)
        self._waits = EvenTails(analysis, _only(waits, wanted=True), self._ends(_WAITS))
        self._norms: dict[int, dict[str, float]] = {power: {} for power in _POWERS}

    def forget(self, name: str) -> None:
        """The waits of a place, as long as nobody has asked for one that calls it."""
        self._waits.forget(name)

    def of(self, call: Call, errors: int) -> Apart:
        """The division of its patience that leaves the fewest rows of so many errors, of those that are tried: where
        the work decides, its part is what grows."""
        found = self._divided(call, _HALVES[0])
        if self._analysis.out(call.callee):
            further = _HALVES[1] if found.together < found.alone**errors else _HALVES[2]
            return min(found, self._divided(call, further), key=lambda one: one.in_a_row(errors))
        # Of a pool that calls nobody each costs next to nothing.
        return min((self._divided(call, part) for part in _MANY), key=lambda one: one.in_a_row(errors))

    def _divided(self, call: Call, part: float) -> Apart:
        limit = self._analysis.ends(call).patience
        waits = self._waits.share_later_than(call.callee, limit * part, EVERY_RUNG)
        return Apart(waits, self._works_longer(call.callee, limit * (1 - part)))

    def _ends(self, part: float) -> Callable[[Call], Ends]:
        def ends(call: Call) -> Ends:
            patience, longest = self._analysis.ends(call)
            # Cut and not made again, a call takes no longer than the two together would have. Else both may take their
            # part without it being cut, and where one takes more, it counts as all of it.
            return Ends(patience if longest <= patience else patience * part, longest)

        return ends

    def _works_longer(self, name: str, seconds: float) -> float:
        """The share of requests to a place whose work, with what it calls, takes longer: the least that any of the
        powers gives."""
        if not self._analysis.out(name) and not isinstance(stages := self._stages(name), str):
            return stages[0].later_than(seconds)
        least = 1.0
        for power, known in self._norms.items():
            if name not in known:
                for each in reversed(self._analysis.reached(name)):
                    if each not in known:
                        known[each] = self._norm(each, power, known)
            norm = known[name]
            if norm < seconds:
                least = min(least, math.pow(norm / seconds, power))
        return least

    def _norm(self, name: str, power: int, known: dict[str, float]) -> float:
        """E[T^power]^(1/power) at the most, of the work T of a request to a place: by Minkowski's inequality, however
        the stages hang together."""
        stages, found = self._stages(name), 0.0
        if isinstance(stages, str):
            return math.inf
        for stage in stages:
            assert isinstance(stage.time, LogNormal)
            found += stage.time.norm(power)
        for link in self._analysis.figures.links.get(name, ()):
            norm, (patience, longest) = known.get(link.callee), self._ends_of_work(link.call)
            if norm is None:
                norm = known[link.callee] = self._norm(link.callee, power, known)
            if longest > patience:
                norm *= (1 + (longest / patience) ** power) ** (1 / power)
            found += (link.whole + link.chance ** (1 / power)) * min(norm, longest)
        return found


def _only(stages: Callable[[str], list[Stage] | str], *, wanted: bool) -> Callable[[str], list[Stage] | str]:
    def those(name: str) -> list[Stage] | str:
        found = stages(name)
        return found if isinstance(found, str) else [one for one in found if isinstance(one.time, Wait) == wanted]

    return those
