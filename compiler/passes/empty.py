"""The model -> errors of pools that may be empty where they cannot.

Invariant: a fleet without errors has such a pool only where `model.empty` finds nothing in the way.
"""

from __future__ import annotations

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Fleet, Pool
from ..model.empty import Obstacle, Way, in_the_way

_CODES = {Way.NOBODY_COMES: "ST1024", Way.CALLED: "ST1025", Way.COUNTED: "ST1026"}


def empty(fleet: Fleet) -> list[Diagnostic]:
    return [_told(pool, one) for pool in fleet.pools if pool.may_be_empty for one in in_the_way(fleet, pool)]


def _told(pool: Pool, one: Obstacle) -> Diagnostic:
    bounds = pool.agents_min.clause
    most = pool.agents_max.value
    least = f"write `agents 1..{most}`" if most > 1 else "write `agents 1`"
    bounds_at = (pool.agents_min.span, pool.agents_max.span)
    labels: tuple[Label, ...] = (Label(one.at, one.told if one.at in bounds_at else ""),)
    if one.at not in bounds_at:
        labels += (Label(pool.agents_min.span, "none at the least"),)
    return Diagnostic(
        _CODES[one.way],
        Severity.ERROR,
        f"`pool {pool.name}` may be empty (`{bounds}`), but {one.told}",
        labels,
        help=f"{one.remedy}, or {least}" if one.remedy else least,
    )
