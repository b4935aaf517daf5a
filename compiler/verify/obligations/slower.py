"""A pool whose agents lose time to one another (`overhead`), and a time that is to be enough for all but 1 in 100 of
its requests -> what is enough where as many work as there may be.

Invariant: nothing where they lose none; the p99 that is stated is of an agent alone, as everywhere.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Pool
from ..exact.expression import Derived, Order, Relation, lift
from ..flows.overheads import slowed, times_longer
from ..obligation import Condition
from ..words import number, seconds


def p99_among_all(pool: Pool) -> Fraction | None:
    """Seconds of its own work; None where it is not stated."""
    tail = pool.each.service_p99_seconds
    return None if tail is None else tail.value * Fraction(times_longer(pool, pool.agents_most.value))


def enough_among_all(pool: Pool, limit: Fraction, what: str, besides: Fraction = Fraction(0)) -> tuple[Condition, ...]:
    """`what` is in words the limit that `besides` and one of the slowest 1 in 100 have to fit in."""
    tail = p99_among_all(pool)
    if tail is None or not slowed(pool):
        return ()
    need = Derived(f"p99 of {pool.name} among all", tail + besides, ())
    agents = number(pool.agents_most.value)
    told = f"among {agents} agents, which slow each other down, {pool.name} takes {seconds(_ms(tail))} at p99, {what}"
    return (Condition(Relation(need, Order.AT_MOST, lift(limit)), told, ""),)


def _ms(time: Fraction) -> Fraction:
    return Fraction(round(time * 1000), 1000)
