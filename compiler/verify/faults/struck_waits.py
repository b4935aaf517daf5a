"""Strikes of a trial -> the share of a demand's requests that comes too late for what waits longer while they last.

Invariant: an upper bound in the model of `flows.occupancy` of what strikes leave: of a pool whose agents are killed or
hang the others, and of one that calls them, or calls what is delayed, slots that are held for longer. Its pools have
as many agents as at rest, for nobody comes at once. From rest on, waits grow towards those of what is left, and never
past them; when all is left again, who waits then is worked off first, one pool after the other. Where more is asked
than what is left can do, what piles up is what is too much in the mean, and what comes to that by chance; where nobody
is left `recovering` tells of it, and here waits count as at rest.

Source: Bronson et al., "Metastable Failures in Distributed Systems" (HotOS 2021), of capacity that is degraded.
Limits, besides those of `flows.occupancy`: further tries of what a strike spoils are no load, and agents that are well
are not put aside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial

from ...model import AbortFault, Call, CalleeKind, DelayFault, Demand, HangFault, KillFault, Pool
from ...semantics.queueing import Wait
from ..flows.analysis import ENDS, Analysis, Level
from ..flows.ejections import back_after
from ..flows.lengthened import Lengthened
from ..flows.occupancy import Occupied, Times, among
from ..flows.tails import Tails
from ..flows.used import used_at_rest
from ..flows.waits import pulled, queues_at
from .failing import Failing
from .meanwhile import Meanwhile
from .outages import Outages, Strike, dead_of, most_met, strikes
from .reach import place_of, reached_by
from .traffic import load_of

_ZERO, _ONE = Fraction(0), Fraction(1)


def late_for_longer_waits(failing: Failing, demand: Demand) -> Fraction:
    """Of all requests of the demand in the trial."""
    analysis, trial = failing.analysis, failing.trial
    load, duration = load_of(trial, demand), trial.duration_seconds.value
    way = {demand.name, *analysis.reached(demand.name)}
    # What is aborted leaves slots free.
    all_, lost = [one for one in strikes(trial) if not isinstance(one.fault, AbortFault)], _ZERO
    ends = [_all_left_again(analysis, one, duration) for one in all_]
    for index, (strike, end) in enumerate(zip(all_, ends, strict=True)):
        if not load.mean or way.isdisjoint(reached_by(analysis, strike.fault)):
            continue
        # Who strikes later is counted with all that are then still felt.
        at_once = [
            one for one, over in zip(all_, ends, strict=True) if one.start <= strike.start and strike.start < over
        ]
        # The same for all demands, and for coarse and exact tails.
        lasts = max(over for one, over in zip(all_, ends, strict=True) if one in at_once) - strike.start
        tails = analysis.kept(
            f"waits from strike {index} of {trial.name} on, for {lasts} s", partial(_waits, analysis, at_once, lasts)
        )
        late = _late(failing, demand, tails, failing.felt_at(strike.start))
        if late:
            ends[index] = end = min(duration, end + tails.struck.worked_off(way))
            lost += late * load.most * (end - strike.start)
    return min(_ONE, lost / (load.mean * duration)) if lost else lost


def _waits(analysis: Analysis, at_once: list[Strike], lasts: Fraction) -> _Waits:
    struck = _Struck(analysis, Level.BETWEEN, at_once=at_once, lasts=float(lasts))
    return _Waits(analysis, Level.BETWEEN, struck=struck)


def _all_left_again(analysis: Analysis, strike: Strike, duration: Fraction) -> Fraction:
    less = _left_with_less(analysis, strike)
    return duration if less is None else min(duration, strike.start + less)


def _left_with_less(analysis: Analysis, strike: Strike) -> Fraction | None:
    """Seconds until all slots are there again; None: not in the trial."""
    fault = strike.fault
    if isinstance(fault, DelayFault):
        return strike.end - strike.start + fault.delay_seconds.value
    lasts = Outages(analysis).repaired(strike)
    if lasts is None or not isinstance(fault, HangFault):
        return lasts
    return lasts + max(map(back_after, analysis.into(fault.pool.value)), default=_ZERO)


def _late(failing: Failing, demand: Demand, tails: _Waits, now: Meanwhile) -> Fraction:
    """The share of those that come meanwhile, without those that are late at rest."""
    analysis, struck, found = failing.analysis, tails.struck, dict[str, Fraction]()
    for name in (*reversed(analysis.reached(demand.name)), demand.name):
        for call in analysis.out(name):
            behind = analysis.out(call.callee) if call.callee_kind is CalleeKind.POOL else []
            late = sum((one.per_request.value * found[one.name] for one in behind), _ZERO) * _tries(call, struck)
            limit = call.policy.patience_seconds
            if limit is not None and struck.waits_longer(call):
                left, at_rest = limit.value - failing.delay(call, now), failing.later(call, now)
                share = failing.later_than(tails, call.callee, float(left)) if left > 0 and at_rest < 1 else 1.0
                here = _ONE if isinstance(share, str) else Fraction(share)
                late += max(_ZERO, here * _tries(call, struck) - at_rest)
            found[call.name] = min(_ONE, late)
    return min(_ONE, sum((found[call.name] for call in analysis.out(demand.name)), _ZERO))


def _tries(call: Call, struck: _Struck) -> Fraction:
    """Of one request, on average, at the most: each that meets a struck agent leads to another."""
    retry, met = call.policy.retry, struck.met(call.callee)
    return _ONE if retry is None else 1 + retry.attempts.value * met


@dataclass(frozen=True)
class _Struck(Lengthened):
    """`occupancy` of what the strikes leave; where that has no end, or is not known, as at rest."""

    at_once: list[Strike] = field(default_factory=list, repr=False)
    lasts: float = 0.0
    """Seconds, until all is left again."""

    def met(self, pool: str) -> Fraction:
        """The share of a pool's tries that may meet a struck agent."""
        shares = (most_met(self.analysis, one, self.analysis.pool(pool)) for one in self._taking_agents(pool))
        return min(_ONE, sum(shares, _ZERO))

    def waits_longer(self, call: Call) -> bool:
        """Whether a call may wait longer than at rest, there or behind."""
        return call.callee in self._above and any(
            self.of(self.analysis.pool(name)) is not self.analysis.occupancy(Level.BETWEEN).of(self.analysis.pool(name))
            for name in {call.callee, *self.analysis.reached(call.callee)}
            if self.analysis.is_pool(name)
        )

    def worked_off(self, names: Iterable[str]) -> Fraction:
        """Seconds, in the mean, until nothing waits any more that did when all were there again.

        Who waits there does so for his wait's worth of all slots, of which what comes meanwhile leaves some; of those
        who wait too long, what is too much has the same mean as the whole wait, for its tail is exponential.
        """
        total = 0.0
        for name in filter(self.analysis.is_pool, names):
            pool = self.analysis.pool(name)
            now, rest = self.of(pool), self.analysis.occupancy(Level.BETWEEN).of(pool)
            if now is rest or isinstance(now, str):
                continue
            used = used_at_rest(self.analysis, pool)
            if isinstance(used, str) or used >= 1:
                continue
            total += (now.wait.delay + now.wait.decay) / (1 - used)
        return Fraction(total)

    @cached_property
    def _above(self) -> set[str]:
        """The pools that are struck or hold their slots for longer, and who calls them."""
        return {name for one in self.at_once for name in self.analysis.above(place_of(one.fault))}

    def _occupied(self, pool: Pool) -> Occupied | str:
        rest = self.analysis.occupancy(Level.BETWEEN).of(pool)
        if pool.name not in self._above:
            return rest
        found = self.with_those_left(pool, lambda agents: agents - self._gone(pool.name, agents))
        now = None if isinstance(found, str) else found[1]
        if isinstance(rest, str) or rest.wait.endless or now is None or math.isinf(now.held.mean):
            return rest
        if now.wait.endless:
            # Who calls holds its slot for what waits there, which is one backlog with what then waits for that slot.
            piled = self._piled_up(pool, now.held, rest)
            return replace(rest, wait=rest.wait.or_worse(piled))
        return rest if (now.wait, now.held) == (rest.wait, rest.held) else now

    def added(self, call: Call) -> Times:
        seconds = spread = 0.0
        for strike in self.at_once:
            fault = strike.fault
            if isinstance(fault, DelayFault) and (call.caller, call.callee) == (fault.caller.value, fault.callee.value):
                part, most = float(fault.share.value), float(fault.delay_seconds.value)
            elif isinstance(fault, HangFault) and fault.pool.value == call.callee and call.policy.breaker is None:
                # Nobody puts aside who hangs.
                part = float(most_met(self.analysis, fault, self.analysis.pool(call.callee)))
                most = min(self.analysis.ends(call).longest, float(strike.end - strike.start))
            else:
                continue
            seconds += part * most
            spread += math.sqrt(part * (1 - part)) * most
        return Times(seconds, spread**2)

    def _piled_up(self, pool: Pool, held: Times, rest: Occupied) -> Wait:
        """The wait behind what piles up at the most while too much is asked: what comes is more, or takes longer, by
        chance too, and the more so the longer it lasts.

        Source: the reflection principle, P(max of a Brownian motion > x) = P(|N| > x); exp(-z^2 / 2) <= exp(1/2 - z).
        """
        slots, worst = pool.each.concurrency.value, Wait(0.0, 0.0, rest.wait.servers, rest.wait.spare)
        start, peak = (self.analysis.occupancy(level).of(pool) for level in ENDS)
        assert not isinstance(start, str) and not isinstance(peak, str)
        for rate, agents in self._courses(pool, rest.held, start.agents, peak.agents):
            there = among(pool, held, agents)
            for queue in queues_at(self.analysis, pool, rate, there, agents - self._gone(pool.name, agents)):
                servers = queue.servers if pulled(self.analysis, pool) else slots
                load = queue.offered / queue.servers
                each = queue.arrival_rate / queue.servers * (there.mean**2 + there.variance) / servers
                spread = math.sqrt(each * self.lasts)
                too_much = max(0.0, load - 1) * self.lasts
                worst = worst.or_worse(Wait(1.0, spread, servers, rest.wait.spare, too_much + spread / 2))
        return worst

    def _gone(self, pool: str, agents: int) -> int:
        return sum(dead_of(fault, agents) for fault in self._taking_agents(pool))

    def _taking_agents(self, pool: str) -> Iterator[KillFault | HangFault]:
        for one in self.at_once:
            if isinstance(one.fault, KillFault | HangFault) and one.fault.pool.value == pool:
                yield one.fault


@dataclass(frozen=True)
class _Waits(Tails):
    """`tails` with the waits of what strikes leave."""

    struck: _Struck = field(kw_only=True)

    def state(self, pool: Pool) -> Occupied | str:
        return self.struck.of(pool)
