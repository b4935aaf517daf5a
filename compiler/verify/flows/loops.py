"""A pool of the fleet -> its autoscaler's loop and the envelope of what arrives, as `semantics.pool_loop` takes them.

Invariant: what refutes is the gentlest reading of the spec (agents at their fastest, demands that rise and fall
together, each peak no longer than stated), what proves is the hardest (calls take as long as at the worst level or do
not wait, agents count once they are warm, every course between steady and peak). So what is found is a breach in every
reading, and what is proved holds in every one.

The same loop in the same envelope is looked at once, however many pools have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ...model import Pool, Scaling
from ...semantics.controller import SYNC_PERIOD_MS
from ...semantics.envelope import Envelope
from ...semantics.pool_loop import SIGNALS, PoolLoop
from ...semantics.pool_loop_fast import Tried, tried
from ...semantics.pool_loop_reach import Reached, reach, surely_waits_less
from ...semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S
from ...semantics.worst_trace import Worst, worst_trace
from ..exact.expression import value
from .analysis import Analysis, Level
from .figures import surely_ceiling
from .uneven import overfull, worth
from .waits import pulled
from .warming import whole_after

SYNC = Fraction(SYNC_PERIOD_MS, 1000)


@dataclass(frozen=True, slots=True)
class Arriving:
    """One demand's part of what arrives at a pool, requests a second; `gain` a second, None where it may jump."""

    demand: str
    steady: Fraction
    peak: Fraction
    gain: Fraction | None
    lasts: Fraction | None
    every: Fraction | None

    @property
    def moves(self) -> bool:
        return self.peak > self.steady


def arriving(analysis: Analysis, pool: Pool) -> tuple[Arriving, ...]:
    found = []
    for demand in analysis.demands_of(pool.name):
        visits = analysis.visits_to(pool.name, demand)
        if not visits:
            continue
        rise, lasts, every = demand.rise_per_second, demand.peak_for_seconds, demand.peak_every_seconds
        found.append(
            Arriving(
                demand.name,
                demand.steady_per_second.value * visits,
                demand.peak_per_second.value * visits,
                # A demand that never rises is at its peak when it matters.
                (rise.value * visits or None) if rise is not None else None,
                lasts.value if lasts is not None and every is not None else None,
                every.value if every is not None else None,
            )
        )
    return tuple(found)


def gentlest(parts: tuple[Arriving, ...]) -> Envelope:
    """Courses that every reading of the spec allows: all demands go the same share of their way at once."""
    low, high = _sums(parts)
    shares = [part.gain / (part.peak - part.steady) for part in parts if part.moves and part.gain is not None]
    rise = math.floor(min(shares) * (high - low) * SYNC * 1000) if shares else None
    climb = 0 if not rise else math.ceil((high - low) * 1000 / rise)
    lasts = [part.lasts for part in parts if part.moves and part.lasts is not None]
    every = [part.every for part in parts if part.moves and part.every is not None]
    return Envelope(
        math.ceil(low * 1000),
        max(math.ceil(low * 1000), math.floor(high * 1000)),
        rise,
        max(1, math.floor(min(lasts) / SYNC)) + climb if lasts else None,
        math.ceil(max(every) / SYNC) if every else None,
    )


def hardest(parts: tuple[Arriving, ...]) -> Envelope:
    """All courses between the sums: as steep as all slopes together, and at any time up by all that may jump."""
    low, high = _sums(parts)
    gains = [part.gain for part in parts if part.moves and part.gain is not None]
    sudden = sum((part.peak - part.steady for part in parts if part.moves and part.gain is None), Fraction(0))
    if not gains:
        return Envelope(math.floor(low * 1000), math.ceil(high * 1000))
    jump = math.ceil(sudden * 1000)
    peak = math.ceil((high - sudden) * 1000) + jump
    return Envelope(math.floor(low * 1000), peak, math.ceil(sum(gains) * SYNC * 1000), jump=jump)


def _sums(parts: tuple[Arriving, ...]) -> tuple[Fraction, Fraction]:
    return sum((part.steady for part in parts), Fraction(0)), sum((part.peak for part in parts), Fraction(0))


def fastest(analysis: Analysis, pool: Pool) -> PoolLoop | None:
    """Its loop with calls that never wait; None where nothing scales, or no reading follows from the demand."""
    occupancy, startup = analysis.occupancy(Level.PEAK), pool.each.startup_seconds.value
    seconds = occupancy.least_seconds[pool.name]
    if seconds <= 0:
        return None
    answers = surely_ceiling(pool.each.concurrency.value / seconds * 1000)
    if answers is None:
        answers = math.ceil(pool.each.concurrency.value / value(occupancy.least_held[pool.name]) * 1000)
    return _loop(pool, answers, startup)


def slowest(analysis: Analysis, pool: Pool) -> PoolLoop | str | None:
    """Its loop with calls as slow as they are at any level, which need not be the peak; or why that is not known."""
    state = analysis.occupancy(Level.BETWEEN).held(pool)
    if isinstance(state, str):
        return state
    if math.isinf(state.mean):
        return f"the calls of {pool.name} wait without end"
    if state.mean <= 0:
        return None
    busy = value(analysis.rate(Level.PEAK, pool.name)) * Fraction(state.mean) / pool.each.concurrency.value
    if why := overfull(analysis, pool):
        return why
    if pool.divided and busy >= worth(analysis, pool, pool.agents_min.value):
        return (
            f"each agent of {pool.name} has one skill, its fewest are too few for some skill at the peak, and how long "
            "its requests then wait is not modelled"
        )
    answers = math.floor(pool.each.concurrency.value / Fraction(state.mean) * 1000)
    return _loop(pool, answers, whole_after(analysis, pool), apart=not pulled(analysis, pool))


def _loop(pool: Pool, answers_milli: int, startup: Fraction, *, apart: bool = False) -> PoolLoop | None:
    scaling = pool.scaling
    if scaling is None or scaling.signal.value not in SIGNALS or scaling.target.value <= 0:
        return None
    return PoolLoop(
        signal=scaling.signal.value,
        target_milli=max(1, round(scaling.target.value * 1000)),
        minimum=max(1, pool.agents_min.value),
        maximum=max(1, pool.agents_max.value),
        percent=step_percent(scaling),
        period_s=max(1, min(MAX_PERIOD_S, math.ceil(scaling.step_period_seconds.value))),
        down_window_s=min(MAX_WINDOW_S, math.ceil(scaling.down_over_seconds.value)),
        concurrency=pool.each.concurrency.value,
        answers_milli=max(1, answers_milli),
        startup_ms=math.floor(startup * 1000),
        apart=apart,
    )


def step_percent(scaling: Scaling) -> int:
    """As the manifests have it: whole per cents, rounded up."""
    return max(1, math.ceil(scaling.step_share.value * 100))


@lru_cache(maxsize=4096)
def longest_wait(loop: PoolLoop, envelope: Envelope, enough_ms: int | None, most: int) -> Worst:
    """The course, of those that are looked at, after which a request waits longest; the first beyond `enough_ms`."""
    return worst_trace(loop, envelope, _wait, enough=enough_ms, most=most)


@lru_cache(maxsize=4096)
def bounded_wait(loop: PoolLoop, envelope: Envelope, limit_ms: int, quickest: int) -> Reached:
    """Of this loop and any whose agents answer up to `quickest`, in all their changes from one to another."""
    return reach(loop, envelope, limit_ms, quickest=quickest)


@lru_cache(maxsize=4096)
def surely_bounded(loop: PoolLoop, envelope: Envelope, limit_ms: int, quickest: int) -> bool:
    """Whether a look that is quicker than `bounded_wait` tells already that it finds a bound, for this loop and any
    whose agents answer up to `quickest`."""
    return surely_waits_less(loop, envelope, limit_ms, quickest)


@lru_cache(maxsize=4096)
def at_rest(loop: PoolLoop, rate_milli: int) -> Tried:
    """Two hours of one rate, from the minimum."""
    return tried(loop, ((rate_milli, rate_milli),) * 480, loop.minimum)


def _wait(found: Tried) -> int:
    return found.wait_ms
