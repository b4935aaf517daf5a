"""Faults of a trial and the policies of calls -> the share of a demand's requests that may fail in it.

Invariant: an upper bound within the model of `outages`: a request fails only if some call on its way fails, a call
only if every try that can start is spoiled, or some try is too slow.

Source: Boole's inequality; `semantics.failures.failing_share` for tries that are drawn independently and
`failing_share_of_hosts` where only dead agents spoil them and a retry goes to another one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from ..model import AbortFault, Call, CalleeKind, CallerKind, DelayFault, Demand, HangFault, KillFault, LoadStep, Trial
from ..semantics.failures import failing_share, failing_share_of_hosts
from .analysis import Analysis, Level
from .deadlines import retries_in_time
from .outages import Outages, Strike, failing_after_retries, most_dead, strikes
from .tails import Tails, share_later_than

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Load:
    """Requests per second of a demand over a trial."""

    least: Fraction
    mean: Fraction
    most: Fraction


def load_of(trial: Trial, demand: Demand) -> Load:
    """Steps hold until the next one; a ramp is a straight line; before the first step it is the steady level."""
    steady, peak = demand.steady_per_second.value, demand.peak_per_second.value
    steps = sorted((one for one in trial.loads if one.demand.value == demand.name), key=lambda s: s.at_seconds.value)
    if any(_replays(one) for one in steps):
        return Load(Fraction(0), steady, peak)
    now, rate, area = Fraction(0), steady, Fraction(0)
    end = trial.duration_seconds.value
    seen: list[Fraction] = []
    for index, step in enumerate(steps):
        at = min(step.at_seconds.value, end)
        until = min(steps[index + 1].at_seconds.value, end) if index + 1 < len(steps) else end
        if at > now:
            area += rate * (at - now)
            seen.append(rate)
        goal = peak if step.peak else steady * (step.factor.value if step.factor is not None else 1)
        over = min(step.over_seconds.value if step.over_seconds is not None else Fraction(0), until - at)
        area += (rate + goal) / 2 * over + goal * (until - at - over)
        seen += [rate, goal] if over else [goal]
        now, rate = until, goal
    if now < end:
        area += rate * (end - now)
        seen.append(rate)
    return Load(min(seen), area / end, max(seen))


def _replays(step: LoadStep) -> bool:
    return step.factor is None and not step.peak


@dataclass(frozen=True, slots=True)
class Felt:
    """One strike as one call feels it, until `end`."""

    strike: Strike
    call: Call
    end: Fraction


@dataclass(frozen=True)
class Failing:
    """One trial's failures. `gap` is set where something that the bound needs is not stated."""

    analysis: Analysis
    trial: Trial
    gaps: list[str] = field(default_factory=list)
    _slow: dict[tuple[str, Fraction], Fraction] = field(default_factory=dict, repr=False)

    @property
    def outages(self) -> Outages:
        return Outages(self.analysis)

    def felt(self) -> list[Felt]:
        found: list[Felt] = []
        duration = self.trial.duration_seconds.value
        for strike in strikes(self.trial):
            pool = self.outages.pool_struck(strike)
            for call in self.analysis.fleet.calls:
                fault = strike.fault
                if isinstance(fault, AbortFault | DelayFault):
                    hit = (call.caller, call.callee) == (fault.caller.value, fault.callee.value)
                else:
                    hit = pool is not None and call.callee == pool.name
                if hit:
                    found.append(Felt(strike, call, min(duration, strike.start + self.outages.felt(strike, call))))
        return found

    def share(self, demand: Demand) -> Fraction:
        """The most of the demand's requests that may fail in the trial, as a share of 1."""
        load, duration = load_of(self.trial, demand), self.trial.duration_seconds.value
        if load.mean == 0:
            return Fraction(0)
        felt = self.felt()
        cuts = sorted({Fraction(0), duration, *(one.strike.start for one in felt), *(one.end for one in felt)})
        lost = Fraction(0)
        for start, end in pairwise(cuts):
            active = [one for one in felt if one.strike.start <= start < one.end]
            lost += self._of_requests(demand, active) * load.most * (end - start)
        for strike in strikes(self.trial):
            active = [one for one in felt if one.strike.start <= strike.start < one.end]
            lost += self._in_hand(demand, strike, active)
        return min(_ONE, lost / (load.mean * duration))

    def _of_requests(self, demand: Demand, active: list[Felt]) -> Fraction:
        calls = self.analysis.out(demand.name)
        return min(_ONE, sum((self.fails(call, active, {}) for call in calls), Fraction(0)))

    def fails(self, call: Call, active: list[Felt], known: dict[str, Fraction]) -> Fraction:
        """The most of one call's requests that fail after all their tries."""
        if call.name not in known:
            dead, other, slow, hung = self._spoiled(call, active, known)
            spoiled = min(_ONE, dead + other)
            left = failing_after_retries(call, spoiled, slow=hung)
            retries = retries_in_time(call, slow=hung)
            if dead > 0 and other == 0 and left == failing_share(spoiled, retries):
                left = self._all_dead(call, dead, retries)
            tries = sum((spoiled**index for index in range(retries + 1)), Fraction(0))
            known[call.name] = min(_ONE, left + slow * tries)
        return known[call.name]

    def _all_dead(self, call: Call, dead: Fraction, retries: int) -> Fraction:
        pool = self.analysis.fleet.pool(call.callee)
        hosts = pool.agents_min.value
        if pool.agents_max.value != hosts and pool.scaling is not None:
            return failing_share(dead, retries)
        return failing_share_of_hosts(hosts, math.ceil(dead * hosts), retries)

    def _spoiled(
        self, call: Call, active: list[Felt], known: dict[str, Fraction]
    ) -> tuple[Fraction, Fraction, Fraction, bool]:
        """Shares of tries that meet a dead agent, that fail otherwise, that come too late; whether some hang."""
        dead, other, delay = Fraction(0), Fraction(0), Fraction(0)
        hung = False
        for one in active:
            fault = one.strike.fault
            if one.call is not call:
                continue
            if isinstance(fault, KillFault | HangFault):
                dead += most_dead(fault, self.analysis.fleet.pool(call.callee))
                hung = hung or isinstance(fault, HangFault)
            elif isinstance(fault, AbortFault):
                other += fault.share.value
        if call.callee_kind is CalleeKind.POOL:
            for each in self.analysis.out(call.callee):
                other += each.per_request.value * self.fails(each, active, known)
        delay = self._delay(call, active)
        return min(_ONE, dead), min(_ONE, other), self._late(call, delay), hung

    def _delay(self, call: Call, active: list[Felt]) -> Fraction:
        """What delays may add to one try of the call, its own and those behind it."""
        own = [
            one.strike.fault.delay_seconds.value
            for one in active
            if one.call is call and isinstance(one.strike.fault, DelayFault)
        ]
        behind = Fraction(0)
        if call.callee_kind is CalleeKind.POOL:
            for each in self.analysis.out(call.callee):
                behind += math.ceil(each.per_request.value) * self._delay(each, active)
        return sum(own, Fraction(0)) + behind

    def _late(self, call: Call, delay: Fraction) -> Fraction:
        """The most of one call's tries that its deadline cuts."""
        limit = call.policy.try_timeout_seconds or call.policy.timeout_seconds
        if limit is None:
            return Fraction(0)
        left = limit.value - delay
        if left <= 0:
            return _ONE
        if (call.name, left) not in self._slow:
            worst = Fraction(0)
            for level in Level:
                share = share_later_than(self._tails[level], call, float(left))
                if isinstance(share, str):
                    if share not in self.gaps:
                        self.gaps.append(share)
                    share = 1.0
                worst = max(worst, Fraction(share))
            self._slow[(call.name, left)] = worst
        return self._slow[(call.name, left)]

    @property
    def _tails(self) -> dict[Level, Tails]:
        return {level: self.analysis.tails(level) for level in Level}

    def _in_hand(self, demand: Demand, strike: Strike, active: list[Felt]) -> Fraction:
        """Requests that killed agents had in hand, and whose further tries fail too."""
        pool = self.outages.pool_struck(strike)
        if pool is None or not isinstance(strike.fault, KillFault):
            return Fraction(0)
        visits = self.analysis.visits(demand)
        if pool.name not in visits:
            return Fraction(0)
        state = self.analysis.occupancy(Level.PEAK).of(pool)
        in_hand = Fraction(pool.each.concurrency.value) * pool.agents_max.value
        if not isinstance(state, str) and math.isfinite(state.held.mean):
            in_hand = min(in_hand, state.rate * Fraction(state.held.mean))
        dead = most_dead(strike.fault, pool)
        return in_hand * dead * self._unsaved(pool.name, active, {})

    def _unsaved(self, name: str, active: list[Felt], known: dict[str, Fraction]) -> Fraction:
        """The chance that a request lost at a pool fails for its user: all later tries on some way there fail."""
        worst = Fraction(0)
        for call in self.analysis.into(name):
            dead, other, slow, hung = self._spoiled(call, active, known)
            spoiled = min(_ONE, dead + other + slow)
            # A lost request is one whose first try was spoiled: what counts is how many of those fail in the end.
            if spoiled:
                left = failing_after_retries(call, spoiled, slow=hung) / spoiled
            else:
                left = _ONE if retries_in_time(call, slow=hung) == 0 else Fraction(0)
            above = _ONE if call.caller_kind is CallerKind.DEMAND else self._unsaved(call.caller, active, known)
            worst = max(worst, left * above)
        return worst
