"""Agents that an autoscaler and an update sent away and that still drain while others start: what all of them hold.

Turns the pools that hold something into the conditions of `connections`, `memory` and `links` for pools that flap.
Invariant: what refutes is a course of demand inside the envelope that was run by the controller's rules; what proves is
`semantics.flapping`, whatever the demand does and at any time of a rolling update. Limit: no course is run with an
update in it, so that what only both together come to is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ...model import Pool
from ...semantics.controller import SYNC_PERIOD_MS
from ...semantics.flapping import syncs_of
from ...semantics.probes import PRE_STOP_S, grace
from ...semantics.together import Mover, Together, held_together
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.loops import arriving, fastest, gentlest
from ..flows.pods import most_pods
from ..flows.rises import rise_of
from ..obligation import Addition, Condition
from ..words import counted, listed, number, per_second, seconds, share
from .drains import with_drain
from .following import bars

SYNC_S = SYNC_PERIOD_MS // 1000

MOST_ALONE = 16
"""Pools that are looked at one by one."""

MOST_TOGETHER = 32
"""Pools, all alike counted as one, whose autoscalers are looked at together."""

_NAMED = 3
"""Pools that are named in a sentence."""

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What each agent of one pool holds, and how many agents there are: at rest, in an update, and at the worst moment
    of an update while the pool flaps."""

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
    return Held(pool, each, leaves.agents_max(pool), analysis.pods(pool), analysis.most_pods(pool))


Count = Callable[[Held], Expression]
"""How many agents of a pool are counted."""


def running(one: Held) -> Expression:
    return one.running


def updating(one: Held) -> Expression:
    return one.updating


def worst(one: Held) -> Expression:
    return one.worst


def _fewest(one: Held) -> Expression:
    return leaves.agents_min(one.pool)


@dataclass(frozen=True, slots=True)
class Holding:
    """What all parts hold together, of which there is `limit`; `need` adds up what the counts hold and a constant.
    `told` is the sentence for so many agents of each, `amount` the words for what is held."""

    parts: Sequence[Held]
    limit: Leaf
    need: Callable[[Count], Expression]
    told: Callable[[Count], str]
    amount: Callable[[Fraction], str]

    def left(self, count: Count) -> Fraction:
        """Negative where so many hold more than there is."""
        return self.limit.number - value(self.need(count))


class Flapping(NamedTuple):
    """What refutes, what proves, what would decide it, and what may mend it."""

    must: Conditions = ()
    proof: Conditions = ()
    remedy: str = ""
    additions: tuple[Addition, ...] = ()


def agents(one: Held, count: Expression) -> str:
    """12 agents of a; 12 agents of a, and 9 more as it is updated while its autoscaler goes to and fro."""
    if count is not one.flapping:
        return f"{counted(value(count), 'agent')} of {one.pool.name}"
    more = number(one.flapping.number - one.running.number)
    return (
        f"{counted(one.running.number, 'agent')} of {one.pool.name}, and {more} that start or still drain as it is "
        "updated while its autoscaler goes to and fro,"
    )


def flapping(analysis: Analysis, holding: Holding, room: str) -> Flapping:
    """Nothing where an update alone is as bad."""
    if not any(one.flaps for one in holding.parts):
        return Flapping()
    relation = Relation(holding.need(worst), Order.AT_MOST, holding.limit)
    if relation.holds:
        return Flapping(proof=(Condition(relation, "", room),))
    open = f"{holding.told(worst)}; its steps allow it, no course of demand is known that comes to it"
    furthest, drain = _deciding(holding)
    enough = holding.amount(value(relation.need))
    remedy = f"{enough} would decide it"
    if drain is not None:
        remedy = f"a drain of {furthest.pool.name} of at most {seconds(drain)} would decide it, and so would {enough}"
    must = () if analysis.circle or analysis.proving else _refuting(analysis, holding)
    mends = must and drain is not None and not furthest.pool.drain_seconds.written
    additions = (with_drain(analysis, furthest.pool, drain),) if mends and drain is not None else ()
    return Flapping(must, (Condition(relation, open, ""),), remedy, additions)


def _refuting(analysis: Analysis, holding: Holding) -> Conditions:
    """A course of demand on which one pool, beside the others' minimum, or else all together hold too much."""
    left = holding.left(_fewest)
    moving = [(one, mover) for one in holding.parts if (mover := _mover(analysis, one.pool)) is not None]
    moving.sort(key=lambda each: -_more(each[0]))
    alone = [[each] for each in moving[:MOST_ALONE] if _more(each[0]) > left]
    first = set(list(dict.fromkeys(mover for _, mover in moving))[:MOST_TOGETHER])
    together = [each for each in moving if each[1] in first]
    for movers in (*alone, *([together] if len(together) > 1 else [])):
        fewest = sum((one.pool.agents_min.value * value(one.each) for one, _ in movers), Fraction(0))
        found = held_together([(mover, value(one.each)) for one, mover in movers], left + fewest)
        # Where too much is held at rest already, the largest sizes alone are too much, and that is told.
        if found is not None and found.at > 0:
            pods = {
                one.pool.name: _on_a_course(analysis, one, run.pods[found.at])
                for (one, _), run in zip(movers, found.runs, strict=True)
            }

            def count(one: Held, pods: dict[str, Derived] = pods) -> Expression:
                return pods.get(one.pool.name) or _fewest(one)

            told = f"{_course([one.pool for one, _ in movers], found)}: {holding.told(count)}"
            return (Condition(Relation(holding.need(count), Order.AT_MOST, holding.limit), told, ""),)
    return ()


def _more(one: Held) -> Fraction:
    """What a pool may hold at the worst moment beside what its fewest agents do."""
    return (value(one.worst) - one.pool.agents_min.value) * value(one.each)


def _mover(analysis: Analysis, pool: Pool) -> Mover | None:
    known: dict[str, Mover | None] = analysis.by_caller("movers")
    if pool.name not in known:
        known[pool.name] = _made(analysis, pool)
    return known[pool.name]


def _made(analysis: Analysis, pool: Pool) -> Mover | None:
    if pool.may_be_empty or pool.scaling is None:
        return None
    parts, loop = arriving(analysis, pool), fastest(analysis, pool)
    inside = gentlest(parts)
    return Mover(loop, inside, grace(pool.drain_seconds.value)) if loop is not None and inside.moves else None


def _on_a_course(analysis: Analysis, one: Held, pods: int) -> Derived:
    pool = one.pool
    target, mean = leaves.target(pool, "is aimed at by the autoscaler"), leaves.service_mean(pool)
    more = [leaf for leaf in (target, mean) if leaf is not None]
    basis = [*one.flapping.of, leaves.startup(pool), leaves.concurrency(pool), *more, *rise_of(analysis, pool).basis]
    return derived(f"pods of {pool.name} on a course", pods, basis)


def _course(pools: Sequence[Pool], found: Together) -> str:
    """The demand, the agents and the pods of the course, from where it falls."""
    counts = [sum(at) for at in zip(*(run.counts for run in found.runs), strict=True)]
    pods = [sum(at) for at in zip(*(run.pods for run in found.runs), strict=True)]
    rates = [max(line) for line in (found.runs[0].lines if len(pools) == 1 else found.shares)]
    spell = max(syncs_of(grace(pool.drain_seconds.value)) for pool in pools)
    at, first = found.at, max(0, found.at - spell)
    shown = slice(max(0, first - 2), at + 2)
    rows = ("demand", rates), ("agents", counts), ("with those that leave", pods)
    high, low = max(rates[:at]), min(rates[first : at + 1])
    if len(pools) == 1:
        falls = f"falls from {per_second(Fraction(high, 1000))} to {per_second(Fraction(low, 1000))}"
    else:
        rest = f"{share(Fraction(low, found.way))} of the way up from " if low else ""
        falls = f"falls from the peak to {rest}steady"
    names = [pool.name for pool in pools[:_NAMED]]
    who = listed([*names, *([counted(len(pools) - _NAMED, "more pool")] if len(pools) > _NAMED else [])])
    whose = "its autoscaler goes" if len(pools) == 1 else "their autoscalers go"
    return (
        f"as the demand on {who} {falls} and rises again, {whose} from "
        f"{number(counts[first])} to {number(min(counts[first : at + 1]))} and to {counted(counts[at], 'agent')} "
        f"within {seconds(Fraction((at - first) * SYNC_S))}, and {number(pods[at] - counts[at])} still drain "
        f"(each {SYNC_S} s: {', '.join(f'{name} {bars(list(row[shown]))}' for name, row in rows)})"
    )


def _deciding(holding: Holding) -> tuple[Held, int | None]:
    """The pool that flaps furthest, and the longest drain of it, in seconds, that would prove it, if any does."""
    most = max(
        (one for one in holding.parts if one.flaps),
        key=lambda one: (value(one.flapping) - value(one.updating)) * value(one.each),
    )
    pods = value(most.worst) + holding.left(worst) / value(most.each)
    if value(most.updating) <= pods:
        for spell in range(syncs_of(grace(most.pool.drain_seconds.value)) - 1, 0, -1):
            drain = spell * SYNC_S - PRE_STOP_S
            if most_pods(most.pool, drain) <= pods:
                return most, drain
    return most, None
