"""A fault that leaves a scaled pool with less to do -> how busy its agents are when all comes again.

Invariant: an upper bound of means. While the fault lasts the autoscaler takes away whom it does not need, once all that
it asked for before is older than its window; they are missing when the fault is over.

Source: the HPA's scale-down window (`semantics.scaling`); how old its readings are, `semantics.growth`. Limit: how soon
it has them back is not credited.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ...model import AbortFault, DelayFault, Pool
from ...semantics.controller import SYNC_PERIOD_MS
from ...semantics.growth import METRIC_DELAY_S
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import UP
from ..flows.pods import steps_of
from ..words import seconds
from .outages import most_met
from .reach import Fault, struck, told_of
from .tries import met_at_first

_ONE = Fraction(1)
_UNSEEN_S = METRIC_DELAY_S + 2 * Fraction(SYNC_PERIOD_MS, 1000)
"""The last sync that saw all that came may be a sync before the fault, and the first one that does again a sync after
its readings, which are old."""


def of_fewer_agents(
    analysis: Analysis, fault: Fault, lasts: Fraction, uses: Mapping[str, Fraction], *, short: bool
) -> dict[str, Fraction] | str:
    """Those of `uses` that are larger once a fault is over that was felt for so long, or why that is not known.

    `short`: some pool did less than was asked of it meanwhile, or calls gave up.
    """
    missing, found = _ONE if short else _missing(analysis, fault), dict[str, Fraction]()
    for name in filter(analysis.is_pool, uses) if missing else ():
        pool = analysis.pool(name)
        if not _shrinks_in(pool, lasts):
            continue
        found[name] = max(uses[name], _used_then(analysis, pool, uses[name], missing))
        if found[name] >= 1:
            return (
                f"{told_of(fault)} is felt for {seconds(lasts)}, in which the autoscaler of {name} may take agents "
                "away that are missing then, and how soon it has them back is not worked out; more agents at the "
                "least, or a longer `down over`, would decide it"
            )
    return found


def _missing(analysis: Analysis, fault: Fault) -> Fraction:
    """The most of what any pool does otherwise that does not come to it, or is answered at once, as a share."""
    if isinstance(fault, DelayFault):
        return Fraction(0)
    if isinstance(fault, AbortFault):
        return fault.share.value
    dead = most_met(analysis, fault, analysis.pool(fault.pool.value))
    # A pool that nobody calls is missed by nobody.
    return max((met_at_first(call, dead) for call in struck(analysis, fault)), default=Fraction(0))


def _shrinks_in(pool: Pool, lasts: Fraction) -> bool:
    scaling = pool.scaling
    if scaling is None or pool.agents_max.value <= pool.agents_min.value:
        return False
    return lasts + _UNSEEN_S > steps_of(scaling).window_s


def _used_then(analysis: Analysis, pool: Pool, use: Fraction, missing: Fraction) -> Fraction:
    """Of the agents that do the rest as busily, and of the fewest at the worst."""
    held = analysis.occupancy(Level.PEAK).held(pool)
    assert not isinstance(held, str)
    in_hand = Fraction(analysis.flow(Level.PEAK).get(pool.name, 0.0)) * Fraction(held.mean) * UP
    fewest = in_hand / (max(1, pool.agents_min.value) * pool.each.concurrency.value)
    return fewest if missing >= 1 else min(fewest, use / (1 - missing))
