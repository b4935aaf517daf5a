"""The faults that a trial declares -> how long each is felt on each call, and what share of tries it spoils.

Invariant: shares and times are upper bounds (`spoiled`, `felt`), but for `certain`, which is a lower bound and 0 where
retries or ejection may hide the fault.

Model, with its limits. A dead agent gets its share of tries until the caller's breaker ejects it, or failing health
checks take it out, or it is back: whichever is first. A killed one is noticed at once and starts anew; one that hangs
is restarted only by health checks: twice as many failures as leave it without requests, and its grace. Each dead agent
gets as many tries from each proxy as its breaker's errors, and no more. An abort is made by the caller's proxy, in
front of the router (targets/envoy): the call it strikes neither retries it nor ejects anyone for it; calls further up
see a failed answer and do. Shares are of the whole fleet at full size, where a count or a share that is rounded up is
the worst for some size within the bounds. Load that a fault moves to other agents slows them, which is checked against
their slots but not in their latency. Source: `semantics.outlier`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ...model import (
    AbortFault,
    Call,
    DelayFault,
    Demand,
    HangFault,
    KillFault,
    PartitionFault,
    Pool,
    Route,
    SaturateFault,
    Trial,
)
from ...semantics.outlier import detection_by_errors, detection_by_interval, judged_by_share
from ...semantics.probes import EXIT_NOTICED_S, killed_within, unready_within
from ..flows.analysis import Analysis
from ..flows.ejections import most_aside
from ..flows.tried import most_proxies
from ..flows.uneven import by_header, same_header
from ..flows.warming import startup_seconds

_SIZES = 2_000


@dataclass(frozen=True, slots=True)
class Strike:
    """One occurrence of a fault on what it hits, from `start` to the end of the trial at the latest.

    A partition strikes each call that it cuts.
    """

    fault: KillFault | HangFault | DelayFault | AbortFault
    start: Fraction
    end: Fraction
    """When it ends by its own schedule; the trial's end where it says nothing."""


def strikes(trial: Trial) -> tuple[Strike, ...]:
    found: list[Strike] = []
    duration = trial.duration_seconds.value
    for fault in trial.faults:
        schedule = fault.schedule
        start, every, lasting = schedule.at_seconds.value, schedule.every_seconds, schedule.lasting_seconds
        if isinstance(fault, SaturateFault):
            # How much slower a saturated cpu makes an agent is in no clause: `unmodelled` tells of it.
            continue
        each = fault.aborts() if isinstance(fault, PartitionFault) else (fault,)
        while start < duration:
            end = duration if lasting is None else min(duration, start + lasting.value)
            found += [Strike(one, start, end) for one in each]
            if every is None or every.value <= 0:
                break
            start += every.value
    return tuple(sorted(found, key=lambda one: one.start))


def unmodelled(trial: Trial) -> list[str]:
    """Why nothing is proved of a trial, whatever its other faults: one sentence a fault that the model leaves out."""
    return [
        f"how much slower a saturated cpu makes the agents of {fault.pool.value} is not modelled; a trial measures it"
        for fault in trial.faults
        if isinstance(fault, SaturateFault)
    ]


def most_dead(fault: KillFault | HangFault, pool: Pool) -> Fraction:
    """The largest share of the pool that the fault may take, over the sizes that the bounds allow."""
    low, high = _sizes(pool)
    if high - low > _SIZES and fault.share is not None:
        return min(Fraction(1), fault.share.value + Fraction(1, low))
    if fault.count is not None:
        high = low
    # Fractions of small whole numbers, compared without making them.
    most, of = 0, 1
    for size in range(low, high + 1):
        dead = dead_of(fault, size)
        if dead * of > most * size:
            most, of = dead, size
    return Fraction(most, of)


def most_met(analysis: Analysis, fault: KillFault | HangFault, pool: Pool) -> Fraction:
    """The largest share of a pool's requests, or of its tries, that may go to those whom the fault takes: by header all
    of them, however few agents these are."""
    return Fraction(1) if by_header(analysis, pool.name) else most_dead(fault, pool)


def told_headed(analysis: Analysis, fault: object) -> str:
    """Why a fault that takes a few agents may be met by all; "" where it may not."""
    if not isinstance(fault, KillFault | HangFault) or not (same := same_header(analysis, fault.pool.value)):
        return ""
    return f"those that it strikes may get all, for {same}"


def headed_on(analysis: Analysis, trial: Trial, demand: Demand) -> str:
    """`told_headed` of the first fault on a demand's way of which there is something to tell."""
    reached = analysis.reached(demand.name)
    met = (fault for fault in trial.faults if isinstance(fault, KillFault | HangFault) and fault.pool.value in reached)
    return next(filter(None, (told_headed(analysis, fault) for fault in met)), "")


def spared(analysis: Analysis, fault: KillFault | HangFault, pool: Pool, agents: int, gone: int) -> Fraction:
    """Of so many agents, `gone` of which are away anyway, those that a fault surely leaves to share the requests."""
    left = max(Fraction(0), (1 - most_dead(fault, pool)) * agents - gone)
    return min(Fraction(1), left) if by_header(analysis, pool.name) else left


def dead_of(fault: KillFault | HangFault, size: int) -> int:
    """The most agents that the fault may take of so many: a share is rounded up, and at least one is taken."""
    if fault.count is not None:
        return min(size, fault.count.value)
    share = fault.share.value if fault.share is not None else Fraction(1)
    return min(size, max(1, -(-share.numerator * size // share.denominator)))


def least_dead(fault: KillFault | HangFault, pool: Pool) -> Fraction:
    """The smallest share, where a share is rounded down to whole agents but at least one is taken."""
    low, high = _sizes(pool)
    if fault.count is not None:
        return min(Fraction(1), Fraction(fault.count.value, high))
    share = fault.share.value if fault.share is not None else Fraction(1)
    if high - low > _SIZES:
        return max(Fraction(1, high), share - Fraction(1, low))
    return min(Fraction(max(1, math.floor(share * size)), size) for size in range(low, high + 1))


def _sizes(pool: Pool) -> tuple[int, int]:
    low = max(1, pool.agents_min.value)
    return low, max(low, pool.agents_most.value)


@dataclass(frozen=True)
class Outages:
    """How long strikes last and how they are felt."""

    analysis: Analysis

    def pool_struck(self, strike: Strike) -> Pool | None:
        fault = strike.fault
        if isinstance(fault, KillFault | HangFault):
            return self.analysis.pool(fault.pool.value)
        return None

    def repaired(self, strike: Strike) -> Fraction | None:
        """Seconds until the struck agents are there again, at the latest; None: not by themselves."""
        fault, pool = strike.fault, self.pool_struck(strike)
        if pool is None:
            return strike.end - strike.start
        startup = startup_seconds(self.analysis, pool)
        if isinstance(fault, KillFault):
            return EXIT_NOTICED_S + startup + waits_before_restart(strike, pool)
        ends = [strike.end - strike.start] if fault.schedule.lasting_seconds is not None else []
        if pool.health is not None:
            every, fails = pool.health.every_seconds.value, pool.health.fails_after.value
            seen = killed_within(every, fails, pool.drain_seconds.value)
            ends.append(seen + EXIT_NOTICED_S + startup + waits_before_restart(strike, pool))
        return min(ends, default=None)

    def felt(
        self, strike: Strike, call: Call, spoiled_per_second: Fraction, least_per_second: Fraction, *, alone: bool
    ) -> Fraction:
        """Seconds for which the strike spoils tries of this call, at the longest; all its tries that meet the dead
        come at the first rate, and it is made at the second one at the least.

        Who is put aside comes back after the time of the ejection, dead as he is, and is put aside anew: these rounds
        are added up. When they come is not known, so where the strike is not `alone` it is felt to its end.
        """
        whole = self.lasts(strike)
        once = self._ejected(strike, call, spoiled_per_second, least_per_second)
        if once is None:
            return whole
        again = _again(call, strike, whole, once)
        return again if alone or again <= once else whole

    def lasts(self, strike: Strike) -> Fraction:
        """Seconds for which struck agents get requests that nobody's ejection spares, or calls are spoiled."""
        pool = self.pool_struck(strike)
        times = [strike.end - strike.start] if not isinstance(strike.fault, KillFault) else []
        if pool is not None:
            times += [time for time in (self.repaired(strike), seen_by_health(pool)) if time is not None]
        return min(times) if times else strike.end - strike.start

    def _ejected(
        self, strike: Strike, call: Call, spoiled_per_second: Fraction, least_per_second: Fraction
    ) -> Fraction | None:
        """Until the caller's breakers have put the dead aside; None where they never do, or may not eject as many.

        Each proxy must see its own errors. By consecutive errors it is the time in which the dead agents are sent as
        many tries as they can be sent before the last of them is out; agents go one by one, which spoils no more.
        """
        breaker, pool, fault = call.policy.breaker, self.pool_struck(strike), strike.fault
        if breaker is None or pool is None or not isinstance(fault, KillFault | HangFault):
            return None
        most = 0
        for size in set(_sizes(pool)):
            dead = dead_of(fault, size)
            if most_aside(breaker, size) < dead:
                return None
            most = max(most, dead)
        late = Fraction(0)
        if isinstance(fault, HangFault):
            limit = call.policy.patience_seconds
            if limit is None:
                return None
            late = limit.value
        proxies = most_proxies(self.analysis, call)
        if breaker.errors is None:
            to_one, over = least_per_second / (pool.agents_most.value * proxies), breaker.over_seconds.value
            if by_header(self.analysis, call.caller) or by_header(self.analysis, pool.name):
                to_one = Fraction(0)
            hangs = late if isinstance(fault, HangFault) else None
            return detection_by_interval(over, late) if judged_by_share(to_one, over, hangs) else None
        each = spoiled_per_second / (most * proxies)
        return detection_by_errors(breaker.errors.value, each, late)

    def certain(self, strike: Strike, chain: tuple[Call, ...]) -> tuple[Fraction, Fraction]:
        """(share, seconds) that at the least fail for requests that go down this chain: (0, 0) where something helps.

        The share counts how many requests make the call at all.
        """
        nothing = (Fraction(0), Fraction(0))
        fault, last = strike.fault, chain[-1]
        # An abort is an answer that the call's own retries and ejection never see.
        helping = chain[:-1] if isinstance(fault, AbortFault) else chain
        if any(call.policy.tries_again for call in helping):
            return nothing
        if any(call.policy.breaker is not None for call in helping):
            return nothing
        made = Fraction(1)
        for call in chain:
            made *= min(Fraction(1), call.per_request.value)
        lasts = strike.end - strike.start
        match fault:
            case AbortFault():
                struck = (fault.caller.value, fault.callee.value) == (last.caller, last.callee)
                return (made * fault.share.value, lasts) if struck else nothing
            case DelayFault():
                return nothing
            case _:
                pool = self.analysis.pool(fault.pool.value)
                if last.callee != pool.name:
                    return nothing
                times = [lasts]
                if isinstance(fault, KillFault):
                    times = [pool.each.startup_seconds.value, strike_room(strike)]
                if pool.health is not None:
                    times.append(pool.health.every_seconds.value * (pool.health.fails_after.value - 1))
                dead = least_dead(fault, pool)
                if dead < 1 and last.policy.route.value is Route.BY_HEADER:
                    # Nobody may want those that are struck.
                    return nothing
                return made * dead, min(times)


def _again(call: Call, strike: Strike, lasts: Fraction, once: Fraction) -> Fraction:
    """Seconds for which tries meet an agent that stays dead for so long, `once` until it is put aside each time.

    By its share it is judged in time: the longest are those between ejections. By errors tries are counted, which may
    come sooner: a round lasts no less than the ejection, after a try that hangs was waited for. Source:
    `semantics.outlier.back_within`.
    """
    breaker, limit = call.policy.breaker, call.policy.patience_seconds
    aside = breaker.eject_for_seconds.value if breaker is not None else Fraction(0)
    if breaker is not None and breaker.errors is None:
        rounds = lasts // (once + aside)
        return rounds * once + min(once, lasts - rounds * (once + aside))
    if isinstance(strike.fault, HangFault) and limit is not None:
        aside += limit.value
    return min(lasts, math.ceil(lasts / aside) * once) if aside > 0 else lasts


def waits_before_restart(strike: Strike, pool: Pool) -> Fraction:
    """The pause that the pool's own back-off makes: its ceiling where the fault comes again and may hit the same."""
    rule = pool.health.restarts if pool.health is not None else None
    if rule is None or rule.backoff_first_seconds is None or rule.backoff_cap_seconds is None:
        return Fraction(0)
    again = strike.fault.schedule.every_seconds is not None
    return (rule.backoff_cap_seconds if again else rule.backoff_first_seconds).value


def strike_room(strike: Strike) -> Fraction:
    return strike.end - strike.start


def seen_by_health(pool: Pool) -> Fraction | None:
    """Until struck agents get no more requests for failing their checks; None without checks."""
    health = pool.health
    return None if health is None else unready_within(health.every_seconds.value, health.fails_after.value)


def chains(analysis: Analysis, demand: str) -> Iterator[tuple[Call, ...]]:
    """Each way from the demand down to each call, a call after its callers; at most a thousand."""
    open_: list[tuple[Call, ...]] = [(call,) for call in analysis.out(demand)]
    given = 0
    while open_ and given < 1_000:
        chain = open_.pop(0)
        given += 1
        yield chain
        open_ += [(*chain, call) for call in analysis.out(chain[-1].callee)]
