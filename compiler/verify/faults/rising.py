"""A trial whose load moves -> how long requests may wait for agents that are still to come, on top of what they do at
rest, and how busy those get that are there.

Invariant: upper bounds, for all but one request in a million at each pool. The load goes from its least to its most at
once, but where it rises once and in one way: then by its own slope. Pools begin with the fewest agents that the
autoscaler leaves alone at the trial's least load, and agents come as late as `semantics.growth` has it from the last
rise on.

Source: the fluid of `semantics.growth`; what chance adds while agents are missing, `semantics.rare` (by Doob's
inequality its bound of a sum holds for all beginnings of it at once). Limits: faults are not in it, and a fault that
comes meanwhile is worked off by agents as busy as they then are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from ...model import Call, Demand, Pool, Scaling, Stated, Trial
from ...semantics.growth import piled_up
from ...semantics.latency import LogNormal, fit_moments
from ...semantics.queueing import Wait as QueueWait
from ...semantics.rare import CHANCE, most_of, rare_wait, rare_work
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import UP, Occupied
from ..flows.rises import climb_of, rise_of
from ..flows.uneven import worth
from ..flows.used import used_at_rest
from ..flows.waits import pulled, wait_of
from ..words import counted, seconds
from .traffic import Load, load_of, pieces_of

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Growing:
    """A pool from `begins` to `ends`: what a request may wait on top, and the most of what its agents can do that is
    asked of them; `why` that is not known."""

    pool: str
    begins: Fraction
    ends: Fraction
    wait: Fraction = _NONE
    use: Fraction = _NONE
    told: str = ""
    why: str = ""


class Wait(NamedTuple):
    """Seconds, and the share of the requests that wait longer."""

    seconds: Fraction
    seldom: float

    def times(self, often: int) -> Wait:
        return Wait(self.seconds * often, self.seldom * often)


@dataclass(frozen=True)
class Rising:
    analysis: Analysis
    trial: Trial
    pools: tuple[Growing, ...]
    """Those of which something is different from what it is at rest."""

    @cached_property
    def waited_for(self) -> tuple[Growing, ...]:
        return tuple(one for one in self.pools if one.wait or one.why)

    @cached_property
    def waits(self) -> Mapping[str, Wait]:
        """By the name of a call, what one of its tries may wait on top, there and behind; those that wait at all.

        Where agents work off what piled up, those behind get it, and make others that call them wait as long.
        """
        found: dict[str, Wait] = {}
        below = {one.pool: self.analysis.reached(one.pool) for one in self.waited_for}
        for name in (*reversed(self.analysis.names), *(one.name for one in self.analysis.fleet.demands)):
            for call in self.analysis.out(name) if below else ():
                parts = [
                    Wait(one.wait, CHANCE)
                    for one in self.waited_for
                    if call.callee in below[one.pool] and name not in below[one.pool]
                ]
                behind = [one for one in self.analysis.out(call.callee) if one.name in found]
                parts += [found[one.name].times(math.ceil(one.per_request.value)) for one in behind]
                if parts:
                    whole = sum((one.seconds for one in parts), _NONE), sum(one.seldom for one in parts)
                    found[call.name] = Wait(*whole)
        return found

    @cached_property
    def begins(self) -> Fraction:
        return min((one.begins for one in self.waited_for), default=_NONE)

    @cached_property
    def ends(self) -> Fraction:
        return max((one.ends for one in self.waited_for), default=_NONE)

    def near(self, names: Iterable[str]) -> list[Growing]:
        """Those for which requests to such pools may wait."""
        those = set(names)
        return [one for one in self.waited_for if not those.isdisjoint(self.analysis.reached(one.pool))]

    @cached_property
    def gives_up(self) -> tuple[Call, ...]:
        """The calls whose tries may take longer than their callers wait, in the mean."""
        found = []
        for call in self.analysis.fleet.calls if self.waits else ():
            wait, limit = self.waits.get(call.name), call.policy.patience_seconds
            if wait is not None and wait.seconds and limit is not None:
                held = self.analysis.occupancy(Level.PEAK).held(self.analysis.pool(call.callee))
                if isinstance(held, str) or limit.value <= wait.seconds + Fraction(held.mean):
                    found.append(call)
        return tuple(found)

    def gaps(self, demand: Demand) -> Iterator[str]:
        """Why it is not known how much of a demand fails meanwhile."""
        near = self.near(self.analysis.reached(demand.name))
        for one in near:
            if one.why:
                yield one.why
        for call in self.gives_up if near else ():
            retried = call.policy.tries_again
            if retried or call.policy.breaker is not None:
                more = "is tried again" if retried else "takes agents for broken"
                yield (
                    f"{near[0].told}, {call.name} gives up after {_patience(call)} and {more}, and what that adds is "
                    f"not worked out; {MORE_TIME}"
                )
                break

    def why(self, demand: Demand) -> str:
        """The first call on a demand's way that may give up meanwhile."""
        way = {demand.name, *self.analysis.reached(demand.name)}
        for call in self.gives_up:
            if call.caller in way and (near := self.near([call.callee])):
                return f"{near[0].told}, and {call.name} gives up after {_patience(call)}"
        return ""


MORE_TIME = "more agents at the minimum, a lower target or a longer timeout would decide it"


def _patience(call: Call) -> str:
    limit = call.policy.patience_seconds
    assert limit is not None
    return seconds(limit.value)


def rising_in(analysis: Analysis, trial: Trial) -> Rising:
    """Worked out once for all that ask."""
    return analysis.kept(f"rising in {trial.name}", lambda: Rising(analysis, trial, _growing(analysis, trial)))


@dataclass(frozen=True, slots=True)
class _Move:
    """All loads of a trial: the fleet at the levels of it, the first and the last rise, and whether all rise once, at
    that time, and never fall."""

    levels: Analysis
    first: Fraction | None
    last: Fraction
    once: bool


def _move(analysis: Analysis, trial: Trial) -> _Move | None:
    """None where nothing goes below the steady level, or rises."""
    known: dict[str, _Course] = analysis.by_caller(f"courses of demand in {trial.name}")
    for one in analysis.fleet.demands:
        if one.name not in known:
            known[one.name] = _course_of(trial, one)
    courses = [known[one.name] for one in analysis.fleet.demands]
    rises = [rise for course in courses for rise in course.rises]
    if not rises and not any(course.below for course in courses):
        return None
    once = all(course.once for course in courses) and len({start for start, _ in rises}) <= 1
    moved = tuple(
        replace(
            one,
            steady_per_second=replace(one.steady_per_second, value=course.load.least),
            peak_per_second=replace(one.peak_per_second, value=course.load.most),
            rise_per_second=Stated(course.slope, one.at) if once and course.slope else None,
        )
        for one, course in zip(analysis.fleet.demands, courses, strict=True)
    )
    first, end = min((start for start, _ in rises), default=None), trial.duration_seconds.value
    return _Move(
        Analysis(replace(analysis.fleet, demands=moved)), first, max((last for _, last in rises), default=end), once
    )


class _Course(NamedTuple):
    """What a trial makes of one demand: when it rises (from, to), by how much a second; whether it does so once, and
    never falls; whether it goes below its steady level."""

    load: Load
    rises: tuple[tuple[Fraction, Fraction], ...]
    slope: Fraction | None
    once: bool
    below: bool


def _course_of(trial: Trial, demand: Demand) -> _Course:
    found, load = pieces_of(trial, demand), load_of(trial, demand)
    below = load.least < demand.steady_per_second.value
    if found is None:
        return _Course(load, ((_NONE, trial.duration_seconds.value),), None, once=False, below=below)
    jumps = [(b.start, b.start) for a, b in pairwise(found) if b.low > a.high]
    ramps = [one for one in found if one.high > one.low]
    falls = any(one.high < one.low for one in found) or any(b.low < a.high for a, b in pairwise(found))
    slope = (ramps[0].high - ramps[0].low) / (ramps[0].end - ramps[0].start) if ramps else None
    once = not falls and len(jumps) + len(ramps) <= 1
    return _Course(load, (*jumps, *((one.start, one.end) for one in ramps)), slope, once, below)


def _growing(analysis: Analysis, trial: Trial) -> tuple[Growing, ...]:
    move = _move(analysis, trial)
    if move is None:
        return ()
    found: list[Growing] = []
    for name in analysis.names:
        pool = analysis.pool(name)
        if pool.scaling is not None and not pool.may_be_empty and analysis.demands_of(name):
            found += [*_quiet(analysis, trial, move, pool), *_short(analysis, trial, move, pool, pool.scaling)]
    waited = [one for one in found if one.wait]
    if any(b.pool != a.pool and b.pool in analysis.reached(a.pool) for a in waited for b in waited):
        # One sees the load when the other has grown.
        found = [replace(one, ends=trial.duration_seconds.value) for one in found]
    return tuple(found)


def _quiet(analysis: Analysis, trial: Trial, move: _Move, pool: Pool) -> Iterator[Growing]:
    """Fewer agents than at the steady level, each as busy."""
    few, steady = move.levels.occupancy(Level.BETWEEN).of(pool), analysis.occupancy(Level.STEADY).of(pool)
    least = move.levels.occupancy(Level.STEADY).of(pool)
    if isinstance(few, str) or isinstance(steady, str) or isinstance(least, str) or least.agents >= steady.agents:
        return
    end, use = trial.duration_seconds.value, used_at_rest(move.levels, pool)
    told = f"in trial {trial.name} {pool.name} may have no more than {counted(least.agents, 'agent')}"
    if few.unrest or few.wait.endless or isinstance(use, str):
        yield Growing(pool.name, _NONE, end, use=Fraction(2), told=told, why=few.unrest or f"{told}, which are too few")
        return
    wait = Fraction(_rare(few.wait, _hold(few)))
    long = f"{told}, for which requests may wait {seconds(_ms(wait))}"
    yield Growing(pool.name, _NONE, end, wait, Fraction(use), long)


def _short(analysis: Analysis, trial: Trial, move: _Move, pool: Pool, scaling: Scaling) -> Iterator[Growing]:
    """Fewer agents than the load wants, until they have come and worked off what waits."""
    if move.first is None:
        return
    end, climb = trial.duration_seconds.value, climb_of(move.levels, pool, scaling)
    if isinstance(climb, str):
        known = isinstance(analysis.occupancy(Level.BETWEEN).of(pool), Occupied)
        yield from [Growing(pool.name, _NONE, end, use=Fraction(2), why=climb)] if known else []
        return
    if climb.goal <= climb.start:
        return
    rise, state = rise_of(move.levels, pool), move.levels.occupancy(Level.PEAK).of(pool)
    rest = used_at_rest(analysis, pool)
    assert isinstance(state, Occupied)
    each, late = pool.each.concurrency.value / Fraction(state.held.mean), _NONE if move.once else move.last - move.first
    rungs = [(since + late if since else since, worth(analysis, pool, count)) for since, count in climb.growth.rungs]
    apart = not pulled(analysis, pool)
    piled = piled_up(rungs, rise.at if move.once else lambda _: rise.high, each, rise.ends, apart=apart)
    use = max(rate / (count * each) for rate, count in piled.rungs)
    if not isinstance(rest, str) and use <= Fraction(rest) * UP:
        return
    lasts = max(rise.ends, rungs[-1][0])
    grows = f"{pool.name} grows from {climb.start} to {counted(climb.goal, 'agent')}"
    told = f"in trial {trial.name} {grows} as the load rises"
    if pool.divided:
        why = f"{told}, and how long requests then wait for one of a skill is not worked out; {MORE_TIME}"
        yield Growing(pool.name, move.first, end, use=use, told=told, why=why)
        return
    wait = piled.wait if move.once else piled.most / (rungs[0][1] * each)
    wait += _chance(analysis, pool, climb.start, float(rise.high * lasts), state, piled.rungs if use < 1 else ())
    over = move.first + piled.over if move.once and piled.over is not None else end
    begins = max(_NONE, move.first - _response(analysis, pool))
    long = f"{told}, until they are there requests may wait up to {seconds(_ms(wait))}"
    yield Growing(pool.name, begins, min(end, over), wait, use, long)


def _chance(
    analysis: Analysis,
    pool: Pool,
    agents: int,
    come: float,
    state: Occupied,
    rungs: Sequence[tuple[Fraction, int | Fraction]],
) -> Fraction:
    """What more and longer requests than in the mean add to the wait for the agents that were there first, where all
    have one queue, or each has its own and no more come to it than at random; or the wait at rest that is longest, with
    as much as comes to so many, each of `rungs`, from fewer requests on."""
    hold = _hold(state)
    slots = agents * pool.each.concurrency.value
    if not pulled(analysis, pool):
        slots, come = pool.each.concurrency.value, come / agents
    work = rare_work(math.ceil(most_of(come)), slots, hold, CHANCE) - come * state.held.mean
    found = max(0.0, work) / slots
    if rungs:
        waits = (wait_of(analysis, pool, rate, state.held, int(count)) for rate, count in rungs)
        found = min(found, max(_rare(wait, hold) for wait in waits))
    return Fraction(found)


def _hold(state: Occupied) -> LogNormal:
    return fit_moments(state.held.mean, state.held.variance / state.held.mean**2)


def _rare(wait: QueueWait, hold: LogNormal) -> float:
    return math.inf if wait.endless else rare_wait(wait, hold, CHANCE)


def _response(analysis: Analysis, pool: Pool) -> Fraction:
    """Seconds for which a request that comes to the fleet before a rise may still come to the pool in it: by Little's
    law those are as many as come in the mean time of one."""
    times = [
        analysis.occupancy(Level.BETWEEN).response_of(call)
        for demand in analysis.demands_of(pool.name)
        for call in analysis.out(demand.name)
    ]
    return max((Fraction(one.mean) for one in times if not isinstance(one, str) and one.mean < math.inf), default=_NONE)


def _ms(time: Fraction) -> Fraction:
    return Fraction(math.ceil(time * 1000), 1000)
