"""A demand that does not change leaves a pool at rest: its autoscaler does not go to and fro."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from ...model import Pool, Scaling, Signal
from ...semantics.pool_loop import SIGNALS
from ...semantics.resting import LEAST_WINDOW_S, least_window_s
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import UP
from ..flows.pods import steps_of
from ..flows.restlessness import found_restless, told_restless
from ..flows.uneven import overfull
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, seconds, share
from .scaling import in_use, surely_free


def resting(analysis: Analysis) -> list[Judged]:
    """Of pools that can move, and are never empty, by a signal that follows from the demand. By the queue every pool
    whose minimum is too small goes to and fro: that is a warning of `scaling/POOL/peak`, for what it does to waits is
    judged elsewhere."""
    if analysis.circle:
        return []
    found: list[Judged] = []
    for pool in analysis.fleet.pools:
        scaling, id = pool.scaling, f"scaling/{pool.name}/rest"
        if scaling is None or scaling.signal.value not in SIGNALS or not analysis.wants(id):
            continue
        if (
            pool.may_be_empty
            or pool.agents_min.value >= pool.agents_max.value
            or pool.name not in analysis.flow(Level.PEAK)
        ):
            continue
        state = analysis.occupancy(Level.PEAK).of(pool)
        if scaling.signal is Signal.QUEUE and not isinstance(state, str) and state.unrest:
            continue
        make = partial(_rests, analysis, pool, scaling, id)
        sure = scaling.down_over_seconds.value >= _least_window(pool, scaling) and surely_free(analysis, pool, scaling)
        found.append(Proven(id, scaling.at, "ST5106", make) if sure else make())
    return found


def _rests(analysis: Analysis, pool: Pool, scaling: Scaling, id: str) -> Obligation:
    """Unsatisfiable iff at some level from steady to peak that does not change the pool still turns again and again
    in the third and fourth hour (`semantics.resting.restless`), agents being at their fastest.

    Sufficient: a minimum at which nobody waits and nobody is asked for; or a target that leaves a slot free beyond the
    controller's tolerance, and a scale-down window that outlasts readings of the sync before (`semantics.resting`).
    Between: unknown. Limits: means; what chance does to a reading moves a pool that is a tenth off its target.
    """
    obligation = partial(
        Obligation,
        id=id,
        claim=f"while the demand does not change the autoscaler of {pool.name} does not go to and fro",
        at=scaling.at,
        code="ST5106",
    )
    if why := overfull(analysis, pool):
        return obligation(must=(), gap=why)
    window = leaves.down_over(pool.name, scaling)
    enough = _enough(analysis, pool, scaling)
    if enough is not None:
        return obligation(must=(), proof=(enough,))
    proof = tuple(_settles(analysis, pool, scaling, window))
    if all(one.relation.holds for one in proof):
        return obligation(must=(), proof=proof)
    found = found_restless(analysis, pool)
    if found is None or isinstance(found, str):
        least = _least_window(pool, scaling)
        remedy = f"`down over {least}s` or more, and a target that leaves an agent a slot free, decide it"
        return obligation(must=(), proof=proof, gap=found or "", remedy=remedy)
    basis: list[Expression] = [window, leaves.agents_min(pool), leaves.agents_max(pool), leaves.concurrency(pool)]
    target = leaves.target(pool, f"aims at {number(scaling.target.value)}")
    basis += [one for one in (target, leaves.service_mean(pool)) if one is not None]
    for demand in analysis.demands_of(pool.name):
        basis += [leaves.steady(demand), leaves.peak(demand)]
    turns = derived(f"turns of {pool.name} at rest", found.turns, basis)
    return obligation(must=(Condition(Relation(turns, Order.AT_MOST, lift(0)), told_restless(pool, found), ""),))


def _enough(analysis: Analysis, pool: Pool, scaling: Scaling) -> Condition | None:
    """The fewest agents have slots for the peak, and show no more than is left alone, with the longest waits of their
    calls at any level."""
    state = analysis.occupancy(Level.BETWEEN).of(pool)
    used = in_use(analysis, pool, scaling)
    if isinstance(state, str) or isinstance(used, str) or math.isinf(state.held.mean):
        return None
    in_hand = state.rate * Fraction(state.held.mean) * UP
    if scaling.signal is not Signal.QUEUE and in_hand > used * pool.agents_min.value:
        return None
    need = derived(f"requests in hand at {pool.name} at the peak", in_hand, ())
    room = f"{counted(pool.agents_min.value, 'agent')} are enough at the peak, so nobody waits and none is added"
    relation = Relation(need, Order.BELOW, leaves.agents_min(pool) * leaves.concurrency(pool))
    return Condition(relation, "", room) if relation.holds else None


def _least_window(pool: Pool, scaling: Scaling) -> int:
    steps = steps_of(scaling)
    bounds = max(1, pool.agents_min.value), max(1, pool.agents_max.value)
    return least_window_s(scaling.signal.value, *bounds, steps.percent, steps.period_s)


def _settles(analysis: Analysis, pool: Pool, scaling: Scaling, window: Leaf) -> Iterator[Condition]:
    used = in_use(analysis, pool, scaling)
    if isinstance(used, str):
        yield Condition(Relation(lift(1), Order.AT_MOST, lift(0)), used, "")
        return
    slots = leaves.concurrency(pool)
    full = f"an agent of {pool.name} may have {number(used)} of {counted(slots.number, 'slot')} in use"
    need = derived(f"slots of {pool.name} that are left alone", used, ())
    yield Condition(Relation(need, Order.BELOW, slots), f"{full}: none is left for the next request", "")
    told = f"{pool.name} {window.demands}"
    least = _least_window(pool, scaling)
    enough = lift(Fraction(least))
    late = f"{told}, and a reading may be {LEAST_WINDOW_S} s old: agents may go that are still wanted"
    if least > LEAST_WINDOW_S:
        late += f", with steps of {share(scaling.step_share.value)} per {seconds(scaling.step_period_seconds.value)}"
        late += ", and then those who wait ask for too many"
    yield Condition(Relation(enough, Order.AT_MOST, window), late, f"{told}; a reading is no older than 30 s")
