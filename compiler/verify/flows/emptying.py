"""A queue in front of a pool -> how long its agents need at the most for what waits in it.

Invariant: only agents are counted that are surely there: those of the steady level, and those that the autoscaler adds
because of what waits. It adds none for a signal that does not show it: requests a second, or the busy slots of a pool
of which a single shard's agents work it off. Where requests go by a header, all may wait for one agent. Where a pool
may be empty, nobody is there until KEDA has seen what waits and one has started, whose caches are empty; from then on
one is, for as long as anything waits.

Source: the HPA's rules (`semantics.growth`), its formula and its scale-down window (`semantics.scaling`); what chance
adds, but for one time in a million, is `semantics.rare`. Limits: of a pool scaled on `queue` the signal is what waits
in all shards; on `cpu` nothing is counted on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ...model import Pool, Scaling, Signal
from ...semantics.activation import first_ready_s, grown_from_zero_s
from ...semantics.controller import SYNC_PERIOD_MS
from ...semantics.growth import METRIC_DELAY_S, growth
from ...semantics.latency import LogNormal, fit_moments
from ...semantics.rare import CHANCE, rare_work
from ...semantics.scaling import MAX_WINDOW_S, replicas_for_load
from ..words import counted
from .analysis import Analysis, Level
from .climbing import full_share
from .occupancy import BAND, UP
from .pods import behavior
from .uneven import by_header, sharing
from .warming import whole_after

_PARTS = 16
_SEEN_S = Fraction(SYNC_PERIOD_MS, 1000) + METRIC_DELAY_S
"""How long ago the last sync may be that still saw so many items."""


@dataclass(frozen=True, slots=True)
class Work:
    """Items that wait in front of a pool, and as many more as come `later`.

    `in_hand`: so many of them an agent has that no longer wait and are still to be done; 0 where being begun is enough.
    `at_once`: so many an agent may take in one batch, of which it begins one after the other as it has slots.
    """

    waiting: Fraction
    later: Fraction = Fraction(0)
    in_hand: int = 0
    at_once: int = 1

    @property
    def items(self) -> Fraction:
        return self.waiting + self.later


def emptied_within(analysis: Analysis, pool: Pool, level: Level, work: Work, shards: int = 1) -> Fraction | str:
    """Seconds until so much is worked off, the waits of the pool's calls at `level` included, or why that is not known.

    `shards`: into so many the agents are divided; the items wait in one.
    """
    if pool.may_be_empty:
        analysis = _begun_anew(analysis, pool)
    state, start = analysis.occupancy(level).held(pool), _fewest(analysis, pool)
    if isinstance(state, str):
        return state
    if math.isinf(state.mean):
        return f"the calls of {pool.name} wait without end"
    if isinstance(start, str):
        return start
    if start < shards:
        return f"{pool.name} may have no more than {counted(start, 'agent')} for {shards} shards by skill"
    each, mean = Fraction(pool.each.concurrency.value), Fraction(state.mean) * UP
    hold = fit_moments(state.mean, state.variance / state.mean**2)
    count = math.ceil(work.items)

    def at_it(agents: int) -> int:
        return max(1, sharing(analysis, pool.name, agents) // shards)

    # The last one is done, not only taken.
    longest = Fraction(hold.beyond(CHANCE / (count + 1))) * UP if work.in_hand else Fraction(0)

    # Until the last batch is taken no slot is idle, and then it waits for one agent.
    longest += Fraction(_last_batch(min(work.at_once, count), each, hold, CHANCE / (count + 1))) * UP

    def rate(agents: int) -> Fraction:
        return at_it(agents) * each / mean

    def chance(agents: int) -> Fraction:
        """What it adds to the time in which so many agents work the items off."""
        slots = int(at_it(agents) * each)
        spent = Fraction(rare_work(count, slots, hold, CHANCE)) * UP
        return max(Fraction(0), spent / slots - work.items / rate(agents)) + longest

    scaling, least = pool.scaling, nobody_for(analysis, pool) + work.items / rate(start) + chance(start)
    if scaling is None or by_header(analysis, pool.name):
        return least
    if scaling.signal is Signal.QUEUE:
        return min([least, *_seen_as_queue(analysis, pool, scaling, start, work, rate, chance)])
    if shards > 1:
        return least
    return min([least, *_seen_as_full(analysis, pool, scaling, start, work.items, rate, chance)])


def _last_batch(items: int, slots: Fraction, hold: LogNormal, chance: float) -> float:
    """Seconds until the last of so many that one agent has taken is begun, but with this chance."""
    return rare_work(items - 1, int(slots), hold, chance) / slots if items > 1 else 0.0


def _begun_anew(analysis: Analysis, pool: Pool) -> Analysis:
    """With the caches of a pool empty, as they are whenever nobody was there; until when is not stated."""

    def made() -> Analysis:
        calls = [(one, one.cold_per_request) for one in analysis.fleet.calls]
        return Analysis(
            replace(
                analysis.fleet,
                calls=tuple(
                    replace(call, per_request=cold)
                    if call.caller == pool.name and cold is not None and cold.value > call.per_request.value
                    else call
                    for call, cold in calls
                ),
            )
        )

    cold = any(one.cold_per_request is not None for one in analysis.out(pool.name))
    return analysis.kept(f"with empty caches of {pool.name}", made) if cold else analysis


def nobody_for(analysis: Analysis, pool: Pool) -> Fraction:
    """Seconds that an item may wait before anybody is there at all."""
    return first_ready_s(whole_after(analysis, pool)) if pool.may_be_empty else Fraction(0)


def _fewest(analysis: Analysis, pool: Pool) -> int | str:
    """The fewest agents there ever are while something waits: an autoscaler on the queue leaves the minimum."""
    if pool.scaling is None or pool.scaling.signal in (Signal.QUEUE, Signal.CPU):
        return max(1, pool.agents_min.value)
    state = analysis.occupancy(Level.STEADY).of(pool)
    return state if isinstance(state, str) else state.agents


OfAgents = Callable[[int], Fraction]


def _seen_as_full(
    analysis: Analysis, pool: Pool, scaling: Scaling, start: int, items: Fraction, rate: OfAgents, chance: OfAgents
) -> Iterator[Fraction]:
    """While items wait every slot is in use, which these signals show; the items themselves are in nobody's hand."""
    full = full_share(scaling)
    if scaling.signal is Signal.IN_FLIGHT:
        full = scaling.target.value * BAND / pool.each.concurrency.value
    if full is None:
        return
    count, most = start, pool.agents_max.value
    while count < most:
        count = min(2 * count, most)
        there = _there(analysis, pool, scaling, start, count, full)
        if there is not None:
            yield there + items / rate(count) + chance(count)


def _seen_as_queue(
    analysis: Analysis, pool: Pool, scaling: Scaling, start: int, work: Work, rate: OfAgents, chance: OfAgents
) -> Iterator[Fraction]:
    """While so many wait the autoscaler asks for its share of them, and keeps it for its window.

    Of those that are left it sees neither what still has to come nor what agents have in hand.
    """
    window = min(Fraction(MAX_WINDOW_S), scaling.down_over_seconds.value)
    kept = max(Fraction(0), window - _SEEN_S)
    for part in range(1, _PARTS):
        shown = work.waiting * part / _PARTS
        count = min(pool.agents_max.value, replicas_for_load(shown, scaling.target.value * BAND))
        left = shown + work.later + count * work.in_hand
        there = _there(analysis, pool, scaling, start, count) if count > start else None
        # Fewer may be left before all are there: then nothing keeps them.
        if there is None or work.items - rate(count) * there < left:
            continue
        rest = max(Fraction(0), left - kept * rate(count))
        yield there + (work.items - rest) / rate(count) + rest / rate(start) + chance(start)


def _there(
    analysis: Analysis, pool: Pool, scaling: Scaling, start: int, count: int, full: Fraction | None = None
) -> Fraction | None:
    """When so many are there that are asked for from the first reading on."""
    if pool.may_be_empty:
        return grown_from_zero_s(count, behavior(scaling), whole_after(analysis, pool))
    found = growth(
        lambda _: count,
        Fraction(0),
        start,
        behavior(scaling),
        startup=whole_after(analysis, pool),
        metric_delay=Fraction(METRIC_DELAY_S),
        full_share=full,
    )
    return None if found is None else found.rungs[-1][0]
