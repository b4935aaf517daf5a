"""Callers that put agents aside after errors, without a fault -> those that are well and only late, and who waits
longer for it.

Invariant: an upper bound, for all but one moment in ten thousand, of how many are aside at once, and so of waits at the
others. A try that is late is an error of its agent. Each ejection takes as many errors as the clause says, all of them
here, whatever agents they are of, or in a row of some agent some that waited too long or only such as take too long of
themselves; and it lasts until the next sweep. What is assumed of how many are aside is no less than what follows from
it, so that a fleet that starts with all of them never gets past it.

Source: `semantics.outlier`; the number aside as of M/G/infinity (Poisson); Bronson et al., "Metastable Failures in
Distributed Systems" (HotOS 2021), of the fixed point. Limits, besides those of `flows.occupancy`: an agent that only
some proxies put aside counts as though all did, and while a fault lasts these are not counted anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from ...model import Break, Call, CalleeKind, Demand, Pool
from ...semantics.outlier import SHARE_VOLUME
from ..flows.analysis import Analysis, Level
from ..flows.crowded import crowd
from ..flows.late_tries import Late, lateness
from ..flows.lengthened import Lengthened
from ..flows.occupancy import Occupied, Times
from ..flows.tails import Tails
from .aside import back_after
from .failing import Failing
from .outages import most_aside

_ZERO, _ONE = Fraction(0), Fraction(1)
RARE = 1e-4
_HARDLY_EVER = RARE / 1000
"""So few of a thousand callers' are none but in rare moments: how often exactly is not worked out."""
_MANY = 100
_PARTS = [part / 16 for part in range(1, 16)]


def late_for_agents_aside(failing: Failing, demand: Demand) -> Fraction:
    """Of all requests of the demand, those that come too late for it, without those that do anyway."""
    analysis = failing.analysis
    way = {demand.name, *analysis.reached(demand.name)}
    if not any(call.policy.breaker is not None for name in way for call in _into(analysis, name)):
        return _ZERO
    aside = agents_aside(analysis, demand.name)
    gone = way & set(aside.agents)
    often = sum((aside.often[name] for name in gone), _ZERO)
    if not often:
        return _ZERO
    tails = tails_without(analysis, Fewer(analysis, Level.BETWEEN, gone=aside.agents))
    found: dict[str, Fraction] = {}
    for name in (*reversed(analysis.reached(demand.name)), demand.name):
        for call in analysis.out(name):
            behind = analysis.out(call.callee) if call.callee_kind is CalleeKind.POOL else []
            late = sum((one.per_request.value * found[one.name] for one in behind), _ZERO)
            limit = call.policy.patience_seconds
            if limit is not None and not gone.isdisjoint((call.callee, *analysis.reached(call.callee))):
                key = f"share of {call.callee} later than {limit.value} s without those aside"
                share = analysis.kept(
                    f"{key} by {failing.later_than.__name__}",
                    lambda call=call, limit=limit: failing.later_than(tails, call.callee, float(limit.value)),  # type: ignore[misc]
                )
                here = _ONE if isinstance(share, str) else Fraction(share)
                late += max(_ZERO, here - failing.later(call, failing.at_rest))
            found[call.name] = min(_ONE, late)
    late = min(_ONE, sum((found[call.name] for call in analysis.out(demand.name)), _ZERO)) * min(_ONE, often)
    # In rare moments more are aside, and all that come then may be late.
    return min(_ONE, late + Fraction(RARE))


class Aside(NamedTuple):
    agents: Mapping[str, int]
    """By pool, at the most."""
    often: Mapping[str, Fraction]
    """The share of the time in which any is, at the most."""
    late: Mapping[str, Late]
    """How late tries are without them, by the name of each call on the way."""


def _into(analysis: Analysis, name: str) -> list[Call]:
    """Who sends to a pool; nobody puts aside what is no pool."""
    return analysis.into(name) if analysis.is_pool(name) else []


def agents_aside(analysis: Analysis, start: str) -> Aside:
    """On the way from a demand or a pool.

    Worked out once; for each edit where late tries load pools, which is worked out of the whole fleet at once.
    """
    said = "agents put aside for being late"
    if crowd(analysis).occupancy is not None:
        return analysis.kept(f"{said} of {start}", lambda: _aside(analysis, start))
    known: dict[str, Aside] = analysis.by_caller(said)
    if start not in known:
        known[start] = _aside(analysis, start)
    return known[start]


def tails_without(analysis: Analysis, fewer: Fewer) -> Tails:
    return _Waits(analysis, Level.BETWEEN, fewer=fewer) if fewer.gone else crowd(analysis).tails


def _aside(analysis: Analysis, start: str) -> Aside:
    """Of the pools on the way, from the other parts of a fleet nothing of which counts: who is late at a pool is
    so for what waits there and behind it, whoever else calls them."""
    known, way = crowd(analysis), dict.fromkeys(analysis.reached(start))
    if analysis.is_pool(start):
        way = {start: None, **way}
    calls = [call for name in way for call in _into(analysis, name)]
    ejecting = [call for call in calls if call.policy.breaker is not None]
    callers = [*reversed(way), *dict.fromkeys(call.caller for call in calls if call.caller not in way)]
    agents: dict[str, int] = {}
    chance = _by_chance(analysis, way)
    fewer, late = Fewer(analysis, Level.BETWEEN), dict[str, Late]()
    while True:
        means: dict[str, float] = {}
        for call in ejecting:
            ejected = _ejected(analysis, fewer, call, late, chance[call.callee])
            means[call.callee] = means.get(call.callee, 0.0) + ejected
        more = {
            name: most
            for name, mean in means.items()
            if (most := _most_of(_all(analysis, name), mean)) > agents.get(name, 0)
        }
        if not more:
            return Aside(agents, {name: Fraction(min(1.0, means[name])) for name in agents}, late)
        agents |= {name: min(_all(analysis, name), most) for name, most in more.items()}
        fewer = Fewer(analysis, Level.BETWEEN, gone=dict(agents))
        late = lateness(analysis, callers, tails_without(analysis, fewer), known.late)


def _by_chance(analysis: Analysis, way: dict[str, None]) -> dict[str, float]:
    """By pool, the share of its requests that fail at the most for dependencies that answer too late: each in its own
    time, whoever else waits."""
    found: dict[str, float] = {}
    for name in reversed(way):
        found[name] = 0.0
        for link in analysis.figures.links.get(name, ()):
            late = found[link.callee] if link.to_pool else crowd(analysis).late[link.call.name].cut
            found[name] += link.times * late
    return found


def _ejected(analysis: Analysis, fewer: Fewer, call: Call, late: Mapping[str, Late], chance: float) -> float:
    """Agents that a call's proxies have aside at once, on average at the most; `chance` as of `_by_chance`."""
    known, breaker = crowd(analysis), call.policy.breaker
    assert breaker is not None
    failing = 1.0 if call.callee in known.unknown else (late.get(call.name) or known.late[call.name]).failing
    tries = known.tries(analysis, call) if failing else 0.0
    if isinstance(tries, str):
        return math.inf
    for_each = tries * float(back_after(call))
    plainly = for_each * failing / _errors(breaker)
    return plainly if plainly <= _HARDLY_EVER else for_each * _at_once(analysis, fewer, call, failing, chance)


def _at_once(analysis: Analysis, fewer: Fewer, call: Call, failing: float, chance: float) -> float:
    """The share of tries that eject an agent, at the most, where such a share is late or fails.

    Of consecutive errors: either one of them is none by mere chance, and belongs to no other ejection, or all are, each
    for itself. At a pool that calls nobody: either one of them waited for more than a part of the time, or all of them
    work for longer than the rest, each in its own time.
    """
    breaker, limit = call.policy.breaker, call.policy.patience_seconds
    assert breaker is not None
    found = failing / _errors(breaker)
    if breaker.errors is None or limit is None or failing >= 1:
        return found
    if analysis.out(call.callee):
        return min(found, max(0.0, failing - chance) + min(1.0, chance) ** _errors(breaker))
    pool = analysis.pool(call.callee)
    state, service = fewer.of(pool), analysis.service(pool)
    if isinstance(state, str) or service is None:
        return found
    for part in _PARTS:
        waits, works = float(limit.value) * part, float(limit.value) * (1 - part)
        found = min(found, state.wait.above(waits) + service[0].above(works) ** breaker.errors.value)
    return found


def _errors(breaker: Break) -> int:
    """That one ejection takes at the least."""
    if breaker.errors is not None:
        return max(1, breaker.errors.value)
    assert breaker.success_below is not None
    return max(1, math.ceil((1 - breaker.success_below.value) * SHARE_VOLUME))


def _all(analysis: Analysis, name: str) -> int:
    """That its callers may put aside: as many of the most agents."""
    return _all_of(analysis, name, analysis.pool(name).agents_most.value)


def _all_of(analysis: Analysis, name: str, size: int) -> int:
    return max(most_aside(one.policy.breaker, size) for one in analysis.into(name) if one.policy.breaker is not None)


def _most_of(all_: int, mean: float) -> int:
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


@dataclass(frozen=True)
class Fewer(Lengthened):
    """`occupancy` with so many agents less in some pools."""

    gone: Mapping[str, int] = field(default_factory=dict, repr=False)

    def _rate(self, level: Level, name: str) -> float:
        loaded, rate = crowd(self.analysis).occupancy, super()._rate(level, name)
        return rate if loaded is None or level is Level.STEADY else max(rate, loaded.arriving.get(name, 0.0))

    def added(self, call: Call) -> Times:
        loaded = crowd(self.analysis).occupancy
        return Times(0.0, 0.0) if loaded is None else loaded.added(call)

    def _occupied(self, pool: Pool) -> Occupied | str:
        gone = self.gone.get(pool.name, 0)

        def left(agents: int) -> int:
            # Of few agents callers put aside few.
            return agents - min(gone, _all_of(self.analysis, pool.name, agents)) if gone else agents

        found = self.with_those_left(pool, left)
        return found if isinstance(found, str) else found[1] or f"all agents of {pool.name} may be put aside"


@dataclass(frozen=True)
class _Waits(Tails):
    fewer: Fewer = field(kw_only=True)

    def _state(self, pool: Pool) -> Occupied | str:
        return self.fewer.of(pool)
