"""`up within`: from a rise of the demand to its peak until the agents that it needs are ready."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

from ...model import Pool, Scaling
from ...semantics.hpa import SYNC_PERIOD_MS
from ...semantics.scaling import behavior_of, ramp_seconds
from .. import leaves
from ..analysis import Analysis, Level
from ..expression import Derived, Leaf, Order, Relation, lift, value
from ..obligation import Condition, Obligation
from ..occupancy import settled
from ..words import counted, number, seconds


def reaching(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    return [
        _in_time(analysis, pool, pool.scaling, pool.scaling.up_within_seconds.value)
        for pool in analysis.fleet.pools
        if pool.scaling is not None
        and pool.scaling.up_within_seconds is not None
        and analysis.wants(f"scaling/{pool.name}/time")
    ]


def _in_time(analysis: Analysis, pool: Pool, scaling: Scaling, limit: Fraction) -> Obligation:
    """Unsatisfiable iff one sync period and the start of one agent alone take longer than stated.

    Sufficient: a jump from the steady level to the peak, by `semantics.scaling`: a sync that was just missed, the
    steps that the clause allows, the start of the last agents. Between: unknown, where the demand may rise more
    slowly than at a jump. Limits: the metric shows the load at once, and nodes are there.
    """
    assert scaling.up_within_seconds is not None
    within = Leaf(f"time to scale up {pool.name}", scaling.up_within_seconds, f"up within {seconds(limit)}")
    start = leaves.startup(pool)
    sync = Fraction(SYNC_PERIOD_MS, 1000)
    alone = f"an agent of {pool.name} needs {seconds(start.number)} to start"
    broken = f"the autoscaler looks every {seconds(sync)} and {alone}, {seconds(limit)} are allowed"
    obligation = partial(
        Obligation,
        id=f"scaling/{pool.name}/time",
        claim=f"{pool.name} has the agents that its peak needs within {seconds(limit)}",
        at=scaling.at,
        code="ST2602",
        must=(Condition(Relation(start + sync, Order.AT_MOST, within), broken, ""),),
        remedy="larger steps, a higher minimum or a faster start",
    )
    sizes: list[int] = []
    for level in Level:
        state = analysis.occupancy(level).held(pool)
        if isinstance(state, str):
            return obligation(gap=state, remedy="")
        found = settled(pool, value(analysis.rate(level, pool.name)), state)
        if isinstance(found, str):
            return obligation(gap=found, remedy="")
        sizes.append(found)
    low, high = sizes
    step = max(1, math.floor(scaling.step_share.value * 100))
    behavior = behavior_of(0, step, max(1, math.ceil(scaling.step_period_seconds.value)))
    climb = ramp_seconds(low, high, behavior)
    if climb is None:
        return obligation(gap=f"an autoscaler that is at no agent of {pool.name} adds none")
    takes = sync + climb + start.number
    way = f"from {number(low)} to {counted(high, 'agent')} of {pool.name}"
    parts = f"{seconds(sync)} to look, {seconds(climb)} in steps, {seconds(start.number)} to start"
    told = f"{way} takes {seconds(takes)}: {parts}"
    need = Derived(f"time to scale up {pool.name} to its peak", takes, ())
    return obligation(
        proof=(Condition(Relation(need, Order.AT_MOST, lift(limit)), f"{told}; {seconds(limit)} are allowed", told),)
    )
