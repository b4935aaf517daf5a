"""Every course of demand inside the envelope: the autoscaler follows it before callers give up."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

from ...model import Pool, Scaling
from ...semantics.hpa import SYNC_PERIOD_MS
from ...semantics.pool_loop import Moment, course
from ...semantics.worst_trace import MOST_COURSES, Worst
from .. import leaves
from ..analysis import Analysis
from ..expression import Derived, Expression, Leaf, Order, Relation, derived, lift
from ..loops import arriving, bounded_wait, fastest, gentlest, hardest, longest_wait, slowest
from ..obligation import Condition, Obligation
from ..words import counted, number, per_second, seconds
from .growth import rise_of

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 24
PLAIN = 8
"""Courses that are looked at before a proof is: the rises in one go to several heights."""


MOST_AGENTS = 50_000
"""Agents of a pool of which a course is told: each has its reading in every sync, as the controller has it."""


def following(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found: list[Obligation] = []
    for pool in analysis.fleet.pools:
        if pool.scaling is None or not analysis.wants(f"scaling/{pool.name}/waits"):
            continue
        limit = patience(analysis, pool)
        if limit is not None:
            found += _waits(analysis, pool, pool.scaling, limit)
    return found


def patience(analysis: Analysis, pool: Pool) -> Leaf | None:
    """How long the least patient caller of a pool waits."""
    stated = [timeout for call in analysis.into(pool.name) if (timeout := leaves.timeout(call)) is not None]
    return min(stated, key=lambda leaf: leaf.number, default=None)


def _waits(analysis: Analysis, pool: Pool, scaling: Scaling, limit: Leaf) -> list[Obligation]:
    """Unsatisfiable iff a course of demand that every reading of the envelope allows lets a request wait for an agent
    for longer than its caller waits for an answer.

    Necessary: the worst course that `semantics.worst_trace` finds, with agents at their fastest and a metric that is as
    young as it can be. Sufficient: a bound for every course and every horizon (`semantics.pool_loop_reach`), calls
    being as slow as at rest at the peak. Source: the HPA's rules in `semantics.hpa`; Newell's fluid for what waits.
    Limits: means of arrivals and times, so chance is left to the latency objectives; retries and faults are not in it;
    readings are of the last 15 s.
    """
    parts = arriving(analysis, pool)
    fast = fastest(analysis, pool)
    if fast is None or not any(part.moves for part in parts):
        return []
    inside = gentlest(parts)
    if fast.maximum * fast.answers_milli < inside.peak:
        # The peak is too much for the largest pool: that is told of the capacity.
        return []
    limit_ms = math.floor(limit.number * 1000)
    obligation = partial(
        Obligation,
        id=f"scaling/{pool.name}/waits",
        claim=f"whatever the demand does inside its envelope, nobody waits for an agent of {pool.name} for "
        f"{seconds(limit.number)}",
        at=scaling.at,
        code="ST5111",
    )
    slow = slowest(analysis, pool)
    worst = longest_wait(fast, inside, limit_ms, PLAIN)
    gap, proof = (slow, None) if isinstance(slow, str) else ("", None)
    if worst.harm <= limit_ms and slow is not None and not isinstance(slow, str):
        reached = bounded_wait(slow, hardest(parts), limit_ms)
        if reached.wait_ms is not None:
            return [obligation(must=(), proof=(_bounded(pool, reached.wait_ms, limit),))]
        gap = f"{reached.open}: no bound of the waits for {pool.name} below {seconds(limit.number)} was found"
    if fast.maximum > MOST_AGENTS:
        many = f"{pool.name} may have {number(fast.maximum)} agents; courses of up to {number(MOST_AGENTS)} are tried"
        return [obligation(must=(), proof=proof, gap=gap or many, remedy="a lower maximum would decide it")]
    if worst.harm <= limit_ms:
        worst = longest_wait(fast, inside, limit_ms, MOST_COURSES)
    need = derived(f"longest wait for {pool.name}", Fraction(worst.harm, 1000), _basis(analysis, pool, limit))
    text = told(pool, course(fast, worst.lines, worst.start), worst)
    must = Condition(Relation(need, Order.AT_MOST, limit), f"{text}; {limit.demands}", "")
    looked = f"the worst of {counted(worst.looked_at, 'course')} that were tried makes {seconds(need.number)}"
    remedy = f"{looked}; a lower target, more agents at the minimum or a gentler slope would decide it"
    return [obligation(must=(must,), proof=proof, gap=gap, remedy=remedy)]


def _bounded(pool: Pool, wait_ms: int, limit: Leaf) -> Condition:
    bound = Derived(f"longest wait for {pool.name}", Fraction(wait_ms, 1000), ())
    if wait_ms == 0:
        room = f"on no course of demand inside the envelope is {pool.name} too small for it"
    else:
        room = f"on no course of demand inside the envelope does a request wait for {pool.name} longer than "
        room += f"{seconds(bound.number)}, of {seconds(limit.number)}"
    return Condition(Relation(bound, Order.AT_MOST, lift(limit.number)), "", room)


def _basis(analysis: Analysis, pool: Pool, limit: Leaf) -> list[Expression]:
    target = leaves.target(pool, "is aimed at by the autoscaler")
    assert target is not None
    basis: list[Expression] = [leaves.startup(pool), *leaves.step(pool), leaves.agents_min(pool), target]
    mean = leaves.service_mean(pool)
    return [*basis, leaves.concurrency(pool), *([mean] if mean is not None else []), *rise_of(analysis, pool).basis]


def told(pool: Pool, moments: tuple[Moment, ...], worst: Worst) -> str:
    """What the course does, in a sentence and three rows of bars from where it begins to rise."""
    begin = next((index for index, (a, b) in enumerate(worst.lines) if max(a, b) > worst.lines[0][0]), 0)
    at = max(range(len(moments)), key=lambda index: moments[index].wait_ms)
    there = moments[at]
    after = Fraction((at + 1 - begin) * SYNC_PERIOD_MS, 1000)
    peak = max(max(line) for line in worst.lines)
    sentence = (
        f"as the demand on {pool.name} rises from {per_second(Fraction(worst.lines[0][0], 1000))} to "
        f"{per_second(Fraction(peak, 1000))}, {counted(there.ready, 'agent')} of {number(there.replicas)} asked for "
        f"{'is' if there.ready == 1 else 'are'} ready {seconds(after)} later: "
        f"{counted(math.ceil(Fraction(there.queued, 10**6)), 'request')} wait, the last one "
        f"{seconds(Fraction(there.wait_ms, 1000))}"
    )
    first, last = max(0, begin - 1), min(len(moments), max(at + 4, begin + 8))
    shown = moments[first:last]
    rates = [max(line) for line in worst.lines[first:last]]
    rows = (
        ("demand", bars(rates)),
        ("ready", bars([one.ready for one in shown])),
        ("waiting", bars([one.queued for one in shown])),
    )
    return f"{sentence} (each 15 s: {', '.join(f'{name} {row}' for name, row in rows)})"


def bars(numbers: list[int]) -> str:
    """A bar for each number, of a height from nothing to the largest; at most so many as are read at a glance."""
    if len(numbers) > _SHOWN:
        size = -(-len(numbers) // _SHOWN)
        numbers = [max(numbers[index : index + size]) for index in range(0, len(numbers), size)]
    most = max(numbers, default=0)
    return "".join(_BARS[0 if not most else min(7, one * 8 // (most + 1))] for one in numbers)
