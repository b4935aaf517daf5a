"""Callers that put agents aside after errors, without a fault -> those that are well and only late, and how long
requests wait for the others.

Invariant: an upper bound, for all but one moment in ten thousand, of how many are aside at once, and so of waits at the
others. A try that is late is an error of its agent. Each ejection takes as many errors as the clause says, all of them
here, whatever agents they are of, or in a row of some agent some that waited too long or only such as take too long of
themselves; and it lasts until the next sweep. What is assumed of how many are aside is no less than what follows from
it, so that a fleet that starts with all of them never gets past it. Who is late at a pool is so for what waits there
and behind it, whoever else calls what lies behind: pools are settled one after the other, callees first.

Source: `semantics.outlier`; the number aside as of M/G/infinity (Poisson); Bronson et al., "Metastable Failures in
Distributed Systems" (HotOS 2021), of the fixed point. Limits, besides those of `occupancy`: an agent that only some
proxies put aside counts as though all did, and while a fault lasts these are not counted anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from ...model import Break, Call, Pool
from ...semantics.outlier import SHARE_VOLUME
from .analysis import Analysis, Level
from .crowded import Crowd, crowd, state_in
from .ejections import back_after, most_aside
from .late_tries import Late, late_on
from .lengthened import Lengthened
from .occupancy import Occupied, Times
from .tails import Tails

_ZERO = Fraction(0)
RARE = 1e-4
_HARDLY_EVER = RARE / 1000
"""So few of a thousand callers' are none but in rare moments: how often exactly is not worked out."""
_MANY = 100
_PARTS = [part / 16 for part in range(1, 16)]


class Aside(NamedTuple):
    """At a pool."""

    agents: int
    """At the most at once."""
    often: Fraction
    """The share of the time in which any is, at the most."""
    chance: float
    """The share of its requests that fail at the most for dependencies that answer too late: each in its own time,
    whoever else waits."""
    felt: bool
    """Whether any is here, or behind."""
    late: Mapping[str, Late]
    """How late tries of the calls to it are without them, by the names of the calls; empty where they are not felt."""


class PutAside:
    """Of a whole fleet, as it is asked for."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        # Where late tries load pools, that is worked out of the whole fleet at once.
        alone = crowd(analysis).occupancy is None
        self._at: dict[str, Aside] = analysis.by_caller("agents put aside for being late") if alone else {}
        self._tried: dict[str, int] = {}
        """What is assumed of the pool that is being settled."""
        self.fewer = Fewer(analysis, Level.BETWEEN, aside=self)
        self.tails: Tails = _Waits(analysis, Level.BETWEEN, fewer=self.fewer)
        """Of the time until a caller goes on."""

    def at(self, pool: str) -> Aside:
        found = self._at.get(pool)
        if found is None:
            for name in reversed(self.analysis.reached(pool)):
                if name not in self._at:
                    self._at[name] = self._settled(name)
            found = self._at[pool]
        return found

    def on_the_way(self, start: str) -> dict[str, Aside]:
        """From a demand or a pool: those where any is."""
        return {name: found for name in self.analysis.reached(start) if (found := self.at(name)).agents}

    def late(self, call: Call) -> Late:
        """How late its tries are without them."""
        here = self.at(call.callee).late.get(call.name) if self.analysis.is_pool(call.callee) else None
        return here or self._crowd.late[call.name]

    def gone(self, pool: str) -> int:
        """Settled, or assumed."""
        return self._tried[pool] if pool in self._tried else self.at(pool).agents

    @property
    def _crowd(self) -> Crowd:
        return crowd(self.analysis)

    def _settled(self, name: str) -> Aside:
        analysis, pool = self.analysis, self.analysis.pool(name)
        calls = analysis.into(name)
        ejecting = [call for call in calls if call.policy.breaker is not None]
        chance, behind, felt = 0.0, 0.0, False
        for link in analysis.figures.links.get(name, ()):
            there = self.at(link.callee) if link.to_pool else None
            chance += link.times * (self._crowd.late[link.call.name].cut if there is None else there.chance)
            behind += link.times * self.late(link.call).failing
            felt = felt or (there is not None and there.felt)
        all_ = most_of_all(analysis, name, pool.agents_most.value)
        agents, late = 0, dict[str, Late]()
        while True:
            self._tried[name] = agents
            if felt:
                late = {call.name: late_on(analysis, call, behind, self.tails) for call in calls}
            mean = sum(
                self._ejected(call, late.get(call.name) or self._crowd.late[call.name], chance) for call in ejecting
            )
            more = most_of(all_, mean)
            if more <= agents:
                break
            agents, felt = more, True
            self.fewer.forget(pool)
            self.tails.forget(pool)
        del self._tried[name]
        return Aside(agents, Fraction(min(1.0, mean)) if agents else _ZERO, chance, felt, late)

    def _ejected(self, call: Call, late: Late, chance: float) -> float:
        """Agents that a call's proxies have aside at once, on average at the most."""
        known, breaker = self._crowd, call.policy.breaker
        assert breaker is not None
        failing = 1.0 if call.callee in known.unknown else late.failing
        tries = known.tries(self.analysis, call) if failing else 0.0
        if isinstance(tries, str):
            return math.inf
        for_each = tries * float(back_after(call))
        plainly = for_each * failing / _errors(breaker)
        return plainly if plainly <= _HARDLY_EVER else for_each * self._at_once(call, failing, chance)

    def _at_once(self, call: Call, failing: float, chance: float) -> float:
        """The share of tries that eject an agent, at the most, where such a share is late or fails.

        Of consecutive errors: either one of them is none by mere chance, and belongs to no other ejection, or all are,
        each for itself. At a pool that calls nobody: either one of them waited for more than a part of the time, or all
        of them work for longer than the rest, each in its own time.
        """
        breaker, limit = call.policy.breaker, call.policy.patience_seconds
        assert breaker is not None
        found = failing / _errors(breaker)
        if breaker.errors is None or limit is None or failing >= 1:
            return found
        if self.analysis.out(call.callee):
            return min(found, max(0.0, failing - chance) + min(1.0, chance) ** _errors(breaker))
        pool = self.analysis.pool(call.callee)
        state, service = self.fewer.of(pool), self.analysis.service(pool)
        if isinstance(state, str) or service is None:
            return found
        for part in _PARTS:
            waits, works = float(limit.value) * part, float(limit.value) * (1 - part)
            found = min(found, state.wait.above(waits) + service[0].above(works) ** breaker.errors.value)
        return found


def put_aside(analysis: Analysis) -> PutAside:
    return analysis.kept("agents put aside for being late", lambda: PutAside(analysis))


def most_of_all(analysis: Analysis, name: str, size: int) -> int:
    """That the callers of a pool may put aside, of so many agents."""
    breakers = (call.policy.breaker for call in analysis.into(name))
    return max((most_aside(one, size) for one in breakers if one is not None), default=0)


def most_of(all_: int, mean: float) -> int:
    """So many of them, all but once in ten thousand times, where so many would be aside on average.

    Poisson: by its own sum where the mean is small, else by Bernstein's bound.
    """
    if mean > _MANY:
        rare = -math.log(RARE)
        most = mean + math.sqrt(2 * mean * rare) + rare
        return all_ if most >= all_ else math.ceil(most)
    count, term, left = 0, math.exp(-mean), -math.expm1(-mean)
    while left > RARE:
        count += 1
        term *= mean / count
        left -= term
    return min(count, all_)


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
        loaded, rate = crowd(self.analysis).occupancy, super()._rate(level, name)
        return rate if loaded is None or level is Level.STEADY else max(rate, loaded.arriving.get(name, 0.0))

    def added(self, call: Call) -> Times:
        loaded = crowd(self.analysis).occupancy
        return Times(0.0, 0.0) if loaded is None else loaded.added(call)

    def _occupied(self, pool: Pool) -> Occupied | str:
        gone = self.aside.gone(pool.name)
        if not gone and not self._felt_behind(pool):
            # As everywhere else where nobody is aside.
            plain = state_in(crowd(self.analysis).occupancy, pool)
            return plain or self.analysis.occupancy(self.level).of(pool)

        def left(agents: int) -> int:
            # Of few agents callers put aside few.
            return agents - min(gone, most_of_all(self.analysis, pool.name, agents)) if gone else agents

        found = self.with_those_left(pool, left)
        return found if isinstance(found, str) else found[1] or f"all agents of {pool.name} may be put aside"

    def _felt_behind(self, pool: Pool) -> bool:
        links = self.analysis.figures.links.get(pool.name, ())
        return any(self.aside.at(link.callee).felt for link in links if link.to_pool)


@dataclass(frozen=True)
class _Waits(Tails):
    fewer: Fewer = field(kw_only=True)

    def _state(self, pool: Pool) -> Occupied | str:
        return self.fewer.of(pool)
