"""Agents that an autoscaler sent away and that still drain while it adds others: what all of them hold at a time.

Turns the pools that hold something into the conditions of `connections`, `memory` and `links` for pools that flap.
Invariant: what refutes is a course of demand inside the envelope that was run by the controller's rules; what proves is
`semantics.flapping`, whatever the demand does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...model import Pool
from ...semantics.flapping import syncs_of, there
from ...semantics.hpa import SYNC_PERIOD_MS
from ...semantics.probes import PRE_STOP_S, grace
from ...semantics.worst_trace import Worst
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.loops import arriving, fastest, gentlest, most_there
from ..flows.pods import flapping_pods
from ..obligation import Condition
from ..words import counted, number, per_second, seconds
from .following import bars
from .growth import rise_of

SYNC_S = SYNC_PERIOD_MS // 1000

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What each agent of one pool holds, and how many agents there are: at rest, in an update, and at the worst moment
    of a pool that flaps."""

    pool: Pool
    each: Expression
    running: Leaf
    updating: Derived
    flapping: Derived

    @property
    def flaps(self) -> bool:
        return value(self.flapping) > value(self.updating)

    @property
    def worst(self) -> Expression:
        return self.flapping if self.flaps else self.updating


def held(analysis: Analysis, pool: Pool, each: Expression) -> Held:
    return Held(pool, each, leaves.agents_max(pool), analysis.pods(pool), analysis.flapping(pool))


Count = Callable[[Held], Expression]
"""How many agents of a pool are counted."""


def running(one: Held) -> Expression:
    return one.running


def updating(one: Held) -> Expression:
    return one.updating


def worst(one: Held) -> Expression:
    return one.worst


def _besides(part: Held, count: Expression, others: Count) -> Count:
    """So many of one pool, and of each of the others."""
    return lambda one: count if one is part else others(one)


def _fewest(one: Held) -> Expression:
    return leaves.agents_min(one.pool)


@dataclass(frozen=True, slots=True)
class Holding:
    """What all parts hold together, of which there is `limit`. `told` is the sentence for so many agents of each,
    `amount` the words for what is held."""

    parts: Sequence[Held]
    limit: Leaf
    need: Callable[[Count], Expression]
    told: Callable[[Count], str]
    amount: Callable[[Fraction], str]

    def fits(self, count: Count) -> bool:
        return value(self.need(count)) <= self.limit.number


def agents(one: Held, count: Expression) -> str:
    """12 agents of a; 12 agents of a, and 9 that its autoscaler sent away and that still drain."""
    if count is not one.flapping:
        return f"{counted(value(count), 'agent')} of {one.pool.name}"
    more = number(one.flapping.number - one.running.number)
    return (
        f"{counted(one.running.number, 'agent')} of {one.pool.name}, and {more} that its autoscaler sent away and "
        "that still drain,"
    )


def flapping(analysis: Analysis, holding: Holding, room: str) -> tuple[Conditions, Conditions, str]:
    """What refutes, what proves, and what would decide it; nothing where an update is as bad."""
    if not any(one.flaps for one in holding.parts):
        return (), (), ""
    relation = Relation(holding.need(worst), Order.AT_MOST, holding.limit)
    if relation.holds:
        return (), (Condition(relation, "", room),), ""
    open = f"{holding.told(worst)}; its steps allow it, no course of demand is known that comes to it"
    return tuple(_courses(analysis, holding)), (Condition(relation, open, ""),), _remedy(holding)


def _courses(analysis: Analysis, holding: Holding) -> Iterator[Condition]:
    """Of each pool that would be too much beside the others' minimum the worst course that is found."""
    for one in holding.parts if not analysis.circle else ():
        if not one.flaps or one.pool.may_be_empty or holding.fits(_besides(one, one.flapping, _fewest)):
            continue
        fits, least = int(one.running.number), int(one.flapping.number)
        while least - fits > 1:
            middle = (fits + least) // 2
            fits, least = (middle, least) if holding.fits(_besides(one, lift(middle), _fewest)) else (fits, middle)
        parts, loop = arriving(analysis, one.pool), fastest(analysis, one.pool)
        if loop is None or not any(part.moves for part in parts):
            continue
        found = most_there(loop, gentlest(parts), grace(one.pool.drain_seconds.value), fits)
        if found.harm > fits:
            pods = derived(f"pods of {one.pool.name} on a course", found.harm, _basis(analysis, one))
            relation = Relation(holding.need(_besides(one, pods, _fewest)), Order.AT_MOST, holding.limit)
            yield Condition(relation, f"{_course(one.pool, found)}: {holding.told(_besides(one, pods, _fewest))}", "")


def _basis(analysis: Analysis, one: Held) -> list[Expression]:
    pool = one.pool
    target, mean = leaves.target(pool, "is aimed at by the autoscaler"), leaves.service_mean(pool)
    more = [leaf for leaf in (target, mean) if leaf is not None]
    return [*one.flapping.of, leaves.startup(pool), leaves.concurrency(pool), *more, *rise_of(analysis, pool).basis]


def _course(pool: Pool, found: Worst) -> str:
    """The demand, the agents and the pods of the course, from where it falls."""
    grace_s = grace(pool.drain_seconds.value)
    counts = found.tried.replicas
    pods = there(counts, grace_s)
    at = pods.index(found.harm)
    first = max(0, at - syncs_of(grace_s))
    rates = [max(line) for line in found.lines]
    shown = slice(max(0, first - 2), at + 2)
    rows = ("demand", rates), ("agents", counts), ("with those that leave", pods)
    high, low = (per_second(Fraction(rate, 1000)) for rate in (max(rates[:at]), min(rates[first : at + 1])))
    return (
        f"as the demand on {pool.name} falls from {high} to {low} and rises again, its autoscaler goes from "
        f"{number(counts[first])} to {number(min(counts[first : at + 1]))} and to {counted(counts[at], 'agent')} "
        f"within {seconds(Fraction((at - first) * SYNC_S))}, and {number(pods[at] - counts[at])} still drain "
        f"(each {SYNC_S} s: {', '.join(f'{name} {bars(list(row[shown]))}' for name, row in rows)})"
    )


def _remedy(holding: Holding) -> str:
    """The longest drain of the pool that flaps furthest that would prove it, and what would be enough as it is."""
    flaps = [one for one in holding.parts if one.flaps]
    most = max(flaps, key=lambda one: (value(one.flapping) - value(one.updating)) * value(one.each))
    enough = holding.amount(value(holding.need(worst)))
    for spell in range(syncs_of(grace(most.pool.drain_seconds.value)) - 1, 0, -1):
        drain = spell * SYNC_S - PRE_STOP_S
        count = lift(max(flapping_pods(most.pool, drain), int(most.updating.number)))
        if holding.fits(_besides(most, count, worst)):
            return f"a drain of {most.pool.name} of at most {drain} s would decide it, and so would {enough}"
    return f"{enough} would decide it"
