"""A rise in demand: the agents that serve it are there in the time that the autoscaler's clause states."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from ...model import Demand, Pool, Scaling, Stated
from ...semantics.growth import METRIC_DELAY_S, Growth, growth, latest_growth, most_waiting
from ...semantics.scaling import replicas_for_signal
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.climbing import Sure, full_share, steps, sure
from ..flows.figures import ERROR, double, surely_below
from ..flows.occupancy import BAND, settled
from ..flows.pods import behavior
from ..flows.warming import warm_up, whole_after
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, seconds


def growths(analysis: Analysis) -> list[Judged]:
    if analysis.circle:
        return []
    found: list[Judged] = []
    for pool in analysis.fleet.pools:
        if pool.scaling is None or not (
            analysis.wants(f"scaling/{pool.name}/up-within") or analysis.wants(f"scaling/{pool.name}/growth")
        ):
            continue
        scaling, up = pool.scaling, pool.scaling.up_within_seconds
        if pool.name not in analysis.flow(Level.PEAK):
            continue
        known = Sure(in_time=False, wait=None) if pool.may_be_empty else sure(analysis, pool, scaling)
        if up is not None:
            id, grows = f"scaling/{pool.name}/up-within", partial(_grows, analysis, pool, scaling, up)
            found.append(Proven(id, up.span, "ST5103", grows) if known.in_time else grows())
        if known.wait == 0 or pool.may_be_empty:
            continue
        if known.wait is not None and _surely_in_time(analysis, pool, known.wait):
            make = partial(_only, analysis, pool, scaling)
            found.append(Proven(f"scaling/{pool.name}/growth", scaling.at, "ST5104", make))
        else:
            found += _waits(analysis, pool, scaling)
    return found


def _grows(analysis: Analysis, pool: Pool, scaling: Scaling, up: Stated[Fraction]) -> Obligation:
    limit = Leaf(f"time to grow of {pool.name}", up, f"up within {seconds(up.value)}", positive=True)
    return _in_time(analysis, pool, scaling, rise_of(analysis, pool), limit, climb_of(analysis, pool, scaling))


@dataclass(frozen=True, slots=True)
class Rise:
    """What arrives at a pool as every demand goes from steady to peak, each by its slope, or at once without one."""

    parts: tuple[tuple[Fraction, Fraction, Fraction | None], ...]
    """(steady, peak, gain a second) of what each demand sends to the pool, requests per second."""
    basis: tuple[Expression, ...]

    def at(self, time: Fraction) -> Fraction:
        return sum(
            (peak if gain is None else min(peak, steady + gain * time) for steady, peak, gain in self.parts),
            Fraction(0),
        )

    @property
    def low(self) -> Fraction:
        return sum((steady for steady, _, _ in self.parts), Fraction(0))

    @property
    def high(self) -> Fraction:
        return sum((peak for _, peak, _ in self.parts), Fraction(0))

    @property
    def ends(self) -> Fraction:
        """Seconds until all are at their peaks."""
        return max(((peak - steady) / gain for steady, peak, gain in self.parts if gain), default=Fraction(0))


def rise_of(analysis: Analysis, pool: Pool) -> Rise:
    parts, basis = [], []
    for demand in analysis.demands_of(pool.name):
        visits = analysis.visits_to(pool.name, demand)
        if not visits:
            continue
        gain = demand.rise_per_second.value * visits if demand.rise_per_second is not None else None
        # A demand that never rises is at its peak when it matters.
        parts.append((demand.steady_per_second.value * visits, demand.peak_per_second.value * visits, gain or None))
        slope = leaves.rise(demand)
        basis += [leaves.steady(demand), leaves.peak(demand), *([slope] if slope is not None else [])]
    return Rise(tuple(parts), tuple(basis))


@dataclass(frozen=True, slots=True)
class Climb:
    """`growth` at the latest; meanwhile `waiting` requests wait at the most, one of them for `wait` seconds."""

    growth: Growth
    waiting: Fraction
    wait: Fraction
    start: int
    goal: int

    @staticmethod
    def none() -> Climb:
        """Of a pool that does not grow."""
        return Climb(Growth(Fraction(0), ()), Fraction(0), Fraction(0), 0, 0)


def climb_of(analysis: Analysis, pool: Pool, scaling: Scaling) -> Climb | str:
    return analysis.kept(f"climb of {pool.name}", lambda: _climbed(analysis, pool, scaling, rise_of(analysis, pool)))


def _climbed(analysis: Analysis, pool: Pool, scaling: Scaling, rise: Rise) -> Climb | str:
    steady, peak = (analysis.occupancy(level).of(pool) for level in (Level.STEADY, Level.PEAK))
    if isinstance(steady, str):
        return steady
    if isinstance(peak, str):
        return peak
    held = peak.held

    @cache
    def needed(time: Fraction) -> int:
        asked = settled(pool, rise.at(time), held, BAND)
        assert isinstance(asked, int)
        return asked

    found = latest_growth(
        needed,
        rise.ends,
        steady.agents,
        behavior(scaling),
        startup=whole_after(analysis, pool),
        metric_delay=Fraction(METRIC_DELAY_S),
        full_share=full_share(scaling),
        steps=steps(analysis, pool, steady.agents, peak.agents),
    )
    if found is None:
        return f"the autoscaler of {pool.name} never gets from {steady.agents} to {peak.agents} agents by its steps"
    each = Fraction(pool.each.concurrency.value) / Fraction(held.mean)
    waiting, wait = most_waiting(found.rungs, rise.at, each, rise.ends)
    return Climb(found, waiting, wait, steady.agents, peak.agents)


def _in_time(
    analysis: Analysis, pool: Pool, scaling: Scaling, rise: Rise, limit: Leaf, climb: Climb | str
) -> Obligation:
    """Unsatisfiable iff agents come later than stated even where the metric shows the load at once.

    The rise begins just after a sync, with the fewest agents that the autoscaler leaves alone at the steady level,
    and goes to the peak by each demand's slope. Necessary: no age of the metric, no waits in the calls.
    Sufficient: a metric that is 15 s old, with waits, and a share of slots that does not show more than full
    agents. An agent is there when it carries its whole part: after its start-up and the warm-up that callers state.
    Source: the HPA's rules in `semantics.scaling.growth`. Limits: nodes are there, images are pulled; a start-up time
    that the spec states.
    """
    obligation = partial(
        Obligation,
        id=f"scaling/{pool.name}/up-within",
        claim=f"{pool.name} has the agents for a rise in demand within {seconds(limit.number)}",
        at=limit.stated.span,
        code="ST5103",
    )
    must = _at_best(analysis, pool, scaling, rise, limit)
    if pool.may_be_empty:
        gap = f"{pool.name} may be empty, and how many agents run at the steady level is not known"
        return obligation(must=(), gap=gap, remedy="leave it out: `age at most …` in its queue is what its items need")
    if isinstance(climb, str):
        return obligation(must=must, gap=climb)
    if climb.goal <= climb.start:
        enough = f"{counted(climb.start, 'agent')} of {pool.name} at the steady level are enough for the peak"
        none = Derived(f"time in which {pool.name} grows", Fraction(0), ())
        return obligation(must=must, proof=(Condition(Relation(none, Order.AT_MOST, lift(limit.number)), "", enough),))
    lag = climb.growth.lag
    grows = f"{pool.name} grows from {climb.start} to {climb.goal} agents"
    room = f"{grows}, each there {seconds(_up(lag))} after it is needed, of {seconds(limit.number)}"
    broken = f"{grows}, which may take {seconds(_up(lag))} with a metric that is {METRIC_DELAY_S} s old"
    waits = "no request waits meanwhile"
    if climb.waiting > 0:
        waits = f"while it grows, up to {counted(math.ceil(climb.waiting), 'request')} wait"
    relation = Relation(Derived(f"time in which {pool.name} grows", lag, ()), Order.AT_MOST, lift(limit.number))
    remedy = f"{seconds(_up(lag))} or more, larger steps, or more agents at the minimum would do"
    return obligation(must=must, proof=(Condition(relation, broken, room),), note=waits, remedy=remedy)


def _up(time: Fraction) -> Fraction:
    return Fraction(math.ceil(time * 10), 10)


def _at_best(analysis: Analysis, pool: Pool, scaling: Scaling, rise: Rise, limit: Leaf) -> tuple[Condition, ...]:
    least_held, steady = analysis.occupancy(Level.PEAK).least_held[pool.name], analysis.occupancy(Level.STEADY).of(pool)
    held, slots, aim = value(least_held), pool.each.concurrency.value, scaling.target.value * BAND
    if isinstance(steady, str) or held <= 0 or aim <= 0:
        return ()
    if replicas_for_signal(scaling.signal, aim, rise.high, rise.high * held, slots) is None:
        return ()
    most = pool.agents_max.value

    @cache
    def needed(time: Fraction) -> int:
        rate = rise.at(time)
        asked = replicas_for_signal(scaling.signal, aim, rate, rate * held, slots)
        return min(most, max(steady.agents, asked or 0))

    goal = needed(rise.ends)
    if goal <= steady.agents:
        return ()
    startup, warm = leaves.startup(pool), warm_up(analysis, pool)
    found = growth(needed, rise.ends, steady.agents, behavior(scaling), startup=whole_after(analysis, pool))
    if found is None:
        return ()
    target = leaves.target(pool, f"aims at {number(scaling.target.value)}")
    assert target is not None
    basis: list[Expression] = [startup, *leaves.step(pool), leaves.agents_min(pool), leaves.agents_max(pool), target]
    basis += [leaves.concurrency(pool), *rise.basis, *([warm] if warm is not None else [])]
    warms = f", {seconds(warm.number)} to warm up" if warm is not None else ""
    need = derived(f"least time in which {pool.name} grows", found.lag, [*basis, least_held])
    text = (
        f"{pool.name} grows from {steady.agents} to {goal} agents as the demand rises from steady to peak: the last "
        f"needed one is there {seconds(_up(found.lag))} after it is needed, with a sync each 15 s and "
        f"{seconds(startup.number)} to start{warms}, where the limit is {seconds(limit.number)}"
    )
    return (Condition(Relation(need, Order.AT_MOST, limit), text, ""),)


def _only(analysis: Analysis, pool: Pool, scaling: Scaling) -> Obligation:
    return _waits(analysis, pool, scaling)[0]


def _objectives(
    analysis: Analysis, pool: Pool
) -> Iterator[tuple[Demand, Fraction, Stated[Fraction], Stated[Fraction]]]:
    """The latency objectives of demands that pass the pool: (demand, how often it passes, quantile, limit)."""
    for guarantee in analysis.fleet.latency:
        for demand in analysis.demands_of(pool.name):
            if guarantee.demand is not None and guarantee.demand.value != demand.name:
                continue
            visits = analysis.visits_to(pool.name, demand)
            for quantile, limit in guarantee.bounds if visits else ():
                yield demand, visits, quantile, limit


def _surely_in_time(analysis: Analysis, pool: Pool, wait: float) -> bool:
    """There are objectives, and each holds: with the coarser bound of `tails`, which is never below the best, or with
    the first that is within what the wait leaves."""
    rest, objectives = analysis.tails(Level.BETWEEN), list(_objectives(analysis, pool))
    for demand, visits, quantile, limit in objectives:
        tail, waits = float(1 - quantile.value), wait * math.ceil(visits)
        if surely_below(rest.roughly(demand.name, tail) + waits, double(limit.value)):
            continue
        found = rest.bound(demand.name, tail, double(limit.value) * (1 - 3 * ERROR) - waits)
        if isinstance(found, str) or not surely_below(found.seconds + waits, double(limit.value)):
            return False
    return bool(objectives)


def _waits(analysis: Analysis, pool: Pool, scaling: Scaling) -> list[Obligation]:
    """Never refuted; nothing where nobody waits. Sufficient: with the longest wait while the pool grows on top of the
    bound at rest, each latency objective of a demand that passes the pool still holds."""
    climb = climb_of(analysis, pool, scaling)
    if not isinstance(climb, Climb) or climb.waiting <= 0:
        return []
    proof: list[Condition] = []
    for demand, visits, quantile, limit in _objectives(analysis, pool):
        rest = analysis.tails(Level.BETWEEN).bound(demand.name, float(1 - quantile.value))
        if isinstance(rest, str) or math.isinf(rest.seconds):
            continue
        wait = climb.wait * math.ceil(visits)
        longest = Derived(f"longest wait for {pool.name}", Fraction(rest.seconds) + wait, ())
        said = f"p{number(quantile.value * 100, 6)} of {demand.name}"
        waits = (
            f"while {pool.name} grows, up to {counted(math.ceil(climb.waiting), 'request')} wait, "
            f"{seconds(_up(wait))} at most"
        )
        room = f"{waits}: {said} is then at most {seconds(_up(longest.number))} of {seconds(limit.value)}"
        broken = f"{waits}: {said} may then be {seconds(_up(longest.number))}, the limit is {seconds(limit.value)}"
        proof.append(Condition(Relation(longest, Order.BELOW, lift(limit.value)), broken, room))
    if not proof:
        return []
    return [
        Obligation(
            id=f"scaling/{pool.name}/growth",
            claim=f"requests that wait while {pool.name} grows are still in time",
            at=scaling.at,
            code="ST5104",
            must=(),
            proof=tuple(proof),
            remedy=f"a lower target, more agents at {pool.name}'s minimum, larger steps or a gentler slope would do",
        )
    ]
