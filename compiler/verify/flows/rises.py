"""A pool and its demands -> what arrives as they rise, and how its autoscaler follows them at the latest.

Invariant: an upper bound of who waits meanwhile, in the fluid of `semantics.growth`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from ...model import Demand, Pool, Scaling
from ...semantics.growth import METRIC_DELAY_S, Growth, latest_growth, most_waiting
from ..exact.expression import Expression
from . import leaves
from .analysis import Analysis, Level
from .climbing import full_share, steps, surely, unseen_for
from .occupancy import BAND, settled
from .overtaking import taken_together
from .pods import behavior
from .uneven import worth
from .waits import pulled
from .warming import whole_after


@dataclass(frozen=True, slots=True)
class Rise:
    """What arrives at a pool as every demand goes from steady to peak, each by its slope, or at once without one."""

    parts: tuple[tuple[Fraction, Fraction, Fraction | None], ...]
    """(steady, peak, gain a second) of what each demand sends to the pool, requests per second."""
    basis: tuple[Expression, ...]

    def at(self, time: Fraction) -> Fraction:
        return sum(
            (peak if gain is None else min(peak, steady + gain * time) for steady, peak, gain in self.parts),
            Fraction(0),
        )

    @property
    def at_once(self) -> Rise:
        return Rise(tuple((steady, peak, None) for steady, peak, _ in self.parts), self.basis)

    @property
    def low(self) -> Fraction:
        return sum((steady for steady, _, _ in self.parts), Fraction(0))

    @property
    def high(self) -> Fraction:
        return sum((peak for _, peak, _ in self.parts), Fraction(0))

    @property
    def ends(self) -> Fraction:
        """Seconds until all are at their peaks."""
        return max(((peak - steady) / gain for steady, peak, gain in self.parts if gain), default=Fraction(0))


def rise_of(analysis: Analysis, pool: Pool) -> Rise:
    parts, basis = [], []
    for demand in analysis.demands_of(pool.name):
        visits = analysis.visits_to(pool.name, demand)
        if not visits:
            continue
        gain = demand.rise_per_second.value * visits if demand.rise_per_second is not None else None
        # A demand that never rises is at its peak when it matters.
        parts.append((demand.steady_per_second.value * visits, demand.peak_per_second.value * visits, gain or None))
        slope = leaves.rise(demand)
        basis += [leaves.steady(demand), leaves.peak(demand), *([slope] if slope is not None else [])]
    return Rise(tuple(parts), tuple(basis))


@dataclass(frozen=True, slots=True)
class Climb:
    """`growth` at the latest; meanwhile `waiting` requests wait at the most, one of them for `wait` seconds."""

    growth: Growth
    waiting: Fraction
    wait: Fraction
    start: int
    goal: int

    @staticmethod
    def none() -> Climb:
        """Of a pool that does not grow."""
        return Climb(Growth(Fraction(0), ()), Fraction(0), Fraction(0), 0, 0)


def climb_of(analysis: Analysis, pool: Pool, scaling: Scaling) -> Climb | str:
    return analysis.kept(f"climb of {pool.name}", lambda: _climbed(analysis, pool, scaling, rise_of(analysis, pool)))


def _climbed(analysis: Analysis, pool: Pool, scaling: Scaling, rise: Rise) -> Climb | str:
    steady, worst = (analysis.occupancy(level).of(pool) for level in (Level.STEADY, Level.BETWEEN))
    if isinstance(steady, str):
        return steady
    if isinstance(worst, str):
        return worst
    held, unseen = worst.held, unseen_for(analysis, pool)
    if math.isinf(unseen):
        rise = rise.at_once

    @cache
    def needed(time: Fraction) -> int:
        asked = settled(pool, rise.at(time), held, BAND)
        assert isinstance(asked, int)
        return asked

    study = partial(
        latest_growth,
        start=steady.agents,
        behavior=behavior(scaling),
        startup=whole_after(analysis, pool),
        metric_delay=Fraction(METRIC_DELAY_S),
        full_share=full_share(scaling),
    )
    found = study(
        needed,
        rise.ends,
        steps=steps(
            analysis,
            pool,
            steady.agents,
            worst.agents,
            lambda tenths, count: needed(Fraction(tenths, 10)) <= count,
        ),
    )
    if found is None:
        return f"the autoscaler of {pool.name} never gets from {steady.agents} to {worst.agents} agents by its steps"
    if unseen and rise.ends:
        late, at_once = Fraction(math.ceil(unseen * 1000), 1000), study(lambda _: worst.agents, Fraction(0))
        first, *further = found.rungs
        lag = found.lag + late if at_once is None else min(found.lag + late, at_once.lag)
        found = Growth(lag, (first, *((since + late, count) for since, count in further)))
    each = Fraction(pool.each.concurrency.value) / Fraction(held.mean)
    rungs = [(since, worth(analysis, pool, count)) for since, count in found.rungs]
    if not all(count for _, count in rungs):
        return f"each agent of {pool.name} has one skill, and while it grows some skill has nobody"
    waiting, wait = most_waiting(rungs, rise.at, each, rise.ends, apart=not pulled(analysis, pool))
    return Climb(found, waiting, wait, steady.agents, worst.agents)


def waits_in_a_rise(analysis: Analysis, pool: Pool, scaling: Scaling) -> bool:
    """Whether requests may wait for agents that an autoscaler adds in a rise, so that more than the peak is worked off
    after it."""
    wait = surely(analysis, pool, scaling).wait
    if wait is not None:
        return wait > 0
    climb = climb_of(analysis, pool, scaling)
    return isinstance(climb, str) or climb.waiting > 0


def waits_on_the_way(analysis: Analysis, demand: Demand) -> Fraction:
    """Seconds that one request may wait in all, while all pools grow at once that are on its way, or that call those
    that are; those of which that is not known left out.

    An upper bound: a pool that has grown hands on what waited there, and the next one, which was content with what came
    before, works it off no slower: so do those behind it, for whoever else calls them too."""

    def summed() -> Fraction:
        found = Fraction(0)
        for pool in _growing_on_the_way(analysis, demand):
            times = often(analysis, pool, demand)
            climb = climb_of(analysis, pool, pool.scaling) if pool.scaling is not None and times else ""
            if not isinstance(climb, str):
                found += climb.wait * times
        return found

    return analysis.kept(f"waits of {demand.name} in a rise", summed)


def surely_waits_on_the_way(analysis: Analysis, demand: Demand) -> float | None:
    """No less than `waits_on_the_way`, in doubles; None where they do not tell."""

    def summed() -> float | None:
        found = 0.0
        if waits_for_one_agent(analysis, demand):
            return None
        for pool in _growing_on_the_way(analysis, demand):
            times = often(analysis, pool, demand)
            wait = surely(analysis, pool, pool.scaling).wait if pool.scaling is not None and times else 0.0
            if wait is None:
                return None
            found += wait * times
        return found

    return analysis.kept(f"waits of {demand.name} in a rise, surely", summed)


def waits_for_one_agent(analysis: Analysis, demand: Demand) -> str:
    """Why one of those that wait may do so for longer than all agents need."""
    growing = _growing_on_the_way(analysis, demand)
    return next(filter(None, (taken_together(analysis, one.name) for one in growing)), "")


def often(analysis: Analysis, pool: Pool, demand: Demand) -> int:
    """How many times a request of a demand may wait for what waits for a pool's agents: there, or where they work it
    off; 0 where it never does."""
    if visits := analysis.visits_to(pool.name, demand):
        return math.ceil(visits)
    return max(math.ceil(analysis.visits_to(name, demand)) for name in analysis.reached(pool.name))


def _growing_on_the_way(analysis: Analysis, demand: Demand) -> list[Pool]:
    """Those of them that the demand passes, or that call such ones."""
    growing = _growing(analysis)
    return [growing[name] for name in analysis.above(*analysis.reached(demand.name)) if name in growing]


def _growing(analysis: Analysis) -> Mapping[str, Pool]:
    """Those for whose agents somebody may wait."""

    def found() -> dict[str, Pool]:
        pools = (pool for pool in analysis.pools if pool.scaling is not None and not pool.may_be_empty)
        reached = (pool for pool in pools if analysis.demands_of(pool.name))
        return {
            one.name: one for one in reached if one.scaling is not None and surely(analysis, one, one.scaling).wait != 0
        }

    return analysis.kept("pools that grow late", found)
