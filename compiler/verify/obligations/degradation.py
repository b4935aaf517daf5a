"""Steps of degradation: each relieves, begins after the autoscaler had its chance, and carries what it says."""

from __future__ import annotations

from fractions import Fraction

from ...model import Degrade, Pool, Signal
from ..exact.expression import Expression, Leaf, Order, Relation, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..obligation import Condition, Obligation
from ..words import counted, number, per_second, seconds, share


def degradation(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found: list[Obligation] = []
    for pool in analysis.fleet.pools:
        for index, step in enumerate(pool.degrade):
            found.append(_carries(analysis, pool, step, index))
        if pool.degrade and pool.scaling is not None and pool.scaling.signal is Signal.BUSY:
            found.append(_after_scaling(pool, pool.degrade[0], pool.scaling.target.value))
    return [one for one in found if analysis.wants(one.id)]


def _mean(pool: Pool, step: Degrade) -> Leaf:
    said = f"takes {seconds(step.service_mean_seconds.value)} on average with “{step.answer}”"
    return leaves.assumed(f"mean service time of {pool.name} with {step.answer}", step.service_mean_seconds, said)


def _carries(analysis: Analysis, pool: Pool, step: Degrade, index: int) -> Obligation:
    """Unsatisfiable iff a step is no quicker than the one before, or its agents at their most have as many requests in
    hand, at the stated multiple of the peak, as slots.

    By Little's law, as for the capacity. A step without calls holds a slot for its own work alone; one that calls is
    decided only where that fails, or unknown: how long its calls wait at such a load is not modelled.
    """
    mean = _mean(pool, step)
    before = _mean(pool, pool.degrade[index - 1]) if index else leaves.service_mean(pool)
    must: list[Condition] = []
    if before is not None:
        broken = (
            f"“{step.answer}” takes {seconds(mean.number)}, what it replaces takes {seconds(before.number)}: no relief"
        )
        must.append(Condition(Relation(mean, Order.BELOW, before), broken, ""))
    held: Expression = mean
    own = leaves.service_mean(pool)
    if step.makes_calls and own is not None:
        held = analysis.occupancy(Level.PEAK).least_held[pool.name] - own + mean
    times = Leaf(
        f"load that {pool.name} carries with {step.answer}", step.carries, f"x{number(step.carries.value)} the peak"
    )
    rate = analysis.rate(Level.PEAK, pool.name) * times
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    relation = Relation(rate * held, Order.BELOW, most * slots)
    told = (
        f"with “{step.answer}” {pool.name} holds each of {per_second(value(rate), 'requests')} for "
        f"{seconds(value(held))}, in {counted(value(rate * held), 'slot')}; "
        f"its agents have {number(value(most * slots))}"
    )
    must.append(Condition(relation, told, told))
    calls = step.makes_calls and analysis.out(pool.name)
    return Obligation(
        id=f"degrade/{pool.name}/{index + 1}",
        claim=f"{pool.name} carries x{number(step.carries.value)} its peak with “{step.answer}”",
        at=step.at,
        code="ST2609",
        must=tuple(must),
        gap=f"how long the calls of {pool.name} wait at that load is not modelled" if calls else "",
        remedy="write `without calls` where the step makes none" if calls else "",
    )


def _after_scaling(pool: Pool, step: Degrade, target: Fraction) -> Obligation:
    """Unsatisfiable iff the first step begins at or below the share of busy slots that the autoscaler aims at."""
    assert pool.scaling is not None
    aim = Leaf(f"target of {pool.name}", pool.scaling.target, f"aims at {share(target)} busy", positive=True)
    above = Leaf(f"share at which {pool.name} degrades", step.above_busy, f"above {share(step.above_busy.value)} busy")
    broken = (
        f"{pool.name} degrades above {share(above.number)} busy, and its autoscaler aims at {share(target)}: "
        "it degrades while agents could be added"
    )
    room = f"{pool.name} scales at {share(target)} busy and degrades above {share(above.number)}"
    return Obligation(
        id=f"degrade/{pool.name}/scaling",
        claim=f"{pool.name} adds agents before it degrades",
        at=step.at,
        code="ST2610",
        must=(Condition(Relation(aim, Order.BELOW, above), broken, room),),
    )
