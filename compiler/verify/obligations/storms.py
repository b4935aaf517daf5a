"""Storms of retries: when the fault that began one is over, the fleet can work itself free."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

from ...model import Pool
from ..exact.expression import Derived, Expression, Order, Relation, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.bucketed import bucketed, least_let_in
from ..flows.crowded import Crowded
from ..flows.figures import double
from ..flows.occupancy import ABOVE, UP
from ..flows.overheads import slowed
from ..flows.tried import budgeted, most_tried
from ..flows.uneven import even, more_of, told_uneven, worth
from ..flows.waves import LEVELLED, sure_rate
from ..obligation import Condition, Obligation
from ..words import counted, needed, number, per_second, seconds, share
from .shared import ALWAYS


def storms(analysis: Analysis) -> list[Obligation]:
    if analysis.fleet.storm is None or analysis.circle:
        return []
    found = []
    for pool in analysis.fleet.pools:
        if value(analysis.rate(Level.PEAK, pool.name)) > 0 and analysis.wants(f"storm/{pool.name}"):
            found.append(_free(analysis, pool))
    return found


def _free(analysis: Analysis, pool: Pool) -> Obligation:
    """Unsatisfiable iff at the peak, or from peak to peak where a queue levels it, with every call retried to the end,
    the pool has no more slots than requests in hand on average, without any waits. Sufficient: the same at the peak,
    with what retry budgets let through whatever is under way (`flows.tried`), the waits for its calls in the storm, and
    what its agents lose to one another. What buckets on the way hold back does not come (`flows.bucketed`).

    Then an overload that makes calls fail keeps itself up by its own retries when its cause has gone: the fleet is
    metastable there. Source: Bronson, Aghayev, Charapko and Zhu, "Metastable Failures in Distributed Systems" (HotOS
    2021), hidden capacity = capacity / (1 + retries). Proved where the means fit: waits end then, sooner or later.
    Limits: attempts count as the usual ones; what callers give up before is worked on nevertheless.
    """
    at = analysis.fleet.storm
    assert at is not None
    plain, retried = (analysis.rate(Level.PEAK, pool.name, retried=one) for one in (False, True))
    held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    relation = Relation(retried * held, Order.BELOW, most * slots)
    told = (
        f"{per_second(value(retried), 'requests')} reach {pool.name} at the peak while every call is retried to the "
        f"end ({per_second(value(plain), 'requests')} without retries)"
    )
    hidden = value(most * slots) / value(held) * value(plain) / value(retried) if value(held) else value(plain)
    least = int(value(retried) * value(held) // slots.number) + 1
    broken = (
        f"{told}, each held for {seconds(value(held))}: at least {needed(least)}, "
        f"at most {number(most.number)} may run, so that a storm once begun does not end above {per_second(hidden)}"
    )
    room = f"{told}: {share(relation.slack)} of the slots stay free"
    rate, when = sure_rate(analysis, pool.name, retried=True)
    sure = Condition(Relation(rate * held, Order.BELOW, most * slots), f"{broken}; {when} they come to as much too", "")
    must: tuple[Condition, ...] = (Condition(relation, broken, room) if value(rate) == value(retried) else sure,)
    proof = [Condition(relation, f"{told}, which needs {counted(least, 'agent')}; {LEVELLED}", room)]
    proof += [_always(analysis, pool, held, ALWAYS)] if budgeted(analysis, pool.name) else []
    proof += [] if even(analysis, pool) else [_uneven(analysis, pool, value(retried * held), told)]
    if not must[0].holds and _held_back(analysis, pool, value(held)):
        most_held = most_tried(analysis, pool.name) * value(held)
        must, proof = (), [_always(analysis, pool, held, LET_IN)]
        proof += [] if even(analysis, pool) else [_uneven(analysis, pool, most_held, told)]
    obligation = partial(
        Obligation,
        id=f"storm/{pool.name}",
        claim=f"{pool.name} works itself free of a storm of retries",
        at=at,
        code="ST4206",
        must=must,
        proof=tuple(proof),
        remedy=more_of(analysis, pool),
    )
    state = _stormy(analysis).held(pool)
    if isinstance(state, str):
        return obligation(gap=state)
    if math.isinf(state.mean):
        return obligation(gap=f"a pool that {pool.name} calls is itself overloaded in the storm")
    made = obligation()
    assert made.proof is not None
    return replace(made, proof=(*made.proof, _with_waits(analysis, pool, state.mean)))


def _held_back(analysis: Analysis, pool: Pool, held: Fraction) -> bool:
    """Whether buckets on the way (`admit`), of the agents that there always are, let through what it can do."""
    if not bucketed(analysis, pool.name):
        return False
    comes = sum(least_let_in(analysis, Level.PEAK, pool.name, retried=True).values(), Fraction(0))
    return comes * held < pool.agents_most.value * pool.each.concurrency.value


def _stormy(analysis: Analysis) -> Crowded:
    """The fleet at the peak, with every call retried to the end."""

    def arriving() -> Crowded:
        comes = {pool.name: double(most_tried(analysis, pool.name)) * ABOVE for pool in analysis.fleet.pools}
        return Crowded(analysis, Level.PEAK, arriving=comes)

    return analysis.kept("in a storm of retries", arriving)


def _with_waits(analysis: Analysis, pool: Pool, held: float) -> Condition:
    """The same with what its calls wait meanwhile, and what its agents lose to one another."""
    need = most_tried(analysis, pool.name) * Fraction(held) * UP
    slots = worth(analysis, pool, pool.agents_most.value) * pool.each.concurrency.value
    relation = Relation(Derived(f"slots wanted at {pool.name}", need, ()), Order.BELOW, lift(slots))
    lost = " and what its agents lose to one another" if slowed(pool) else ""
    told = (
        f"in a storm of retries {pool.name} has {number(round(need, 1))} requests in hand in {number(round(slots, 1))} "
        f"slots, the waits for its calls{lost} included"
    )
    return Condition(relation, told, "")


def _uneven(analysis: Analysis, pool: Pool, wanted: Fraction, told: str) -> Condition:
    """Of agents that are divided each skill has slots for its own part of the requests, and one that may be sent all
    has slots for all."""
    slots = worth(analysis, pool, pool.agents_most.value) * pool.each.concurrency.value
    relation = Relation(Derived(f"slots wanted at {pool.name}", wanted, ()), Order.BELOW, lift(slots))
    text = f"{told}; {told_uneven(analysis, pool)}, and all are worth {number(round(slots, 1))} slots"
    return Condition(relation, text, text, remedy=more_of(analysis, pool))


LET_IN = "at the peak when every call is retried to the end, as `admit` on the way lets through, in an update too"


def _always(analysis: Analysis, pool: Pool, held: Expression, when: str) -> Condition:
    comes = most_tried(analysis, pool.name)
    slots = worth(analysis, pool, pool.agents_most.value) * pool.each.concurrency.value
    relation = Relation(Derived(f"slots wanted at {pool.name}", comes * value(held), ()), Order.BELOW, lift(slots))
    told = f"{per_second(comes, 'requests')} reach {pool.name} {when}"
    least = int(comes * value(held) // pool.each.concurrency.value) + 1
    return Condition(
        relation,
        f"{told}, each held for {seconds(value(held))}, which needs {counted(least, 'agent')}",
        f"{told}: {share(relation.slack)} of the slots stay free",
        remedy=f"a longer back-off, fewer retries or {more_of(analysis, pool)}",
    )
