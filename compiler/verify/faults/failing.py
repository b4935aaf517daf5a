"""Faults of a trial and the policies of calls -> the share of a demand's requests that may fail in it.

Invariant: an upper bound within the models of `outages` and `tries`: a request fails only if some call on its way
fails, and a call only if it is aborted, if every try that can start is spoiled, if one is and the retry budget refuses
the next, if some try is too slow, here or behind, or if its caller sheds for others that failed.

What is shed comes later than what it is shed for, and is only counted: no retry is taken to help it.

Source: Boole's inequality; `semantics.balancing` for runs of spoiled tries, `semantics.retries` for refusals,
`semantics.shedding`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from ...model import (
    AbortFault,
    Call,
    CalleeKind,
    CallerKind,
    DelayFault,
    Demand,
    HangFault,
    KillFault,
    Pool,
    Trial,
)
from ...semantics.balancing import after_retries
from ...semantics.shedding import MOST_REJECTED, rejected
from ..flows.analysis import Analysis, Level
from ..flows.tails import Tails, share_later_than
from ..flows.waits import pulled
from .meanwhile import Felt, Meanwhile
from .outages import Outages, Strike, most_met, strikes
from .patience import Patience
from .reach import place_of, reached_by
from .recovering import meets_what_waits
from .rising import Rising, rising_in
from .sheds import Sheds, sheds_of
from .traffic import Load, Traffic, load_of
from .tries import Spoiling, refused_of, runs_of, short

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Failing:
    """One trial's failures, for all demands: what is worked out of a call for one of them is kept for the others."""

    analysis: Analysis
    trial: Trial
    later_than: Callable[[Tails, str, float], float | str] = share_later_than
    """The most of the requests to a place that take longer, as a share; or why that is not known."""
    _gaps: dict[str, str] = field(default_factory=dict, repr=False)
    """By call, what the bound needs and is not stated."""
    _known: dict[tuple[bool, tuple[int, ...]], Meanwhile] = field(default_factory=dict, repr=False)
    """By whether agents are still to come, and the places in `felt` of what is felt at once."""

    @cached_property
    def outages(self) -> Outages:
        return Outages(self.analysis)

    @cached_property
    def _strikes(self) -> tuple[Strike, ...]:
        return strikes(self.trial)

    @cached_property
    def traffic(self) -> Traffic:
        return Traffic(self.analysis, self.trial)

    @cached_property
    def sheds(self) -> Sheds:
        return sheds_of(self.analysis)

    @cached_property
    def rising(self) -> Rising:
        return rising_in(self.analysis, self.trial)

    @cached_property
    def patience(self) -> Patience:
        return Patience(self.analysis, self.rising, self.later_than, self._gaps)

    @cached_property
    def at_rest(self) -> Meanwhile:
        """While nothing is felt."""
        return Meanwhile([])

    @cached_property
    def _all_at_once(self) -> Meanwhile:
        return Meanwhile(self.felt, bool(self.rising.waits))

    @cached_property
    def felt(self) -> list[Felt]:
        found: list[Felt] = []
        duration = self.trial.duration_seconds.value
        for strike in self._strikes:
            pool = self.outages.pool_struck(strike)
            for call in self.analysis.fleet.calls if pool is None else self.analysis.into(pool.name):
                fault = strike.fault
                if isinstance(fault, AbortFault | DelayFault):
                    hit = (call.caller, call.callee) == (fault.caller.value, fault.callee.value)
                else:
                    hit = pool is not None and call.callee == pool.name
                if hit:
                    found.append(Felt(strike, call, min(duration, strike.start + self._felt(strike, call))))
        return found

    def _felt(self, strike: Strike, call: Call) -> Fraction:
        """At the highest rate, as all of a trial is counted: errors eject, so the count of spoiled tries is bounded
        and not their time, and with fewer requests it is as many tries over a longer time."""
        load = self._load(call)
        tries = Fraction(0)
        if isinstance(strike.fault, KillFault | HangFault):
            alone = self._struck(Felt(strike, call, strike.end))
            runs = runs_of(self.analysis, call, alone)
            tries = after_retries(runs, refused_of(self.analysis, call, alone, runs, load)).tries
        return self.outages.felt(strike, call, load.most * tries, load.least, alone=self._alone(strike))

    def _alone(self, strike: Strike) -> bool:
        """Whether no other strike spoils anything of the same requests while this one may."""
        outages, end = self.outages, strike.start + self.outages.lasts(strike)
        meanwhile = (
            other
            for other in self._strikes
            if other is not strike and other.start < end and other.start + outages.lasts(other) > strike.start
        )
        return not any(self._reached(strike) & self._reached(other) for other in meanwhile)

    def _reached(self, strike: Strike) -> frozenset[str]:
        """Pools whose requests may meet it."""
        known = self._pools_reached
        place = place_of(strike.fault)
        if place not in known:
            known[place] = frozenset(filter(self.analysis.is_pool, reached_by(self.analysis, strike.fault)))
        return known[place]

    @cached_property
    def _pools_reached(self) -> dict[str, frozenset[str]]:
        return {}

    def _load(self, call: Call) -> Load:
        """What is sent on it, at the least when all that may be shed on the way is."""
        load = self.traffic.of(call)
        return replace(load, least=load.least * self.sheds.let_through(call)) if self.sheds.any_by_success else load

    def _struck(self, felt: Felt) -> Spoiling:
        """What one strike on the callee's agents spoils."""
        fault, pool = felt.strike.fault, self.analysis.pool(felt.call.callee)
        assert isinstance(fault, KillFault | HangFault)
        dead, lost = most_met(self.analysis, fault, pool), self._lost(felt.strike, pool)
        return (
            Spoiling(killed=dead, at_once=lost) if isinstance(fault, KillFault) else Spoiling(hung=dead, at_once=lost)
        )

    def share(self, demand: Demand) -> Fraction:
        """The most of the demand's requests that may fail in the trial, as a share of 1."""
        load, duration = load_of(self.trial, demand), self.trial.duration_seconds.value
        if load.mean == 0:
            return Fraction(0)
        felt = self.felt
        more = {self.rising.begins, min(duration, self.rising.ends)} if self.rising.waits else set()
        cuts = sorted({Fraction(0), duration, *(one.strike.start for one in felt), *(one.end for one in felt), *more})
        lost = Fraction(0)
        for start, end in pairwise(cuts):
            lost += self._of_requests(demand, self.felt_at(start)) * load.most * (end - start)
        for strike in strikes(self.trial):
            # What is shed for those in hand is so at any later time.
            now = self._all_at_once if self.sheds.any_by_success else self.felt_at(strike.start)
            lost += self._in_hand(demand, strike, now)
        for strike, before in meets_what_waits(self.analysis, self.trial, demand):
            lost += self._of_requests(demand, self.felt_at(strike.start)) * load.most * before
        return min(_ONE, lost / (load.mean * duration))

    def gaps(self, demand: Demand) -> list[str]:
        """What the bound needs and is not stated, of the calls on some way from the demand; after `share`."""
        found: list[str] = []
        seen, open_ = {demand.name}, [demand.name]
        while open_:
            for call in self.analysis.out(open_.pop(0)):
                gap = self._gaps.get(call.name)
                if gap is not None and gap not in found:
                    found.append(gap)
                if call.callee not in seen:
                    seen.add(call.callee)
                    open_.append(call.callee)
        return found

    def felt_at(self, time: Fraction) -> Meanwhile:
        """What is felt at a time."""
        places = tuple(index for index, one in enumerate(self.felt) if one.strike.start <= time < one.end)
        rising = bool(self.rising.waits) and self.rising.begins <= time < self.rising.ends
        return self._known.setdefault((rising, places), Meanwhile([self.felt[place] for place in places], rising))

    def _of_requests(self, demand: Demand, now: Meanwhile) -> Fraction:
        calls = self.analysis.out(demand.name)
        failing = min(_ONE, sum((self.fails(call, now) for call in calls), Fraction(0)))
        return failing + self._shed(demand, now) if self.sheds.any_by_success else failing

    def _shed(self, demand: Demand, now: Meanwhile) -> Fraction:
        """Requests that fail, now or later, for what is shed: for each that comes now."""
        for name in (*reversed(self.analysis.reached(demand.name)), demand.name):
            for call in self.analysis.out(name):
                if call.name not in now.shed:
                    now.shed[call.name] = self._shed_at(call, now)
        return sum((now.shed[call.name] for call in self.analysis.out(demand.name)), Fraction(0))

    def _shed_at(self, call: Call, now: Meanwhile) -> Fraction:
        tries = 1 + (call.policy.retry.attempts.value if call.policy.retry is not None else 0)
        found = sum((each.per_request.value * now.shed[each.name] for each in self._behind(call)), Fraction(0)) * tries
        if call.policy.shed_on_failure is not None:
            most = MOST_REJECTED if found else self.fails(call, self._all_at_once)
            found += (self.fails(call, now) + found) * self._rejected(call, most)
        return short(found)

    def _rejected(self, call: Call, failing: Fraction) -> Fraction:
        """For one that fails."""
        load = self.traffic.of(call)
        if load.least == 0:
            self._gaps[call.name] = (
                f"in trial {self.trial.name} there are times without requests of {call.name}, and what is shed for the "
                "first that fails then is not bounded; a load that never stops would decide it"
            )
            return _ONE
        return rejected(failing, load.most / load.least)

    def fails(self, call: Call, now: Meanwhile) -> Fraction:
        """The most of one call's requests that fail after all their tries."""
        open_ = [call]
        while open_:
            # What lies behind a call comes first, so that nothing below goes deeper than one call.
            if unknown := [each for each in self._behind(open_[-1]) if each.name not in now.failing]:
                open_ += unknown
                continue
            each = open_.pop()
            if each.name not in now.failing:
                now.failing[each.name] = self._fails(each, now)
        return now.failing[call.name]

    def _fails(self, call: Call, now: Meanwhile) -> Fraction:
        patience, struck, (runs, refused) = self.patience, self._spoiled(call, now), self._runs(call, now)
        left = after_retries(runs, refused)
        now.struck[call.name] = min(_ONE, short(now.aborted(call) + left.failing))
        # The first try may be late as well, and each one that a spoiled one leads to.
        late = patience.late(call, now, struck, (_ONE, *runs[:-1])) + self._late_behind(call, now) * (1 + left.tries)
        now.late[call.name] = min(_ONE, short(late))
        held_up = now.held_up[call.name], now.seldom[call.name] = patience.held_up(call, now, struck, runs)
        if held_up[0]:
            # The first try meets them, here or behind, or leads to another that may.
            now.met[call.name] = min(_ONE, short(runs[0] + now.late[call.name] + patience.met_behind(call, now)))
        return min(_ONE, now.struck[call.name] + now.late[call.name])

    def _runs(self, call: Call, now: Meanwhile) -> tuple[tuple[Fraction, ...], Fraction]:
        """The chances that the first tries are all spoiled, and the share of retries that a budget refuses: what is
        late behind wants some too."""
        struck = self._spoiled(call, now)
        spoiled = replace(struck, other=min(_ONE, struck.other + self._late_behind(call, now)))
        runs, wanted = (runs_of(self.analysis, call, each) for each in (struck, spoiled))
        return runs, refused_of(self.analysis, call, spoiled, wanted, self._load(call))

    def _late_behind(self, call: Call, now: Meanwhile) -> Fraction:
        """What was late finds the same queues a moment later: no retry is taken to help."""
        behind = [each for each in self._behind(call) if self.fails(each, now)]
        return sum((each.per_request.value * now.late[each.name] for each in behind), Fraction(0))

    def _behind(self, call: Call) -> list[Call]:
        """The calls that its callee makes."""
        return self.analysis.out(call.callee) if call.callee_kind is CalleeKind.POOL else []

    def _spoiled(self, call: Call, now: Meanwhile) -> Spoiling:
        """What spoils tries of the call: its callee's agents, and the failures of the calls that they make."""
        killed, hung, other = Fraction(0), Fraction(0), Fraction(0)
        for one in now.active:
            if one.call is call and isinstance(one.strike.fault, KillFault | HangFault):
                struck = self._struck(one)
                killed, hung = killed + struck.killed, hung + struck.hung
        for each in self._behind(call):
            self.fails(each, now)
            other += each.per_request.value * now.struck[each.name]
        return Spoiling(min(_ONE, killed), min(_ONE, hung), min(_ONE, other), self._at_once(call, now))

    def _at_once(self, call: Call, now: Meanwhile) -> Fraction:
        """Tries that are lost as strikes begin, here or further down."""
        if call.name not in now.lost:
            lost = sum((self._at_once(each, now) for each in self._behind(call)), Fraction(0))
            for one in now.active:
                if one.call is call and isinstance(one.strike.fault, KillFault | HangFault):
                    lost += self._lost(one.strike, self.analysis.pool(call.callee))
            now.lost[call.name] = lost
        return now.lost[call.name]

    def delay(self, call: Call, now: Meanwhile) -> Fraction:
        return self.patience.delay(call, now)

    def later(self, call: Call, now: Meanwhile) -> Fraction:
        return self.patience.later(call, now)

    def _in_hand(self, demand: Demand, strike: Strike, now: Meanwhile) -> Fraction:
        """Requests that struck agents had in hand, and whose further tries fail too."""
        pool = self.outages.pool_struck(strike)
        if pool is None or pool.name not in self.analysis.reached(demand.name):
            return Fraction(0)
        for name in self.analysis.above(pool.name):
            self._unsaved(name, now)
        calls = self.analysis.into(pool.name)
        unsaved = self._unsaved(pool.name, now)
        unsaved += max((self._too_late(call.caller, call, now) for call in calls), default=_ZERO)
        return self._lost(strike, pool) * min(_ONE, unsaved)

    def _too_late(self, name: str, lost: Call, now: Meanwhile) -> Fraction:
        """The chance that what a request has waited at an agent that is struck, behind a pool, and waits for its other
        tries, is too much for those who wait for that pool; a demand's own users wait for nobody else."""
        key = name, lost.name
        if key not in now.too_late:
            begun, found = self.patience.begun(lost, now), _ZERO
            for one in self.analysis.into(name) if self.analysis.is_pool(name) else []:
                seconds, seldom = self.patience.slower(one, now)
                late = self.patience.later(one, now, seconds + begun[0]) + seldom + begun[1]
                found = max(found, late + self._too_late(one.caller, lost, now))
            now.too_late[key] = min(_ONE, found)
        return now.too_late[key]

    def _lost(self, strike: Strike, pool: Pool) -> Fraction:
        """Requests that the struck agents serve or keep waiting, on average at the peak."""
        fault = strike.fault
        assert isinstance(fault, KillFault | HangFault)
        state = self.analysis.occupancy(Level.PEAK).of(pool)
        in_hand = Fraction(pool.each.concurrency.value) * pool.agents_most.value
        if not isinstance(state, str) and math.isfinite(state.response.mean):
            # Who waits does so at an agent, but for what a queue before all of them keeps.
            there = state.held if pulled(self.analysis, pool) else state.response
            in_hand = state.rate * Fraction(there.mean)
        return in_hand * most_met(self.analysis, fault, pool)

    def _unsaved(self, name: str, now: Meanwhile) -> Fraction:
        """The chance that a request lost at a pool fails for its user: all later tries on some way there fail."""
        if name not in now.unsaved:
            calls = self.analysis.into(name)
            now.unsaved[name] = max((self._unsaved_by(call, now) for call in calls), default=Fraction(0))
        return now.unsaved[name]

    def _unsaved_by(self, call: Call, now: Meanwhile) -> Fraction:
        runs, refused = self._runs(call, now)
        # A lost request is one whose first try was spoiled: what counts is how many of those fail in the end.
        after = [run / runs[0] if runs[0] else Fraction(int(index == 0)) for index, run in enumerate(runs)]
        left = after_retries(after, refused)
        late = _ZERO
        if len(runs) > 1:
            begun, seldom = self.patience.begun(call, now)
            late = self.patience.late_again(call, now, self._spoiled(call, now), after[:-1], begun) + seldom
            late += self._late_behind(call, now) * left.tries
        above = _ONE if call.caller_kind is CallerKind.DEMAND else self._unsaved(call.caller, now)
        shed = 1 + self._rejected(call, MOST_REJECTED) if call.policy.shed_on_failure is not None else _ONE
        return min(_ONE, left.failing + late) * shed * above
