"""A pool and its demands in doubles -> whether it surely grows in time, and how long one may wait meanwhile.

Calls are taken as long as at the worst level from steady to peak, for who is called may be slowest in between.

Invariant: what is sure here is what the exact study of the same growth (`rises`) finds: every agent is
there no later after it is needed than when all are needed at once, since asking earlier never brings an agent later
(the rules of `semantics.hpa_behavior` rise with the count that they start from), and the rungs are those that it has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ...model import Pool, Scaling, Signal
from ...semantics.controller import SYNC_PERIOD_MS
from ...semantics.growth import BEGINNINGS, METRIC_DELAY_S, Ms, Stepped, followed, most_waiting
from .analysis import Analysis, Level
from .figures import ERROR, double, surely_below
from .occupancy import BAND, rate_each
from .pods import Steps, behavior_by, steps_of
from .uneven import worth
from .waits import pulled
from .warming import whole_after

_NEVER = 10**9
"""Tenths of a second: beyond any rise."""
_GRID_MS = SYNC_PERIOD_MS / BEGINNINGS + 100
"""What the exact study adds for beginnings between those that it looks at, and for times to a tenth of a second."""

Part = tuple[float, float, float | None]
"""(steady, peak, gain a second) of what one demand sends to the pool, requests per second."""


def full_share(scaling: Scaling) -> Fraction | None:
    """`growth`'s: the target and the tolerance over it, of a signal that is a share of the slots; None of others."""
    return scaling.target.value * BAND if scaling.signal is Signal.BUSY else None


@dataclass(frozen=True, slots=True)
class Sure:
    """What doubles tell of a pool's growth: that it is in time, and how long one waits meanwhile."""

    in_time: bool
    wait: float | None
    """Seconds that nobody surely waits longer than: 0 where nobody waits, more where somebody surely does; None where
    neither is sure."""


def surely(analysis: Analysis, pool: Pool, scaling: Scaling) -> Sure:
    """Worked out once for all that ask."""
    return analysis.kept(f"sure climb of {pool.name}", lambda: _sure(analysis, pool, scaling))


def _sure(analysis: Analysis, pool: Pool, scaling: Scaling) -> Sure:
    steady, worst = analysis.occupancy(Level.STEADY).of(pool), analysis.occupancy(Level.BETWEEN).of(pool)
    if isinstance(steady, str) or isinstance(worst, str) or not 0 < worst.held.mean < math.inf:
        return Sure(in_time=False, wait=None)
    start, goal, each = steady.agents, worst.agents, pool.each.concurrency.value / worst.held.mean
    limit = scaling.up_within_seconds
    enough = surely_below(analysis.flow(Level.PEAK).get(pool.name, 0.0), double(worth(analysis, pool, start)) * each)
    if pool.divided and not enough:
        return Sure(in_time=False, wait=None)
    if goal <= start:
        return Sure(limit is not None and limit.value > 0 and enough, 0.0 if enough else None)
    full = full_share(scaling)
    startup = whole_after(analysis, pool) * 1000
    startup_ms: Ms = startup.numerator if startup.denominator == 1 else startup
    rules = steps_of(scaling)
    late = _lag_at_once(start, goal, rules, startup_ms, full) if limit is not None else None
    in_time = (
        late is not None and limit is not None and surely_below(float(late) + _GRID_MS, double(limit.value) * 1000)
    )
    if enough:
        return Sure(in_time, 0.0)
    parts, need = list(_parts(analysis, pool)), steps(analysis, pool, start, goal)
    if need is None:
        return Sure(in_time, None)
    ends = max((int(1000 * (most - low) / gain) + 1 for low, most, gain in parts if gain), default=0)
    delay = METRIC_DELAY_S * 1000
    found = followed(need, ends, start, behavior_by(rules), startup_ms=startup_ms, delay_ms=delay, full_share=full)
    apart = not pulled(analysis, pool)
    if found is None:
        return Sure(in_time, None)
    first, *further = found[1]
    late_ms = math.ceil(unseen_for(analysis, pool) * 1000) if ends else 0
    rungs = [first, *((since + late_ms, count) for since, count in further)]
    return Sure(in_time, _longest_wait(rungs, parts, each, ends, apart=apart))


def steps(
    analysis: Analysis, pool: Pool, start: int, goal: int, enough: Callable[[int, int], bool] | None = None
) -> Stepped | None:
    """When each agent after the first `start` is needed as the demands rise to their peaks; None where the signal is no
    matter of the rate alone, or doubles do not tell. `enough` does, exactly: whether at a tenth of a second so many
    agents are."""
    worst = analysis.occupancy(Level.BETWEEN).of(pool)
    asks = None if isinstance(worst, str) else rate_each(pool, worst.held)
    return None if asks is None or goal <= start else _stepped(list(_parts(analysis, pool)), asks, start, goal, enough)


def _parts(analysis: Analysis, pool: Pool) -> Iterable[Part]:
    at_once = math.isinf(unseen_for(analysis, pool))
    for demand in analysis.demands_of(pool.name):
        visits = double(analysis.visits_to(pool.name, demand))
        gain = None if at_once or demand.rise_per_second is None else double(demand.rise_per_second.value) * visits
        yield double(demand.steady_per_second.value) * visits, double(demand.peak_per_second.value) * visits, gain


def unseen_for(analysis: Analysis, pool: Pool) -> float:
    """Seconds for which agents may be needed by calls that are as long as at the worst level, and not be asked for by
    calls that are as short as at the steady level: until as much more comes. Infinite where that is a sync and more:
    what waits may then be there in the end and at once, however gently the demand rises, and all agents that are needed
    with it."""

    def found() -> float:
        states = [analysis.occupancy(level).of(pool) for level in Level]
        held = [one.held.mean for one in states if not isinstance(one, str)]
        if len(held) < len(states):
            return 0.0
        quick, slow = min(held), max(held)
        if not 0 < quick <= slow < math.inf:
            return 0.0
        longer = slow / quick - 1
        gains = [
            double(demand.rise_per_second.value) * double(analysis.visits_to(pool.name, demand))
            for demand in analysis.demands_of(pool.name)
            if demand.rise_per_second is not None
        ]
        least = min((gain for gain in gains if gain > 0), default=math.inf)
        if longer <= _AS_LONG or not gains:
            return 0.0
        seconds = longer * analysis.flow(Level.PEAK).get(pool.name, 0.0) / least * (1 + ERROR)
        return seconds if seconds < SYNC_PERIOD_MS / 1000 else math.inf

    return analysis.kept(f"unseen needs of {pool.name}", found)


_AS_LONG = 1e-9
"""Times in doubles that are worked out in another order."""


@lru_cache(maxsize=4096)
def _lag_at_once(start: int, goal: int, rules: Steps, startup: Ms, full: Fraction | None) -> Ms | None:
    need = Stepped(start, (-1,) * (goal - start))
    delay = METRIC_DELAY_S * 1000
    found = followed(need, 0, start, behavior_by(rules), startup_ms=startup, delay_ms=delay, full_share=full)
    return None if found is None else found[0]


def _stepped(
    parts: list[Part], asks: float, start: int, goal: int, enough: Callable[[int, int], bool] | None
) -> Stepped | None:
    """From which tenth of a second on each further agent is needed; None where nothing tells the tenth."""
    after = []
    for count in range(start, goal):
        tenths = 10 * _reached(parts, asks * count)
        # One that is needed at the peak, and in doubles never, is needed from about the peak on.
        if math.isinf(tenths):
            return None
        last = max(-1, math.floor(min(tenths, _NEVER)))
        if 0 <= tenths < _NEVER and abs(tenths - round(tenths)) < 1e-6 * max(1.0, tenths):
            if enough is None:
                return None
            # Round figures: what doubles put at a tenth of a second may be there, or just before it.
            last = round(tenths) if enough(round(tenths), count) else round(tenths) - 1
        after.append(last)
    return Stepped(start, tuple(after))


def _reached(parts: list[Part], rate: float) -> float:
    """Seconds until so much arrives; below 0 where it does from the beginning, infinite where it never does."""
    now, slope, ends = 0.0, 0.0, []
    for steady, peak, gain in parts:
        now += steady if gain else peak
        if gain:
            slope += gain
            ends.append(((peak - steady) / gain, gain))
    if now > rate:
        # Round figures: what is too much by rounding alone is just enough.
        return -1.0 if now > rate * (1 + ERROR) else 0.0
    time = 0.0
    for end, gain in sorted(ends):
        more = now + slope * (end - time)
        if more > rate:
            return time + (rate - now) / slope
        now, time, slope = more, end, slope - gain
    return math.inf


def _longest_wait(
    rungs: list[tuple[Ms, int]], parts: list[Part], each: float, ends: int, *, apart: bool
) -> float | None:
    """As `Sure.wait`: by `most_waiting`, once with all a little worse than in the exact study, once a little better.

    That has its rungs, but for the first, a sync later; of what rises in no time perhaps as they are.
    """
    first, *further = [(float(since) / 1000, count) for since, count in rungs]
    sync = SYNC_PERIOD_MS / 1000

    def rate(time: float) -> float:
        return sum(peak if gain is None else min(peak, steady + gain * time) for steady, peak, gain in parts)

    late = [first, *((since + sync, count) for since, count in further)]
    until = ends / 1000 + sync + 0.001
    _, longest = most_waiting(late, lambda time: rate(time) * (1 + ERROR), each * (1 - ERROR), until, apart=apart)
    if longest == 0:
        return 0.0
    soon = late if ends > 1 else [first, *further]
    surely, _ = most_waiting(soon, lambda time: rate(time) * (1 - ERROR), each * (1 + ERROR), 0.0, apart=apart)
    return longest * (1 + ERROR) if surely > 0 else None
