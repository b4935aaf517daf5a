"""Calls that fail, or are given up, in a trial -> how many times as much their callees get.

Invariant: upper bounds, with what retry budgets let through whatever is under way (`semantics.retries.tried`): of fewer
calls that is a larger part, so each call counts at the least load that the trial has, or the steady level, if that is
less. Means; of several callers each has its part as at the peak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ...model import AbortFault, Call, CallerKind, DelayFault, KillFault, Trial
from ..exact.expression import value
from ..flows.analysis import Analysis, Level
from ..flows.deadlines import longest_pause
from ..flows.tried import tried_times
from .outages import most_met
from .reach import Fault, further_up, place_of, retried, struck, summed_up
from .traffic import Traffic
from .tries import met_at_first

_ONE = Fraction(1)


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

    def with_what_failed(self, fault: Fault, uses: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """With what is done again since callers further up try again what failed."""
        busier = dict(uses)
        if isinstance(fault, DelayFault):
            return busier
        analysis = self.analysis
        if isinstance(fault, AbortFault):
            fails = fault.share.value
        else:
            fails = most_met(analysis, fault, analysis.pool(fault.pool.value))
        killed = isinstance(fault, KillFault)
        failing = summed_up(analysis, fault, lambda call: met_at_first(call, fails) if killed else fails)
        for call in retried(further_up(analysis, fault)):
            tries = self.tries_of(call, failing[call.callee])
            below = analysis.reached(call.callee)
            for name in {*below, *(each.callee for one in below for each in analysis.out(one))}:
                busier[name] *= tries
        for name, seconds in self._held_longer(fault, fails, failing).items():
            held = analysis.occupancy(Level.BETWEEN).held(analysis.pool(name))
            assert not isinstance(held, str)
            busier[name] *= 1 + seconds / Fraction(held.mean)
        return busier

    def _held_longer(self, fault: Fault, fails: Fraction, failing: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """By pool that makes calls again, or waits for one that does: for how much longer a request has its slot. Each
        further try takes as long as the first, and comes after a pause; what is struck itself fails at once."""
        analysis = self.analysis
        own = {call.name for call in struck(analysis, fault)}
        up = {call.name for call in further_up(analysis, fault)}
        found: dict[str, Fraction] = {}
        for name in reversed(analysis.above(place_of(fault))):
            if not analysis.is_pool(name):
                continue
            longer = Fraction(0)
            for call in analysis.out(name):
                if call.name in own and not isinstance(fault, AbortFault):
                    longer += call.per_request.value * (self.tries_of(call, fails) - 1) * longest_pause(call)
                elif call.name in up:
                    tries = self.tries_of(call, failing[call.callee])
                    answer = analysis.occupancy(Level.BETWEEN).response_of(call)
                    assert not isinstance(answer, str)
                    again = (tries - 1) * (Fraction(answer.mean) + longest_pause(call))
                    longer += call.per_request.value * (again + tries * found.get(call.callee, Fraction(0)))
            if longer:
                found[name] = longer
        return found


def again_in(analysis: Analysis, trial: Trial) -> Again:
    """Worked out once for all that ask."""
    return analysis.kept(f"tries again in {trial.name}", lambda: Again(analysis, Traffic(analysis, trial)))
