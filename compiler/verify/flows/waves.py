"""A peak that ends, before a pool with a queue -> what waits after it, and what of it is passed on when.

Invariant: one demand comes to the pool, and nobody gives up: what agents do not turn over at the peak waits, and is
worked off until the next one begins. A fluid: means over a peak and the time to the next one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ...model import CallerKind, Demand, Pool, Stated, WorkQueue
from ...semantics.levelling import let_go
from ...semantics.spend import Peak
from ..exact.expression import Derived, Expression, derived, total, value
from ..words import listed
from . import leaves
from .analysis import Analysis, Level
from .occupancy import UP
from .released import piles_up
from .rises import climb_of
from .uneven import overfull, sharing

LEVELLED = "a queue levels the peak, and how much of it comes at once is not known"
"""Why agents that are too few for a peak are not surely so."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A pool behind a queue, and the one demand that comes to it: at its peak it lasts `lasts` seconds every `every`,
    with `climb` seconds of rise before it. Their sum is below `every`."""

    pool: Pool
    queue: WorkQueue
    demand: Demand
    lasts: Stated[Fraction]
    every: Stated[Fraction]
    climb: Fraction

    def mean(self, above: Fraction) -> Fraction:
        """Requests per second from peak to peak, so many seconds of it at the peak."""
        steady, peak = self.demand.steady_per_second.value, self.demand.peak_per_second.value
        return steady + (peak - steady) * above / self.every.value

    def waiting(self, above: Fraction, works_off: Fraction) -> Fraction:
        """Requests that wait after so many seconds at the peak."""
        return max(Fraction(0), self.demand.peak_per_second.value - works_off) * above

    @property
    def holds(self) -> Expression | None:
        """`leaves.held_at_most` of its queue."""
        return leaves.held_at_most(self.queue)

    @property
    def basis(self) -> list[Expression]:
        return [leaves.steady(self.demand), leaves.peak(self.demand), *leaves.spell(self.demand)]


def wave_of(analysis: Analysis, pool: Pool) -> Wave | None:
    """None where nothing levels a peak, or one that may last always."""
    queues = [queue for queue in analysis.fleet.queues if queue.pool.value == pool.name]
    calls = analysis.into(pool.name)
    if len(queues) != 1 or queues[0].by_skill or len(calls) != 1 or calls[0].caller_kind is not CallerKind.DEMAND:
        return None
    demand = analysis.fleet.demand(calls[0].caller)
    if calls[0].policy.patience_seconds is not None:
        # Who gives up does not wait for the peak to end.
        return None
    lasts, every, climb = demand.peak_for_seconds, demand.peak_every_seconds, demand.climb_seconds
    if lasts is None or every is None:
        return None
    return Wave(pool, queues[0], demand, lasts, every, climb) if lasts.value + climb < every.value else None


def waves_before(analysis: Analysis, name: str) -> list[Wave]:
    """Those on the way to a pool or dependency whose peaks are not passed on as they come."""
    if not analysis.fleet.queues:
        return []
    pools = (analysis.pool(each) for each in analysis.above(name) if analysis.is_pool(each))
    waves = (wave_of(analysis, pool) for pool in pools)
    return [wave for wave in waves if wave is not None and piles_up(analysis, wave.pool)]


def passed_on(analysis: Analysis, wave: Wave) -> Fraction:
    """Seconds of each peak for which surely as much is passed on as comes: from when the autoscaler has followed."""
    pool = wave.pool
    held = value(analysis.occupancy(Level.PEAK).least_held[pool.name])
    slots = pool.agents_most.value * pool.each.concurrency.value
    if pool.scaling is None or wave.demand.peak_per_second.value * held >= slots:
        return Fraction(0)
    climb = climb_of(analysis, pool, pool.scaling)
    return Fraction(0) if isinstance(climb, str) else max(Fraction(0), wave.lasts.value - climb.growth.rungs[-1][0])


def let_go_in(analysis: Analysis, wave: Wave, period: Fraction | int) -> Derived:
    """Requests that its agents surely take on in so many seconds from when a peak begins."""
    pool, demand = wave.pool, wave.demand
    steady, peak = demand.steady_per_second.value, demand.peak_per_second.value
    held = analysis.occupancy(Level.PEAK).held(pool)
    does = steady
    if not isinstance(held, str) and 0 < held.mean < math.inf:
        fewest = sharing(analysis, pool.name, pool.agents_min.value)
        fewest_do = fewest * pool.each.concurrency.value / (Fraction(held.mean) * UP)
        # Before the peak they kept up with what came.
        does = fewest_do if overfull(analysis, pool) else max(does, fewest_do)
    least = let_go(Fraction(period), steady, peak, Peak(wave.lasts.value, wave.every.value), does)
    least_held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    basis = [*wave.basis, leaves.agents_min(pool), leaves.concurrency(pool), least_held]
    return derived(f"requests of {demand.name} that {wave.queue.name} lets go in {period} s", least, basis)


def sure_rate(analysis: Analysis, name: str, *, retried: bool = False) -> tuple[Expression, str]:
    """Requests per second that a pool must do whatever queues on the way make of a peak, and when; with every call
    tried to the last where `retried`.

    What they level comes as its mean from peak to peak, or they grow without end; all else as at the peak.
    """
    waves = levelling(analysis, name)
    if not waves:
        return analysis.rate(Level.PEAK, name, retried=retried), "at the peak"
    parts: list[Expression] = []
    for demand in analysis.demands_of(name):
        wave = waves.get(demand.name)
        comes: Expression = leaves.peak(demand)
        if wave is not None:
            mean = wave.mean(wave.lasts.value)
            comes = derived(f"requests of {demand.name} from peak to peak", mean, wave.basis)
        parts.append(comes * analysis.visits(demand, retried=retried)[name])
    return total(sorted(parts, key=value)), f"from one peak of {listed(sorted(waves))} to the next"


def levelling(analysis: Analysis, name: str) -> dict[str, Wave]:
    """The demands on whose way to it queues level the peaks."""
    found: dict[str, Wave] = {}
    for demand in analysis.demands_of(name) if analysis.fleet.queues else ():
        waves = [wave_of(analysis, analysis.pool(call.callee)) for call in analysis.out(demand.name)]
        if waves and waves[0] is not None and None not in waves:
            found[demand.name] = waves[0]
    return found
