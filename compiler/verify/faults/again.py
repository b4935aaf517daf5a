"""Calls that fail, or are given up, in a trial -> how many times as much their callees get.

Invariant: upper bounds, with what retry budgets let through whatever is under way (`semantics.retries.tried`): of fewer
calls that is a larger part, so each call counts at the least load that the trial has, or the steady level, if that is
less. Means; of several callers each has its part as at the peak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ...model import AbortFault, Call, CallerKind, DelayFault, KillFault, Trial
from ..exact.expression import value
from ..flows.analysis import Analysis, Level
from ..flows.deadlines import longest_pause
from ..flows.occupancy import Times
from ..flows.tried import tried_times
from .outages import most_met
from .reach import Fault, further_up, place_of, retried, struck, summed_up
from .traffic import Traffic
from .tries import met_at_first

_NONE, _ONE = Fraction(0), Fraction(1)
_FOR_EVER_S = 1e9


@dataclass(frozen=True)
class Again:
    """Of one trial; worked out once a call, and once a callee."""

    analysis: Analysis
    traffic: Traffic
    _times: dict[str, Fraction] = field(default_factory=dict, repr=False)
    _at: dict[str, Fraction] = field(default_factory=dict, repr=False)

    def tries(self, call: Call) -> Fraction:
        """The most attempts of each call in the mean when all of them fail."""
        if call.name not in self._times:
            least = min(self.traffic.of(call).least, value(self.analysis.call_rate(Level.STEADY, call)))
            self._times[call.name] = tried_times(self.analysis, call, least)
        return self._times[call.name]

    def tries_of(self, call: Call, failing: Fraction) -> Fraction:
        """The same when such a share of attempts fails."""
        most = self.tries(call)
        return most if failing >= 1 else min(most, 1 / (1 - failing))

    def at(self, name: str) -> Fraction:
        """How many times as much comes to a pool or dependency when each call on the way is tried to the last."""
        if name not in self._at:
            for each in self.analysis.above(name):
                if each not in self._at:
                    self._at[each] = self._comes(each)
        return self._at[name]

    def _comes(self, name: str) -> Fraction:
        plain = more = Fraction(0)
        for call in self.analysis.into(name):
            rate = value(self.analysis.call_rate(Level.PEAK, call))
            above = _ONE if call.caller_kind is CallerKind.DEMAND else self._at[call.caller]
            plain, more = plain + rate, more + rate * above * self.tries(call)
        return more / plain if plain else _ONE

    def with_what_failed(self, fault: Fault, uses: Mapping[str, Fraction], late: Sequence[Call]) -> dict[str, Fraction]:
        """With what is done again since callers further up try again what failed; `late` gives up for a delay alone."""
        busier, analysis, failing = dict(uses), self.analysis, self._failing(fault, late)
        for call in retried(further_up(analysis, fault)):
            tries = self.tries_of(call, failing.get(call.callee, _NONE))
            below = analysis.reached(call.callee)
            for name in {*below, *(each.callee for one in below for each in analysis.out(one))}:
                busier[name] *= tries
        return busier

    def with_slots_held(self, fault: Fault, uses: Mapping[str, Fraction], late: Sequence[Call]) -> dict[str, Fraction]:
        """Where callers make calls again, and where others wait for those, slots are held for longer."""
        found = dict(uses)
        for name, seconds in self._held_longer(fault, late).items():
            held = self.analysis.occupancy(Level.BETWEEN).held(self.analysis.pool(name))
            assert not isinstance(held, str)
            found[name] *= 1 + seconds / _seconds(held)
        return found

    def _fails(self, fault: Fault) -> Fraction:
        """The share of tries of what is struck."""
        if isinstance(fault, AbortFault | DelayFault):
            return fault.share.value
        return most_met(self.analysis, fault, self.analysis.pool(fault.pool.value))

    def _failing(self, fault: Fault, late: Sequence[Call]) -> dict[str, Fraction]:
        """By pool that calls what is struck, however far up: the requests that fail for it, of all."""
        fails, given_up = self._fails(fault), {call.name for call in late}
        if not isinstance(fault, DelayFault):
            killed = isinstance(fault, KillFault)
            return summed_up(self.analysis, fault, lambda call: met_at_first(call, fails) if killed else fails)
        found: dict[str, Fraction] = {}
        for name in filter(self.analysis.is_pool, reversed(self.analysis.above(place_of(fault)))):
            parts = (
                call.per_request.value * (fails if call.name in given_up else found.get(call.callee, _NONE))
                for call in self.analysis.out(name)
            )
            found[name] = sum(parts, _NONE)
        return found

    def _held_longer(self, fault: Fault, late: Sequence[Call]) -> dict[str, Fraction]:
        """Seconds, by pool. Each further try takes as long as the first, or until it is given up, and comes after a
        pause; what is killed, or hangs and is put aside, fails at once."""
        analysis, fails, failing = self.analysis, self._fails(fault), self._failing(fault, late)
        own, up = ({call.name for call in calls} for calls in (struck(analysis, fault), further_up(analysis, fault)))
        given_up, delayed = {call.name for call in late}, dict[str, Fraction]()
        if isinstance(fault, DelayFault):
            delayed = summed_up(analysis, fault, lambda call: fault.delay_seconds.value)
        found: dict[str, Fraction] = {}
        for name in filter(analysis.is_pool, reversed(analysis.above(place_of(fault)))):
            longer = _NONE
            for call in analysis.out(name):
                limit = call.policy.patience_seconds
                if call.name in given_up and limit is not None:
                    each = limit.value + longest_pause(call)
                    longer += call.per_request.value * (self.tries_of(call, fails) - 1) * each
                elif call.name in own and not isinstance(fault, AbortFault | DelayFault):
                    longer += call.per_request.value * (self.tries_of(call, fails) - 1) * longest_pause(call)
                elif call.name in up:
                    tries = self.tries_of(call, failing.get(call.callee, _NONE))
                    answer = analysis.occupancy(Level.BETWEEN).response_of(call)
                    assert not isinstance(answer, str)
                    each = _seconds(answer) + delayed.get(call.callee, _NONE) + longest_pause(call)
                    longer += call.per_request.value * ((tries - 1) * each + tries * found.get(call.callee, _NONE))
            if longer:
                found[name] = longer
        return found


def _seconds(times: Times) -> Fraction:
    return Fraction(min(times.mean, _FOR_EVER_S))


def again_in(analysis: Analysis, trial: Trial) -> Again:
    """Worked out once for all that ask."""
    return analysis.kept(f"tries again in {trial.name}", lambda: Again(analysis, Traffic(analysis, trial)))
