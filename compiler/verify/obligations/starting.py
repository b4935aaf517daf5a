"""A queue that nothing bounds: what piles up while agents start is worked off before its items are too old."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Protocol

from ...model import Pool, WorkQueue
from ...semantics.growth import growth
from ...semantics.latency import fit_moments
from ...semantics.piling import least_wait
from ...semantics.rare import CHANCE, rare_wait
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.pods import behavior
from ..flows.released import emptied, most_in_all
from ..flows.rises import Climb, climb_of, rise_of
from ..obligation import Condition, Obligation
from ..words import counted, number, per_second, seconds


class Made(Protocol):
    def __call__(
        self,
        *,
        must: tuple[Condition, ...],
        proof: tuple[Condition, ...] = ...,
        gap: str = ...,
        remedy: str = ...,
        note: str = ...,
    ) -> Obligation: ...


def unbounded(analysis: Analysis, queue: WorkQueue, pool: Pool, age: Leaf, made: Made, gap: str) -> Obligation:
    """Unsatisfiable iff on a rise from steady to peak more piles up than the agents, all asked for at the first sync
    and added as fast as the rules allow, work off within the age; or the first item that comes to an empty pool waits
    longer until an agent has started.

    Sufficient: the longest wait while the autoscaler follows the rise at its latest (`growth`), and on top of it what
    chance makes all but one item in a million wait at the worst level, is within the age. Limits: items are a fluid in
    the rise; of a dependency that is asked for more than it takes nothing is promised.
    """
    gap = gap or refusing(analysis, pool)
    must = (*_piles_up(analysis, queue, pool, age), *from_nobody(pool, age))
    if gap:
        remedy = f"`holds at most …` in {queue.name} bounds what waits"
        return made(must=must, gap=gap, remedy=remedy)
    state = analysis.occupancy(Level.BETWEEN).of(pool)
    climb = Climb.none() if pool.scaling is None else climb_of(analysis, pool, pool.scaling)
    if isinstance(state, str) or isinstance(climb, str):
        return made(must=must, gap=state if isinstance(state, str) else str(climb))
    if state.unrest:
        bounds = f"`holds at most …` in {queue.name} bounds what waits" if pool.may_be_empty else ""
        return made(must=must, gap=state.unrest, remedy=bounds)
    if state.wait.endless:
        most = counted(leaves.agents_max(pool).number, "agent")
        unbounded = f"{most} of {pool.name} do not keep up, and nothing bounds {queue.name}"
        remedy = f"more agents of {pool.name} would decide it, or `holds at most …` in {queue.name}"
        return made(must=must, gap=unbounded, remedy=remedy)
    hold = fit_moments(state.held.mean, state.held.variance / state.held.mean**2)
    chance = Fraction(rare_wait(state.wait, hold, CHANCE))
    longest = Derived(f"longest wait in {queue.name}", climb.wait + chance, ())
    piled = (
        f"up to {counted(math.ceil(climb.waiting), 'item')} of {queue.name} wait while {pool.name} grows, "
        if climb.waiting
        else ""
    )
    told = (
        f"{piled}{seconds(_short(longest.number))} at most but for one in a million, "
        f"where the limit is {seconds(age.number)}"
    )
    relation = Relation(longest, Order.AT_MOST, lift(age.number))
    remedy = f"more agents of {pool.name} at the minimum, or larger steps of its autoscaler, would decide it"
    return made(must=must, proof=(Condition(relation, told, told),), remedy=remedy)


def from_nobody(pool: Pool, age: Leaf) -> tuple[Condition, ...]:
    """What the very first item waits at the least: KEDA sees it at once, and has emptied the new pool before."""
    if not pool.may_be_empty:
        return ()
    start = leaves.startup(pool)
    need = derived(f"least wait for the first agent of {pool.name}", start.number, [start, leaves.agents_min(pool)])
    told = (
        f"{pool.name} may be empty, and an item that then comes waits for an agent, which {start.demands}; the limit "
        f"is {seconds(age.number)}"
    )
    return (Condition(Relation(need, Order.AT_MOST, age), told, ""),)


def _short(time: Fraction) -> Fraction:
    return Fraction(math.ceil(time * 1000), 1000)


def refusing(analysis: Analysis, pool: Pool) -> str:
    """A dependency behind the pool that takes less than it may be asked for: what waits for it has no end."""
    behind = {call.callee for name in analysis.reached(pool.name) for call in analysis.out(name)}
    for one in analysis.fleet.dependencies:
        limit = one.requests_per_second
        if one.name in behind and limit is not None:
            released = emptied(analysis, one.name)
            asked = most_in_all(analysis, one.name) if released else value(analysis.rate(Level.PEAK, one.name))
            if isinstance(asked, str):
                return asked
            if asked > limit.value:
                takes = per_second(limit.value, "requests")
                return f"{one.name} takes {takes} and is asked for {number(asked)}, so what waits for it has no end"
    return ""


def _piles_up(analysis: Analysis, queue: WorkQueue, pool: Pool, age: Leaf) -> tuple[Condition, ...]:
    steady = analysis.occupancy(Level.STEADY).of(pool)
    held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    if isinstance(steady, str) or value(held) <= 0 or pool.scaling is None:
        return ()
    rise, startup, most = rise_of(analysis, pool), leaves.startup(pool), pool.agents_max.value
    if not rise.parts:
        return ()
    grown = growth(lambda _: most, Fraction(0), steady.agents, behavior(pool.scaling), startup=startup.number)
    lasts = [(one.name, one.peak_for_seconds) for one in analysis.demands_of(pool.name) if one.peak_for_seconds]
    if grown is None:
        return ()
    until = min([max(rise.ends, grown.rungs[-1][0]), *(one.value for _, one in lasts)])
    found = least_wait(grown.rungs, rise.at, pool.each.concurrency.value / value(held), until)
    if found is None:
        return ()
    waiting, wait = found
    basis: list[Expression] = [startup, *leaves.step(pool), leaves.agents_min(pool), leaves.agents_max(pool)]
    basis += [leaves.concurrency(pool), *rise.basis, held]
    target = leaves.target(pool, f"aims at {number(pool.scaling.target.value)}")
    basis += [target] if target is not None else []
    basis += [leaves.assumed(f"length of the peak of {name}", one, f"for {seconds(one.value)}") for name, one in lasts]
    need = derived(f"least longest wait for {pool.name}", wait, basis)
    told = (
        f"{pool.name} grows from {steady.agents} agents as fast as its autoscaler may, each {seconds(startup.number)} "
        f"to start, while the demand rises to {per_second(rise.high, 'items')}: {counted(math.floor(waiting), 'item')} "
        f"pile up and wait for {seconds(_short(wait))}, where the limit is {seconds(age.number)}"
    )
    less = f"with `holds at most …` in {queue.name} no more wait than are worked off in time"
    return (Condition(Relation(need, Order.AT_MOST, age), told, "", remedy=less),)
