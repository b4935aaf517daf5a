"""A rise in demand: the agents that serve it are there in the time that the autoscaler's clause states."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache, partial

from ...model import Demand, Pool, Scaling, Stated
from ...semantics.growth import METRIC_DELAY_S, growth
from ...semantics.scaling import replicas_for_signal
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.answers_aside import answers_to
from ..flows.climbing import Sure, surely
from ..flows.figures import ERROR, double, surely_below
from ..flows.occupancy import BAND
from ..flows.pods import behavior
from ..flows.rises import (
    Climb,
    Rise,
    climb_of,
    often,
    rise_of,
    surely_waits_on_the_way,
    waits_for_one_agent,
    waits_on_the_way,
)
from ..flows.uneven import unseen_by_scaling
from ..flows.warming import warm_up
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, rounded_up, seconds


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
        known = Sure(in_time=False, wait=None) if pool.may_be_empty else surely(analysis, pool, scaling)
        if up is not None:
            id, grows = f"scaling/{pool.name}/up-within", partial(_grows, analysis, pool, scaling, up)
            sure = known.in_time and not unseen_by_scaling(analysis, pool)
            found.append(Proven(id, up.span, "ST5103", grows) if sure else grows())
        if known.wait == 0 or pool.may_be_empty:
            continue
        if known.wait is not None and _surely_in_time(analysis, pool):
            make = partial(_only, analysis, pool, scaling)
            found.append(Proven(f"scaling/{pool.name}/growth", scaling.at, "ST5104", make))
        else:
            found += _waits(analysis, pool, scaling)
    return found


def _grows(analysis: Analysis, pool: Pool, scaling: Scaling, up: Stated[Fraction]) -> Obligation:
    limit = Leaf(f"time to grow of {pool.name}", up, f"up within {seconds(up.value)}", positive=True)
    return _in_time(analysis, pool, scaling, rise_of(analysis, pool), limit, climb_of(analysis, pool, scaling))


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
    must = () if analysis.proving else _at_best(analysis, pool, scaling, rise, limit)
    if why := unseen_by_scaling(analysis, pool):
        return obligation(must=(), gap=why)
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
    remedy = f"{seconds(rounded_up(_up(lag)))} or more, larger steps, or more agents at the minimum would do"
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
    soonest = startup.number + (warm.number if warm is not None else 0)
    found = growth(needed, rise.ends, steady.agents, behavior(scaling), startup=soonest)
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


def _objectives(analysis: Analysis, pool: Pool) -> Iterator[tuple[Demand, Stated[Fraction], Stated[Fraction]]]:
    """The latency objectives of demands that pass the pool, or one that it calls: (demand, quantile, limit)."""
    demands = {one.name: one for name in analysis.reached(pool.name) for one in analysis.demands_of(name)}
    for guarantee in analysis.fleet.latency:
        for demand in demands.values():
            if guarantee.demand is not None and guarantee.demand.value != demand.name:
                continue
            for quantile, limit in guarantee.bounds if often(analysis, pool, demand) else ():
                yield demand, quantile, limit


def _surely_in_time(analysis: Analysis, pool: Pool) -> bool:
    """There are objectives, and each holds in doubles."""
    known: dict[tuple[str, Fraction, Fraction], bool] = analysis.kept("objectives surely kept", dict)
    objectives = list(_objectives(analysis, pool))
    for demand, quantile, limit in objectives:
        key = (demand.name, quantile.value, limit.value)
        if key not in known:
            known[key] = _surely_kept(analysis, demand, float(1 - quantile.value), double(limit.value))
        if not known[key]:
            return False
    return bool(objectives)


def _surely_kept(analysis: Analysis, demand: Demand, tail: float, limit: float) -> bool:
    """With the coarser bound of `tails`, which is never below the best, or with the first that is within what the waits
    leave."""
    waits = surely_waits_on_the_way(analysis, demand)
    if waits is None:
        return False
    rest, left = answers_to(analysis, demand.name, tail)
    if surely_below(rest.roughly(demand.name, left) + waits, limit):
        return True
    found = rest.bound(demand.name, left, limit * (1 - 3 * ERROR) - waits)
    return not isinstance(found, str) and surely_below(found.seconds + waits, limit)


def _waits(analysis: Analysis, pool: Pool, scaling: Scaling) -> list[Obligation]:
    """Never refuted; nothing where nobody waits. Sufficient: with the longest wait while the pool grows on top of the
    bound at rest, and those for all other pools on the way, which may grow one after the other, each latency objective
    of a demand that passes the pool, or one that gets from it what has piled up, still holds."""
    climb = climb_of(analysis, pool, scaling)
    if not isinstance(climb, Climb) or climb.waiting <= 0:
        return []
    proof: list[Condition] = []
    gap = ""
    for demand, quantile, limit in _objectives(analysis, pool):
        answers, tail = answers_to(analysis, demand.name, float(1 - quantile.value))
        rest = answers.bound(demand.name, tail)
        if isinstance(rest, str) or math.isinf(rest.seconds):
            continue
        gap = gap or waits_for_one_agent(analysis, demand)
        wait = climb.wait * often(analysis, pool, demand)
        waits_in_all = waits_on_the_way(analysis, demand)
        longest = Derived(f"longest wait for {pool.name}", Fraction(rest.seconds) + waits_in_all, ())
        said = f"p{number(quantile.value * 100, 6)} of {demand.name}"
        waits = (
            f"while {pool.name} grows, up to {counted(math.ceil(climb.waiting), 'request')} wait, "
            f"{seconds(_up(wait))} at most"
        )
        if waits_in_all > wait:
            waits += f", and {seconds(_up(waits_in_all - wait))} for other pools that grow"
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
            gap=gap,
            remedy=f"a lower target, more agents at {pool.name}'s minimum, larger steps or a gentler slope would do",
        )
    ]
