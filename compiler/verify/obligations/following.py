"""Every course of demand inside the envelope: the autoscaler follows it before callers give up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from ...model import Call, Pool, Scaling
from ...semantics.controller import SYNC_PERIOD_MS
from ...semantics.envelope import Envelope
from ...semantics.pool_loop import SIGNALS, Moment, PoolLoop, course
from ...semantics.worst_trace import MOST_COURSES, Worst
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.figures import surely_below
from ..flows.loops import (
    Arriving,
    arriving,
    bounded_wait,
    fastest,
    gentlest,
    hardest,
    longest_wait,
    slowest,
    surely_bounded,
)
from ..flows.occupancy import ABOVE
from ..flows.rises import rise_of
from ..flows.uneven import worth
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, per_second, seconds

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 24
PLAIN = 8
"""Courses that are looked at before a proof is: the rises in one go to several heights."""


MOST_AGENTS = 50_000
"""Agents of a pool of which a course is told: each has its reading in every sync, as the controller has it."""


def following(analysis: Analysis) -> list[Judged]:
    if analysis.circle:
        return []
    found: list[Judged] = []
    steady, peak = analysis.flow(Level.STEADY), analysis.flow(Level.PEAK)
    for pool in analysis.fleet.pools:
        scaling, id = pool.scaling, f"scaling/{pool.name}/waits"
        call = least_patient(analysis, pool) if scaling is not None and analysis.wants(id) else None
        if scaling is None or call is None:
            continue
        if _never_short(analysis, pool, scaling, steady.get(pool.name, 0.0), peak.get(pool.name, 0.0)):
            found.append(Proven(id, scaling.at, "ST5111", partial(_seen, analysis, pool, scaling, call)))
        elif (question := _asked(analysis, pool, call)) is not None:
            make = partial(_waits, analysis, pool, scaling, call, question)
            found.append(Proven(id, scaling.at, "ST5111", make) if question.surely_kept else make())
    return found


@dataclass(frozen=True, slots=True)
class _Question:
    """The loop at its fastest in the gentlest envelope, at its slowest in the hardest, and how long one may wait."""

    fast: PoolLoop
    slow: PoolLoop | str | None
    parts: tuple[Arriving, ...]
    hard: Envelope
    limit_ms: int

    @property
    def inside(self) -> Envelope:
        return gentlest(self.parts)

    @property
    def harmless(self) -> bool:
        """A bound tells that no course in the gentlest reading is too much: none needs to be tried."""
        return surely_bounded(self.fast, self.inside, self.limit_ms, self.fast.answers_milli)

    @property
    def surely_kept(self) -> bool:
        """No course in the hardest reading is too much for agents that are slow, quick or between, nor then one in the
        gentlest, which the hardest has in it."""
        if not isinstance(self.slow, PoolLoop):
            return False
        return surely_bounded(self.slow, self.hard, self.limit_ms, self.quickest)

    @property
    def quickest(self) -> int:
        """What an agent answers at the most while its calls do not wait, as at the steady level."""
        slow = self.slow.answers_milli if isinstance(self.slow, PoolLoop) else 0
        return max(self.fast.answers_milli, slow)


def _asked(analysis: Analysis, pool: Pool, call: Call) -> _Question | None:
    """None where nothing moves, or where the peak is too much for the largest pool: that is told of the capacity."""
    parts = arriving(analysis, pool)
    fast = fastest(analysis, pool)
    if fast is None or not any(part.moves for part in parts):
        return None
    hard, most = hardest(parts), fast.maximum * fast.answers_milli
    if most <= max(hard.steady, hard.peak) and most < gentlest(parts).peak:
        return None
    assert call.policy.timeout_seconds is not None
    limit_ms = math.floor(call.policy.timeout_seconds.value * 1000)
    return _Question(fast, slowest(analysis, pool), parts, hard, limit_ms)


def _never_short(analysis: Analysis, pool: Pool, scaling: Scaling, steady: float, peak: float) -> bool:
    """The demand moves, and the fewest agents there may be surely answer the peak, in every reading of the spec."""
    # Where there is a state at the peak, the service takes its time and the target is more than nothing.
    state, fewest = analysis.occupancy(Level.BETWEEN).of(pool), pool.agents_min.value
    if isinstance(state, str) or not state.held.mean < math.inf:
        return False
    if scaling.signal.value not in SIGNALS or fewest > pool.agents_max.value:
        return False
    # The loop counts in whole thousandths of a request per second.
    answers = math.floor(pool.each.concurrency.value / (state.held.mean * ABOVE) * 1000)
    return surely_below(peak * 1000 + 1, float(worth(analysis, pool, fewest) * answers)) and surely_below(steady, peak)


def least_patient(analysis: Analysis, pool: Pool) -> Call | None:
    """The call to a pool that waits least for its answer; None where none has a timeout."""
    least, shortest = None, None
    for call in analysis.into(pool.name):
        stated = call.policy.timeout_seconds
        if stated is not None and (shortest is None or stated.value < shortest):
            least, shortest = call, stated.value
    return least


def _limit(call: Call) -> Leaf:
    limit = leaves.timeout(call)
    assert limit is not None
    return limit


def _seen(analysis: Analysis, pool: Pool, scaling: Scaling, call: Call) -> Obligation:
    question = _asked(analysis, pool, call)
    assert question is not None
    return _waits(analysis, pool, scaling, call, question)


def _waits(analysis: Analysis, pool: Pool, scaling: Scaling, call: Call, question: _Question) -> Obligation:
    """Unsatisfiable iff a course of demand that every reading of the envelope allows lets a request wait for an agent
    for longer than its caller waits for an answer.

    Necessary: the worst course that `semantics.worst_trace` finds, with agents at their fastest and a metric that is as
    young as it can be. Sufficient: a bound for every course and every horizon (`semantics.pool_loop_reach`), calls
    being at any time as slow as they are at any level, or as quick as without waits. Source: the HPA's rules in
    `semantics.hpa`; Newell's fluid for what waits. Limits: means of arrivals and times, so chance is left to the
    latency objectives; retries and faults are not in it; readings are of the last 15 s. Agents are whole: with a little
    more demand one more may run at the steady level, which meets a rise better, so that a higher demand may be proved
    where a lower one is not.
    """
    fast, slow, inside, limit_ms = question.fast, question.slow, question.inside, question.limit_ms
    limit = _limit(call)
    obligation = partial(
        Obligation,
        id=f"scaling/{pool.name}/waits",
        claim=f"whatever the demand does inside its envelope, nobody waits for an agent of {pool.name} for "
        f"{seconds(limit.number)}",
        at=scaling.at,
        code="ST5111",
    )
    worst = None if question.harmless else longest_wait(fast, inside, limit_ms, PLAIN)
    gap, proof = (slow, None) if isinstance(slow, str) else ("", None)
    if (worst is None or worst.harm <= limit_ms) and isinstance(slow, PoolLoop):
        reached = bounded_wait(slow, question.hard, limit_ms, question.quickest)
        if reached.wait_ms is not None:
            return obligation(must=(), proof=(_bounded(pool, reached.wait_ms, limit),))
        gap = f"{reached.open}: no bound of the waits for {pool.name} below {seconds(limit.number)} was found"
    if fast.maximum > MOST_AGENTS:
        many = f"{pool.name} may have {number(fast.maximum)} agents; courses of up to {number(MOST_AGENTS)} are tried"
        return obligation(must=(), proof=proof, gap=gap or many, remedy="a lower maximum would decide it")
    if worst is None or worst.harm <= limit_ms:
        if analysis.proving:
            return obligation(must=(), gap=gap or "no further course was looked for")
        worst = longest_wait(fast, inside, limit_ms, MOST_COURSES)
    need = derived(f"longest wait for {pool.name}", Fraction(worst.harm, 1000), _basis(analysis, pool))
    text = told(pool, course(fast, worst.lines, worst.start), worst)
    must = Condition(Relation(need, Order.AT_MOST, limit), f"{text}; {limit.demands}", "")
    looked = f"the worst of {counted(worst.looked_at, 'course')} that were tried makes {seconds(need.number)}"
    remedy = f"{looked}; a lower target, more agents at the minimum or a gentler slope would decide it"
    return obligation(must=(must,), proof=proof, gap=gap, remedy=remedy)


def _bounded(pool: Pool, wait_ms: int, limit: Leaf) -> Condition:
    bound = Derived(f"longest wait for {pool.name}", Fraction(wait_ms, 1000), ())
    if wait_ms == 0:
        room = f"on no course of demand inside the envelope is {pool.name} too small for it"
    else:
        room = f"on no course of demand inside the envelope does a request wait for {pool.name} longer than "
        room += f"{seconds(bound.number)}, of {seconds(limit.number)}"
    return Condition(Relation(bound, Order.AT_MOST, lift(limit.number)), "", room)


def _basis(analysis: Analysis, pool: Pool) -> list[Expression]:
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
