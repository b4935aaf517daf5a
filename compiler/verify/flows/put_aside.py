"""Callers that put agents aside after errors, without a fault -> those that are well and only late, and how long
requests wait for the others.

Invariant: an upper bound, for all but one moment in ten thousand, of how many are aside at once, and so of waits at the
others. A try that is late is an error of its agent. Each ejection takes as many errors as the clause says, all of them
here, whatever agents they are of, or in a row of some agent (`apart`); and it lasts until the next sweep. What is
assumed of how many are aside is no less than what follows from it, so that a fleet that starts with all of them never
gets past it. Who is late at a pool is so for what waits there and behind it, whoever else calls what lies behind: pools
are settled one after the other, callees first.

Where tries that are made again load those that are left with more than they can do, all are late, and nothing is known
of the pools that get more of them. That is asked of the most agents that an autoscaler may bring by then.

Source: `semantics.outlier`; the number aside as of M/G/infinity (Poisson); Bronson et al., "Metastable Failures in
Distributed Systems" (HotOS 2021), of the fixed point. Limits, besides those of `occupancy`: an agent that only some
proxies put aside counts as though all did, and while a fault lasts these are not counted anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from ...model import Break, Call, Pool
from ...semantics.outlier import SHARE_VOLUME
from ...semantics.rare import count_of
from .analysis import Analysis, Level
from .apart import Apart, WaitsAndWork
from .crowded import Crowd, Crowded, crowd, state_in
from .ejections import back_after, most_aside
from .figures import Link
from .late_tries import Late, late_on
from .lengthened import Lengthened
from .occupancy import Occupied, Times
from .stirred import Stirred
from .tails import Tails
from .uneven import worth

_ZERO, _ONE, _NOTHING = Fraction(0), Fraction(1), Times(0.0, 0.0)
RARE = 1e-4
_SOME = 3
"""Errors, for the division of a call's patience that ejects nobody itself."""
_NEVER = 1e-9
"""So few are late that it is all the same for what."""


class Aside(NamedTuple):
    """At a pool."""

    agents: int
    """At the most at once."""
    often: Fraction
    """The share of the time in which any is, at the most."""
    felt: bool
    """Whether any is here, or behind."""
    late: Mapping[str, Late]
    """How late tries of the calls to it are without them, by the names of the calls; empty where they are not felt."""
    apart: Mapping[str, Apart]
    """For what those tries fail that are late, or late behind."""


_ALL = Late(1.0, 0.0, 1.0)
_NOBODY = Aside(0, _ZERO, felt=False, late={}, apart={})


class PutAside:
    """Of a whole fleet, as it is asked for."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        # Where late tries load pools, that is worked out of the whole fleet at once.
        alone = crowd(analysis).occupancy is None
        self._at: dict[str, Aside] = analysis.by_caller("agents put aside for being late") if alone else {}
        self._often: dict[str, Fraction] = {}
        self._tried: dict[str, int] = {}
        """What is assumed of the pool that is being settled."""
        self.fewer = Fewer(analysis, Level.BETWEEN, aside=self)
        self.tails: Tails = _Waits(analysis, Level.BETWEEN, fewer=self.fewer)
        """Of the time until a caller goes on."""
        self.stirred = _Stirred(analysis, self.fewer, self.tails)
        self._waits_and_work = WaitsAndWork(analysis, self.tails.stages, crowd(analysis).tails.stages)
        self._nowhere = all(call.policy.breaker is None for call in analysis.fleet.calls)

    def at(self, pool: str) -> Aside:
        if self._nowhere:
            return _NOBODY
        found = self._at.get(pool)
        if found is None:
            for name in reversed(self.analysis.reached(pool)):
                if name not in self._at:
                    self._at[name] = self._settled(name)
            found = self._at[pool]
        return found

    def on_the_way(self, start: str) -> dict[str, Aside]:
        """From a demand or a pool: those where any is, and those whose storms reach that way."""
        reached = self.analysis.reached(start)
        origins = (origin for name in reached if (origin := self.storm(name)))
        return {name: one for name in (*reached, *origins) if (one := self.at(name)).agents}

    def storm(self, name: str) -> str:
        """The pool all of whose tries may be late without those aside, and made again on their way to this one; ""
        where there is none."""
        storms = self._storms
        return next((origin for origin, hit in storms.items() if name in hit), "") if storms else ""

    @cached_property
    def _storms(self) -> dict[str, frozenset[str]]:
        """The pools that get more, by the one whose tries are late; those whose own agents are put aside first."""
        if self._nowhere:
            return {}
        analysis, found = self.analysis, dict[str, frozenset[str]]()
        for name in sorted(analysis.names, key=lambda one: not self.at(one).agents):
            if any(late.failing >= 1 for late in self.at(name).late.values()):
                above = analysis.above(name)
                if any(one.policy.tries_again for each in above for one in analysis.into(each)):
                    found[name] = frozenset(one for each in above for one in analysis.reached(each))
        return found

    def often(self, start: str) -> Fraction:
        """The share of the time in which any is on the way, at the most: 1 and more where that may be always."""
        if start not in self._often:
            found = sum((one.often for one in self.on_the_way(start).values()), _ZERO)
            self._often[start] = max(found, _ONE) if any(map(self.storm, self.analysis.reached(start))) else found
        return self._often[start]

    def late(self, call: Call) -> Late:
        """How late its tries are without them."""
        return _ALL if self.storm(call.callee) else self._late(call)

    def more_late(self, call: Call) -> float:
        """The share of its tries that are late since others are made again, without them."""
        return 1.0 if self.storm(call.callee) else self.stirred.up(call)

    def _late(self, call: Call) -> Late:
        here = self.at(call.callee).late.get(call.name) if self.analysis.is_pool(call.callee) else None
        return here or self._crowd.late[call.name]

    def gone(self, pool: str) -> int:
        """Settled, or assumed."""
        return self._tried[pool] if pool in self._tried else self.at(pool).agents

    @cached_property
    def _crowd(self) -> Crowd:
        return crowd(self.analysis)

    def _settled(self, name: str) -> Aside:
        analysis, pool = self.analysis, self.analysis.pool(name)
        calls, links = analysis.into(name), analysis.figures.links.get(name, ())
        failing, behind, felt = 0.0, Apart(0.0, 0.0), False
        for link in links:
            failing += link.times * self._late(link.call).failing
            there = self._apart_on(link)
            behind = behind.and_behind(Apart(link.times * there.together, link.times * there.alone))
            felt = felt or (link.to_pool and self.at(link.callee).felt)
        all_ = _most_of_all(analysis, name, pool.agents_most.value)
        ejecting = [(call, call.policy.breaker, self._spent_aside(call)) for call in calls if call.policy.breaker]
        agents, mean = 0, 0.0
        while True:
            self._tried[name] = agents
            late = {call.name: self._late_without(call, failing) for call in calls} if felt else {}
            apart = {call.name: self._apart(call, late, behind) for call in calls}
            mean = 0.0
            for call, breaker, spent in ejecting:
                failing_here = self._failing(call, late)
                mean += spent * _ejections(breaker, failing_here, apart[call.name]) if failing_here else 0.0
            more = all_ if math.isinf(mean) else min(all_, count_of(mean, RARE))
            if more <= agents:
                break
            agents, felt = more, True
            self.fewer.forget(pool)
            self.tails.forget(pool)
            self.stirred.forget(name)
            self._waits_and_work.forget(name)
        del self._tried[name]
        return Aside(agents, Fraction(min(1.0, mean)) if agents else _ZERO, felt, late, apart)

    def _late_without(self, call: Call, behind: float) -> Late:
        more = self.stirred.up(call)
        return late_on(self.analysis, call, behind, self.tails, more).or_more(self._crowd.late[call.name])

    def _failing(self, call: Call, late: Mapping[str, Late]) -> float:
        if call.callee in self._crowd.unknown:
            return 1.0
        return (late.get(call.name) or self._crowd.late[call.name]).failing

    def _apart_on(self, link: Link) -> Apart:
        if link.to_pool:
            return self.at(link.callee).apart[link.call.name]
        # Each waits for a dependency in its own time, whoever else does.
        return Apart(0.0, self._crowd.late[link.call.name].cut)

    def _apart(self, call: Call, late: Mapping[str, Late], behind: Apart) -> Apart:
        failing = self._failing(call, late)
        if failing <= _NEVER or failing >= 1:
            return Apart(failing, 0.0)
        if math.isinf(self.analysis.ends(call).patience):
            return behind
        errors = _errors(call.policy.breaker) if call.policy.breaker is not None else _SOME
        return self._waits_and_work.of(call, errors).and_behind(behind)

    def _spent_aside(self, call: Call) -> float:
        """Agents that a call's proxies would have aside at once if each try put one aside, on average at the most."""
        tries = self._crowd.tries(self.analysis, call)
        return math.inf if isinstance(tries, str) else tries * float(back_after(call))


def _ejections(breaker: Break, failing: float, apart: Apart) -> float:
    """Of each try, at the most."""
    # Any of them are the errors of one ejection, whatever agents they are of.
    share, errors = failing / _errors(breaker), breaker.errors
    return share if errors is None else min(share, apart.in_a_row(max(1, errors.value)))


def put_aside(analysis: Analysis) -> PutAside:
    return analysis.kept("agents put aside for being late", lambda: PutAside(analysis))


def _most_of_all(analysis: Analysis, name: str, size: int) -> int:
    """That the callers of a pool may put aside, of so many agents."""
    breakers = (call.policy.breaker for call in analysis.into(name))
    return max((most_aside(one, size) for one in breakers if one is not None), default=0)


def _errors(breaker: Break) -> int:
    """That one ejection takes at the least."""
    if breaker.errors is not None:
        return max(1, breaker.errors.value)
    assert breaker.success_below is not None
    return max(1, math.ceil((1 - breaker.success_below.value) * SHARE_VOLUME))


@dataclass(frozen=True)
class Fewer(Lengthened):
    """`occupancy` without the agents that are put aside."""

    aside: PutAside = field(kw_only=True, repr=False)

    def _rate(self, level: Level, name: str) -> float:
        loaded, rate = self._loaded, super()._rate(level, name)
        return rate if loaded is None or level is Level.STEADY else max(rate, loaded.arriving.get(name, 0.0))

    @cached_property
    def _loaded(self) -> Crowded | None:
        return crowd(self.analysis).occupancy

    def added(self, call: Call) -> Times:
        return _NOTHING if self._loaded is None else self._loaded.added(call)

    def _occupied(self, pool: Pool) -> Occupied | str:
        gone = self.aside.gone(pool.name)
        if not gone and not self._felt_behind(pool):
            # As everywhere else where nobody is aside.
            plain = state_in(self._loaded, pool)
            return plain or self.analysis.occupancy(self.level).of(pool)

        def left(agents: int) -> int:
            # Of few agents callers put aside few.
            return agents - min(gone, _most_of_all(self.analysis, pool.name, agents)) if gone else agents

        found = self.with_those_left(pool, left)
        return found if isinstance(found, str) else found[1] or f"all agents of {pool.name} may be put aside"

    def used_by_most(self, name: str, state: Occupied) -> float:
        """The share of the slots of the most agents that there may be, as many of them put aside as callers may."""
        pool, most = self.analysis.pool(name), self.analysis.pool(name).agents_most.value
        left = worth(self.analysis, pool, most, _most_of_all(self.analysis, name, most)) * pool.each.concurrency.value
        return self._rate(Level.PEAK, name) * state.held.mean / left if left else math.inf

    def _felt_behind(self, pool: Pool) -> bool:
        links = self.analysis.figures.links.get(pool.name, ())
        return any(self.aside.at(link.callee).felt for link in links if link.to_pool)


@dataclass(frozen=True)
class _Waits(Tails):
    fewer: Fewer = field(kw_only=True)

    def state(self, pool: Pool) -> Occupied | str:
        return self.fewer.of(pool)


class _Stirred(Stirred):
    """A storm takes agents away that callers put aside, and brings those that the autoscaler then adds."""

    def __init__(self, analysis: Analysis, fewer: Fewer, tails: Tails) -> None:
        super().__init__(analysis, tails)
        self._fewer = fewer

    def _used(self, name: str, state: Occupied) -> float:
        return min(super()._used(name, state), self._fewer.used_by_most(name, state))
