"""A pool whose autoscaler may go to and fro at a demand that does not change -> the level at which it does, in words.

Invariant: the loop is at its fastest in the gentlest reading of the spec, as in `loops`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from ...model import Pool
from ...semantics.activation import cooldown_s
from ...semantics.pool_loop import PoolLoop
from ...semantics.resting import Restless, restless, restless_from_nobody
from ..words import counted, number, per_second, seconds
from .analysis import Analysis
from .loops import arriving, fastest, gentlest


def found_restless(analysis: Analysis, pool: Pool) -> Restless | str | None:
    """The first level that is found, None where none is; or why nothing can be tried."""
    loop = fastest(analysis, pool)
    if loop is None:
        return f"what the autoscaler of {pool.name} reads does not follow from the demand: no service time is stated"
    inside = gentlest(arriving(analysis, pool))
    if pool.may_be_empty:
        # Where less than an agent is busy at the steady level, that it comes and goes is what was asked for.
        busy = inside.steady >= loop.answers_milli
        assert pool.scaling is not None
        cooldown_ms = cooldown_s(pool.scaling.down_over_seconds.value) * 1000
        return _looked_for_empty(loop, cooldown_ms, inside.steady) if busy else None
    return _looked_for(loop, inside.steady, inside.peak)


@lru_cache(maxsize=4096)
def _looked_for(loop: PoolLoop, low: int, high: int) -> Restless | None:
    return restless(loop, low, high)


@lru_cache(maxsize=4096)
def _looked_for_empty(loop: PoolLoop, cooldown_ms: int, level: int) -> Restless | None:
    return restless_from_nobody(loop, cooldown_ms, level)


def told_restless(pool: Pool, found: Restless) -> str:
    queued = f", and up to {counted(-(-found.queued // 10**6), 'request')} wait" if found.queued else ""
    rate = Fraction(found.rate_milli, 1000)
    return (
        f"at {per_second(rate)}, which does not change, {pool.name} goes between {number(found.fewest)} and "
        f"{counted(found.most, 'agent')}, {found.turns} turns in {seconds(found.seconds)}{queued}; `seatrial simulate "
        f"SPEC --pool {pool.name} --constant {float(rate):g}` shows it"
    )
