"""A call and what is felt of a trial's strikes -> the share of its tries that are cut, and what its retries take.

Invariant: upper bounds in the model of `flows.tails`: a try is late only if it takes longer at rest than what delays,
agents that hang behind, and tries that were made again leave of its caller's patience; or if all that they may meet is.

Source: Boole's inequality.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ...model import Call, CalleeKind, DelayFault, HangFault
from ..flows.analysis import Analysis, Level
from ..flows.crowded import crowd
from ..flows.tails import Tails
from .meanwhile import Meanwhile
from .rising import Rising
from .time_left import left_for, waits_before
from .tries import Spoiling

_ZERO, _ONE = Fraction(0), Fraction(1)
_SELDOM, _HARDLY_EVER = 1e-3, 1e-6
"""Of the tries that fail for what lies behind, and of requests that a strike finds in hand, those that may have taken
longer than is counted for all: they are counted as late instead. A request is found in hand the more often the longer
it takes, which is why fewer may be left out there."""


@dataclass(frozen=True)
class Patience:
    analysis: Analysis
    rising: Rising
    later_than: Callable[[Tails, str, float], float | str]
    gaps: dict[str, str] = field(repr=False)
    """By call, what the bound needs and is not stated."""

    def delay(self, call: Call, now: Meanwhile) -> Fraction:
        """What delays may add to one try of the call, its own and those behind it."""
        if call.name not in now.delays:
            own = [fault.delay_seconds.value for fault in now.by(call) if isinstance(fault, DelayFault)]
            behind = (math.ceil(each.per_request.value) * self.delay(each, now) for each in self._behind(call))
            now.delays[call.name] = sum(own, _ZERO) + sum(behind, _ZERO)
        return now.delays[call.name]

    def late(self, call: Call, now: Meanwhile, spoiling: Spoiling, made: Iterable[Fraction]) -> Fraction:
        """The most of the call's tries that its deadline cuts, on average of a request: `made` is how likely the first
        is made, its retry, and so on. Those that are made again for it wait too."""
        found, limited = _ZERO, call.policy.patience_seconds is not None
        for retry, chance in enumerate(made):
            if limited and chance:
                found += chance * self._late(call, now, retry, spoiling)
        return found

    def late_again(
        self, call: Call, now: Meanwhile, spoiling: Spoiling, made: Iterable[Fraction], begun: float
    ) -> Fraction:
        """The same of the retries of a request whose first try was lost after `begun` seconds at the most."""
        found = _ZERO
        if call.policy.patience_seconds is not None:
            known = None if math.isinf(begun) else Fraction(begun)
            for retry, chance in enumerate(made, start=1):
                if chance:
                    found += chance * (_ONE if known is None else self._late(call, now, retry, spoiling, known))
        return found

    def _late(
        self, call: Call, now: Meanwhile, retry: int, spoiling: Spoiling, begun: Fraction | None = None
    ) -> Fraction:
        slower, seldom = self.slower(call, now)
        best = _ONE
        for tries, left in left_for(call, retry, spoiling, self.delay(call, now), begun):
            late = self.later(call, now, left=left)
            if slower:
                # Either all tries are taken to be that much slower, or all that may be to be cut.
                late = min(self.later(call, now, slower, left=left) + seldom, late + self.met_behind(call, now))
            best = min(best, tries * late)
        return best

    def later(self, call: Call, now: Meanwhile, slower: float = 0.0, *, left: Fraction | None = None) -> Fraction:
        """The share of tries that take longer than their caller waits, or than what is `left` of that, where each takes
        so many seconds more."""
        limit = call.policy.patience_seconds
        if limit is None:
            return _ZERO
        left, seldom = (limit.value if left is None else left) - self.delay(call, now), _ZERO
        if now.rising and (wait := self.rising.waits.get(call.name)) is not None:
            left, seldom = left - wait.seconds, Fraction(wait.seldom)
        if left <= slower:
            return _ONE
        known, callee = crowd(self.analysis), call.callee
        if why := known.unknown.get(callee):
            held = self.analysis.occupancy(Level.BETWEEN).held(self.analysis.pool(callee))
            self.gaps[call.name] = held if isinstance(held, str) else why  # What is not stated is asked for first.
            return _ONE
        tails, within = known.tails, float(left) - slower
        key = f"share of {callee} later than {left} s and {slower} s by {self.later_than.__name__}"
        share = self.analysis.kept(key, lambda: self.later_than(tails, callee, within))
        if isinstance(share, str):
            self.gaps[call.name] = share
            return _ONE
        return min(_ONE, Fraction(share) + seldom)

    def slower(self, call: Call, now: Meanwhile) -> tuple[float, Fraction]:
        """(seconds, seldom) that agents that hang, and tries that are made again, may add behind the callee to one try;
        a share `seldom` takes longer."""
        seconds, seldom = 0.0, _ZERO
        for each in self._behind(call):
            if now.held_up[each.name]:
                seconds += math.ceil(each.per_request.value) * now.held_up[each.name]
                seldom += each.per_request.value * now.seldom[each.name]
        return seconds, seldom

    def held_up(
        self, call: Call, now: Meanwhile, spoiling: Spoiling, runs: Sequence[Fraction]
    ) -> tuple[float, Fraction]:
        """(seconds, seldom) that they may add to all tries of the call together: where its own callee hangs, or what it
        tries again may have met such agents behind, all that it may take."""
        longest, (slower, seldom) = self.analysis.ends(call).longest, self.slower(call, now)
        if any(isinstance(fault, HangFault) for fault in now.by(call)):
            return longest, _ZERO
        retried = call.policy.tries_again
        if now.hangs and slower and retried:
            return longest, _ZERO
        seconds, retries = slower, len(runs) - 1 if runs[0] else 0
        if retries:
            again = sum(runs[:-1], _ZERO)
            seconds += retries * slower + float(waits_before(call, retries) + retries * self.delay(call, now))
            seldom += again * seldom
            if spoiling.other:
                # Who is killed refuses at once.
                seconds += retries * self.took(call.callee, _SELDOM)
                seldom += again * Fraction(_SELDOM)
        return (seconds, seldom) if seconds < longest else (longest, _ZERO)

    def took(self, callee: str, tail: float) -> float:
        """Seconds that no larger share of the tries of a pool or dependency takes longer than; infinite where that is
        not known."""
        known = crowd(self.analysis)
        return math.inf if callee in known.unknown else known.tails.roughly(callee, tail)

    def begun(self, call: Call, now: Meanwhile) -> tuple[float, Fraction]:
        """(seconds, seldom): how long requests that a strike finds at the callee have been there at the most, by this
        call, but for a share `seldom`.

        Of those found an age is as likely as `semantics.latency.LogNormal.rest_above` has it, which is no more than
        the square root of tail x mean square / square of the mean (the Cauchy-Schwarz inequality).
        """
        times = self.analysis.occupancy(Level.BETWEEN).response_of(call)
        longest = self.analysis.ends(call).patience
        if isinstance(times, str) or not 0 < times.mean < math.inf:
            return longest, _ZERO
        seconds = self.took(call.callee, _HARDLY_EVER) + float(self.delay(call, now)) + self.slower(call, now)[0]
        seldom = Fraction(math.sqrt(_HARDLY_EVER * (1 + times.variance / times.mean**2)))
        return (seconds, seldom) if seconds < longest else (longest, _ZERO)

    def met_behind(self, call: Call, now: Meanwhile) -> Fraction:
        """The chance that they add anything to one try."""
        return sum((each.per_request.value * now.met.get(each.name, _ZERO) for each in self._behind(call)), _ZERO)

    def _behind(self, call: Call) -> list[Call]:
        return self.analysis.out(call.callee) if call.callee_kind is CalleeKind.POOL else []
