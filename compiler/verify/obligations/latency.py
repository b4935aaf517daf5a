"""Latency objectives: a quantile of the whole time of a demand's requests stays below its limit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from ...model import Call, CalleeKind, Demand, Stated
from ...semantics.latency import LogNormal
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.answers_aside import answers_to, told_aside
from ..flows.figures import ERROR, double, surely_below
from ..flows.occupancy import ABOVE, DOWN, UP, latency_of, service_of
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import number, seconds, seconds_beside, share

_MS = 1000
_PATIENCE = "more agents, a longer timeout, or more errors before an ejection would decide it"


def latencies(analysis: Analysis) -> list[Judged]:
    if analysis.circle:
        return []
    met: dict[str, int] = {}
    found: list[Judged] = []
    for guarantee in analysis.fleet.latency:
        for demand in analysis.fleet.demands:
            if guarantee.demand is not None and guarantee.demand.value != demand.name:
                continue
            for quantile, limit in guarantee.bounds:
                id = f"latency/{demand.name}/p{number(quantile.value * 100, 6)}"
                met[id] = met.get(id, 0) + 1
                told = id if met[id] == 1 else f"{id}/{met[id]}"
                if not analysis.wants(told):
                    continue
                make = partial(_below, analysis, demand, quantile, limit, told)
                sure = _surely_below(analysis, demand, quantile.value, limit.value)
                found.append(Proven(told, limit.span, "ST2401", make) if sure else make())
    return found


def _surely_below(analysis: Analysis, demand: Demand, quantile: Fraction, limit: Fraction) -> bool:
    """By the coarser bound, or the first division of the tail that is near enough."""
    if quantile >= 1 or not analysis.out(demand.name):
        return False
    tails, tail = answers_to(analysis, demand.name, float(1 - quantile))
    # A millisecond for the bound that is told, which is rounded up to one.
    enough = double(limit) / ABOVE - 1 / _MS
    if surely_below(tails.roughly(demand.name, tail), enough):
        return True
    found = tails.bound(demand.name, tail, enough * (1 - 3 * ERROR))
    return not isinstance(found, str) and surely_below(found.seconds, enough)


def _below(
    analysis: Analysis,
    demand: Demand,
    quantile: Stated[Fraction],
    limit: Stated[Fraction],
    id: str,
) -> Obligation:
    """Unsatisfiable iff one stage that every request passes takes, alone, the limit or longer at this quantile.

    Sufficient: the union bound over all stages and over those who are given up (`answers`), at the worst of all levels
    from steady to peak, each with the fewest agents that the autoscaler leaves in peace there. Between: unknown.
    Source: `semantics.queueing` and `semantics.latency`. Limits: levels at rest, not the way between them; without
    faults (the success and recovery guarantees are about these); times as the spec states them; what a limit, a rate or
    a shed refuses has guarantees of its own.
    """
    said = f"p{number(quantile.value * 100, 6)}"
    below = Leaf(
        f"{said} limit of {id.removeprefix('latency/')}", limit, f"{said} below {seconds(limit.value)}", positive=True
    )
    must = tuple(
        Condition(
            Relation(time, Order.BELOW, below),
            f"{what} alone takes {seconds(time.number)} at {said}, "
            f"the limit for {demand.name} is {seconds(limit.value)}",
            "",
        )
        for what, time in _unavoidable(analysis, demand, quantile, said)
    )
    obligation = partial(
        Obligation,
        id=id,
        claim=f"{share(quantile.value)} of {demand.name} are answered in less than {seconds(limit.value)}",
        at=limit.span,
        code="ST2401",
        must=must,
    )
    if not analysis.out(demand.name):
        return obligation(gap=f"no pool serves {demand.name}")
    tails, tail = answers_to(analysis, demand.name, float(1 - quantile.value))
    worst = tails.bound(demand.name, tail)
    plainly = analysis.answers(Level.BETWEEN).bound(demand.name, float(1 - quantile.value))
    if isinstance(plainly, str) or math.isinf(plainly.seconds):
        # Whoever is put aside: the first reason is told.
        worst, aside = plainly, ""
    else:
        aside = told_aside(analysis, demand.name)
    if isinstance(worst, str) or math.isinf(worst.seconds):
        gap = worst if isinstance(worst, str) else f"{worst.most} has no end"
        return obligation(gap=f"{aside}: then {gap}", remedy=_PATIENCE) if aside else obligation(gap=gap)
    upper = Fraction(math.ceil(Fraction(worst.seconds) * UP * _MS), _MS)
    at_level = "from steady to peak" if demand.steady_per_second.value < demand.peak_per_second.value else "steadily"
    most = f"most of it {worst.most} with {seconds(round(worst.most_seconds, 3))}"
    relation = Relation(Derived(f"{id} bound", upper, ()), Order.BELOW, lift(limit.value))
    room = f"{said} of {demand.name} is at most {seconds(upper)} of {seconds(limit.value)} {at_level}; {most}"
    open_ = (
        f"the bound that the model gives for {said} of {demand.name} is {seconds_beside(upper, limit.value)} "
        f"{at_level} ({most}), the limit is {seconds(limit.value)}; the true figure may be lower"
    )
    if aside:
        open_ = f"{aside}: then {open_}"
    remedy = "more agents or a lower target shorten waits; a trial measures it"
    return obligation(proof=(Condition(relation, open_, room),), remedy=remedy, bound=upper)


def _unavoidable(
    analysis: Analysis, demand: Demand, quantile: Stated[Fraction], said: str
) -> Iterator[tuple[str, Derived]]:
    """What each request passes: the work of pools and the answers of dependencies called once or more by each.

    A deadline on the way ends the wait, so a stage counts its deadline at most.
    """
    p = float(quantile.value)
    if not 0 < p < 1:
        return
    asked = Leaf(f"quantile {said} of {demand.name}", quantile, said)
    open_: list[tuple[str, CalleeKind, list[Leaf]]] = [
        (call.callee, call.callee_kind, _deadline(call)) for call in analysis.out(demand.name)
    ]
    seen = set()
    while open_:
        name, kind, deadlines = open_.pop(0)
        if name in seen:
            continue
        seen.add(name)
        basis: list[Expression] = [asked, *deadlines]
        time: LogNormal | None
        if kind is CalleeKind.DEPENDENCY:
            dependency = analysis.dependency(name)
            time, what = latency_of(dependency), name
            basis += leaves.latency(dependency)
        else:
            pool = analysis.pool(name)
            time, what = service_of(pool), f"the work of {name}"
            basis += [leaf for leaf in (leaves.service_mean(pool), leaves.service_p99(pool)) if leaf is not None]
            for call in analysis.out(name):
                if call.per_request.value >= 1:
                    further = [*deadlines, *_deadline(call), leaves.per_request(call)]
                    open_.append((call.callee, call.callee_kind, further))
        if time is not None:
            taken = Fraction(time.quantile(p)) * DOWN
            capped = min([taken, *(leaf.number for leaf in deadlines if leaf.name.startswith("timeout of "))])
            yield what, derived(f"{said} of {what} for {demand.name}", capped, basis)


def _deadline(call: Call) -> list[Leaf]:
    limit = leaves.timeout(call)
    return [] if limit is None else [limit]
