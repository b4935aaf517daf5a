"""Steps of degradation: each relieves, begins after the autoscaler had its chance, and carries what it says."""

from __future__ import annotations

from fractions import Fraction

from ...model import Degrade, Pool, Signal
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import BAND
from ..flows.overheads import times_longer
from ..flows.uneven import by_header, even, told_uneven, worth
from ..obligation import Condition, Obligation
from ..words import counted, listed, number, per_second, rounded_up, seconds, share


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
    decided only where that fails, or unknown: how long its calls wait at such a load is not modelled. So is a step
    that spares calls and takes as long by itself as these do without any waits.
    """
    mean, own = _mean(pool, step), leaves.service_mean(pool)
    calling = analysis.occupancy(Level.PEAK).least_held[pool.name]
    waits: Expression = calling - own if own is not None else calling
    # Without any waits for its calls; so a lower bound where it makes some.
    held = mean + waits if step.makes_calls else mean
    must: list[Condition] = []
    proof: list[Condition] = []
    before = pool.degrade[index - 1] if index else None
    worked = own if before is None else _mean(pool, before)
    if worked is not None:
        called = before is None or before.makes_calls
        was = worked + waits if called else worked
        broken = f"“{step.answer}” takes {seconds(value(held))}, what it replaces takes {seconds(value(was))}"
        if called and not step.makes_calls and value(was) > value(worked):
            broken += " where its calls never wait"
            proof.append(Condition(Relation(held, Order.BELOW, was), broken, ""))
        else:
            must.append(Condition(Relation(held, Order.BELOW, was), f"{broken}: no relief", ""))
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
    proof += _among_others(analysis, pool, value(rate) * step.service_mean_seconds.value, told)
    calls = step.makes_calls and analysis.out(pool.name)
    more = "`route least loaded`" if by_header(analysis, pool.name) else "more agents"
    remedy = f"a step that is quicker by itself, or {more}, would decide it" if proof else ""
    return Obligation(
        id=f"degrade/{pool.name}/{index + 1}",
        claim=f"{pool.name} carries x{number(step.carries.value)} its peak with “{step.answer}”",
        at=step.at,
        code="ST2609",
        must=tuple(must),
        proof=tuple(proof),
        gap=f"how long the calls of {pool.name} wait at that load is not modelled" if calls else "",
        remedy="write `without calls` where the step makes none" if calls else remedy,
    )


def _among_others(analysis: Analysis, pool: Pool, work: Fraction, told: str) -> list[Condition]:
    """Of agents that lose time to one another, all of them: each takes longer for the step too. Of agents that have one
    skill each: the worst skill has slots for its own part; one that may be sent all, for all."""
    longer, agents = Fraction(times_longer(pool, pool.agents_most.value)), pool.agents_most.value
    have = worth(analysis, pool, agents) * pool.each.concurrency.value
    if longer == 1 and even(analysis, pool):
        return []
    why = [f"each takes {number(round(longer, 3))} times as long among {number(agents)}"] if longer > 1 else []
    if uneven := told_uneven(analysis, pool):
        why.append(f"as {uneven}, they are worth {number(round(have, 1))}")
    need = Derived(f"slots that {pool.name} needs in the step", work * longer, ())
    return [Condition(Relation(need, Order.BELOW, lift(have)), f"{told}; {listed(why)}", "")]


def _after_scaling(pool: Pool, step: Degrade, target: Fraction) -> Obligation:
    """Unsatisfiable iff the first step begins at or below the share of busy slots that the autoscaler aims at.

    Sufficient: it begins no lower than what the autoscaler leaves alone, up to its tolerance over the target.
    """
    assert pool.scaling is not None
    aim = Leaf(f"target of {pool.name}", pool.scaling.target, f"aims at {share(target)} busy", positive=True)
    above = Leaf(f"share at which {pool.name} degrades", step.above_busy, f"above {share(step.above_busy.value)} busy")
    broken = (
        f"{pool.name} degrades above {share(above.number)} busy, and its autoscaler aims at {share(target)}: "
        "it degrades while agents could be added"
    )
    left = f"its autoscaler leaves it alone up to {share(target * BAND)} busy"
    room = f"{pool.name} degrades above {share(above.number)} busy, and {left}"
    return Obligation(
        id=f"degrade/{pool.name}/scaling",
        claim=f"{pool.name} adds agents before it degrades",
        at=step.at,
        code="ST2610",
        must=(Condition(Relation(aim, Order.BELOW, above), broken, ""),),
        proof=(Condition(Relation(aim * lift(BAND), Order.AT_MOST, above), room, room),),
        remedy=f"a step above {share(rounded_up(target * BAND * 100) / 100)} busy, or a lower target, would decide it",
    )
