"""Pools that late tries load -> how long requests wait there, those tries counted; or that it is not known.

Invariant: what is assumed of how many tries are late is no less than what follows from it. More late tries make more
requests, longer holds and longer waits, and so more late tries: a fleet that starts with few never gets past the first
share that keeps itself up. So what follows from an assumption that it does not exceed is an upper bound.

A late try is made again as often as the policy says, whatever became of the one before; together they hold the caller
for all the time that the call may take, and each its callee for a request's usual time. A pool that no
assumption is enough for is upset: nothing is known of it and of those that call it, and what it calls gets as much as
its agents turn over. So is one whose autoscaler goes by the queue, which more requests may calm as well as stir.
Source: Bronson et al., "Metastable Failures in Distributed Systems" (HotOS 2021), of the fixed points. Limits: as of
`late_tries`; a budget of retries is not credited, and a fleet that a fault has left at a worse fixed point is the
recovery's question.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from ...model import Call, CallerKind, Pool
from ..exact.expression import value
from .analysis import Analysis, Level
from .figures import ERROR, double, peaks
from .late_tries import Late, late, lateness, loaded
from .lengthened import Lengthened
from .occupancy import Occupancy, Occupied, Times
from .released import at_full_speed, least_work
from .tails import Tails
from .unrest import may_be_restless

_ROUNDS = 8
_ROOM = 1.25
"""What is assumed, over what followed in the round before: without room for what it adds it would never be enough."""


class _Again(NamedTuple):
    """Of one call: further tries, and the time that they hold the caller (seconds, and their squares), on average."""

    tries: float
    seconds: float
    squares: float


@dataclass(frozen=True)
class Crowded(Lengthened):
    """`occupancy` with further tries; of the pools of `arriving` (requests per second at the peak) only."""

    arriving: Mapping[str, float] = field(default_factory=dict, repr=False)
    again: Mapping[str, _Again] = field(default_factory=dict, repr=False)

    def _at(self, level: Level) -> Occupancy:
        # Without further tries there are the fewest agents.
        return self.analysis.occupancy(level) if level is Level.STEADY else self._peak

    @cached_property
    def _peak(self) -> Occupancy:
        return Crowded(self.analysis, Level.PEAK, arriving=self.arriving, again=self.again)

    def _rate(self, level: Level, name: str) -> float:
        return super()._rate(level, name) if level is Level.STEADY else self.arriving.get(name, 0.0)

    def _exactly(self, level: Level, name: str) -> Fraction:
        return Fraction(self._rate(level, name))

    def _occupied(self, pool: Pool) -> Occupied | str:
        if math.isinf(self.arriving.get(pool.name, 0.0)):
            return f"how many requests come to {pool.name} is not known"
        return super()._occupied(pool)

    def added(self, call: Call) -> Times:
        _, seconds, squares = self.again.get(call.name, _NONE)
        return Times(seconds, squares)


_NONE = _Again(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class _Waits(Tails):
    """`tails` with the waits of a crowd."""

    crowd: Crowded | None = None

    def state(self, pool: Pool) -> Occupied | str:
        return state_in(self.crowd, pool) or super().state(pool)


def state_in(crowd: Crowded | None, pool: Pool) -> Occupied | str | None:
    """None of a pool that late tries do not reach."""
    return None if crowd is None or pool.name not in crowd.arriving else crowd.of(pool)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Of all pools that late tries load, and of those behind them."""

    late: Mapping[str, Late]
    """By the name of every call, also of those that late tries do not reach."""
    occupancy: Crowded | None
    tails: Tails
    unknown: Mapping[str, str]
    """Why nothing is known, by the name of the pool."""

    def tails_of(self, name: str) -> Tails | str:
        """With the waits that late tries add; or why there are none."""
        return self.unknown.get(name) or self.tails

    def tries(self, analysis: Analysis, call: Call) -> float | str:
        """Tries of a call per second at the peak at the most, all proxies together; or why they are not known."""
        if call.caller in self.unknown:
            return self.unknown[call.caller]
        if call.caller_kind is CallerKind.DEMAND:
            plain = double(analysis.demand(call.caller).peak_per_second.value)
        else:
            arriving = analysis.flow(Level.PEAK).get(call.caller, 0.0)
            if self.occupancy is not None:
                arriving = self.occupancy.arriving.get(call.caller, arriving)
            plain = arriving * double(call.per_request.value)
        again = self.occupancy.again.get(call.name, _NONE) if self.occupancy is not None else _NONE
        return plain * (1 + ERROR) * (1 + again.tries)


def tries_at_most(analysis: Analysis, call: Call) -> Fraction | str:
    """`Crowd.tries`, with those that hardly load a pool: of some share of all tries these are a part too."""
    known = crowd(analysis)
    if call.caller in known.unknown:
        return known.unknown[call.caller]
    rate = value(analysis.call_rate(Level.PEAK, call))
    arriving, again = analysis.kept("every late try", lambda: _every_late_try(analysis, known))
    here = (
        double(rate)
        if call.caller_kind is CallerKind.DEMAND
        else arriving[call.caller] * double(call.per_request.value)
    )
    return max(rate, Fraction(here * (1 + again[call.name].tries)))


def _every_late_try(analysis: Analysis, known: Crowd) -> tuple[dict[str, float], dict[str, _Again]]:
    """Requests per second at the peak by pool, and further tries by call."""
    again = {one.name: _made_again(analysis, one, known.late[one.name].again) for one in analysis.fleet.calls}
    if known.occupancy is not None:
        again |= known.occupancy.again
    demands = (one.name for one in analysis.fleet.demands)
    return _arriving(analysis, (*demands, *analysis.names), again, known.unknown), again


def crowd(analysis: Analysis) -> Crowd:
    """Worked out once."""
    return analysis.kept("crowd of late tries", lambda: _crowd(analysis))


def _crowd(analysis: Analysis) -> Crowd:
    why = loaded(analysis)
    if not why:
        return Crowd(late(analysis), None, analysis.tails(Level.BETWEEN), {})
    reached = {each for name in why for each in analysis.reached(name)}
    touched = {each for name in reached for each in analysis.above(name)}
    names, upset = [name for name in analysis.names if name in touched], dict[str, str]()
    while True:
        found = _settled(analysis, names, upset)
        if isinstance(found, Crowd):
            return found
        upset |= {name: why.get(name) or next(iter(why.values())) for name in found}


def _settled(analysis: Analysis, names: list[str], upset: Mapping[str, str]) -> Crowd | set[str]:
    """What these pools come to, where those that are `upset` send on as much as they can; or further ones for which no
    assumption was enough."""
    inside, known = set(names), late(analysis)
    demands = [one.name for one in analysis.fleet.demands if inside & {call.callee for call in analysis.out(one.name)}]
    callers = (*reversed(names), *demands)
    calls = [call for name in callers for call in analysis.out(name)]
    unsure = {one.name for one in calls if one.caller in upset or one.callee in upset}
    now, share = known, dict.fromkeys(known, 0.0)
    failed: set[str] = set()
    for _ in range(_ROUNDS):
        for one in calls:
            more = 1.0 if one.name in unsure else _ROOM * max(share[one.name], now[one.name].again)
            share[one.name] = min(1.0, more)
        again = {one.name: _made_again(analysis, one, share[one.name]) for one in calls}
        arriving = _arriving(analysis, (*demands, *names), again, upset)
        occupancy = Crowded(analysis, Level.BETWEEN, arriving=arriving, again=again)
        failed = {name for name in names if name not in upset and _endless(occupancy, analysis.pool(name))}
        if failed:
            return failed
        tails = _Waits(analysis, Level.BETWEEN, crowd=occupancy)
        now = lateness(analysis, callers, tails, known)
        short = [one for one in calls if one.name not in unsure and now[one.name].again > share[one.name]]
        if not short:
            return Crowd({**known, **now}, occupancy, tails, upset)
        failed = {end for one in short for end in (one.caller, one.callee)} & inside
    return failed


def _made_again(analysis: Analysis, call: Call, share: float) -> _Again:
    retry = call.policy.retry
    if retry is None or not retry.attempts.value or not share:
        return _NONE
    longest = analysis.ends(call).longest
    return _Again(retry.attempts.value * share, share * longest, share * longest * longest)


def _arriving(
    analysis: Analysis, callers: Iterable[str], again: Mapping[str, _Again], upset: Container[str]
) -> dict[str, float]:
    """Requests per second at the peak, every try counted, at the pools that these pools and demands call."""
    outside, found = peaks(analysis.fleet), dict[str, float]()
    for name in callers:
        rate = outside.get(name) or found.setdefault(name, 0.0)
        if name in upset:
            rate = _turned_over(analysis.pool(name))
        for link in analysis.figures.links.get(name, ()):
            sent = rate * (1 if name in outside else link.times) * (1 + again[link.call.name].tries)
            found[link.callee] = found.get(link.callee, 0.0) + sent
    return found


def _turned_over(pool: Pool) -> float:
    """The most requests per second that its agents can take on, whatever becomes of their calls: each does its work."""
    takes = double(least_work(pool))
    return at_full_speed(pool, takes) if takes > 0 else math.inf


def _endless(occupancy: Occupancy, pool: Pool) -> bool:
    """Or nothing is known of it."""
    state = occupancy.of(pool)
    return isinstance(state, str) or state.wait.endless or may_be_restless(pool)
