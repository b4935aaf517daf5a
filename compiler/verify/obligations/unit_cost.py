"""What a request costs: all that is predicted to be spent, over all requests."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import combinations

from ...model import Demand, Period
from ...semantics.spend import HOUR_S
from ..exact.expression import Expression, Leaf, Order, Relation, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import dollars, listed, number
from .bills import lines, seconds_at_peak


def unit_costs(analysis: Analysis) -> list[Obligation]:
    """Unsatisfiable iff the predicted bill of a month comes to the limit for each request that is predicted, or more.

    The bill is `bills.lines`; requests are those that come in, at the steady level and at the peaks. A peak of which it
    is not stated how long it lasts may last always, or never come: what is there anyway costs each request most where
    fewest come, so both are looked at, of each such demand (of a quotient of two sums one of the ends is the most).
    Limits: as of the bill; a request that comes in by one demand weighs as much as one by another.
    """
    stated = analysis.fleet.unit_cost
    if stated is None or not analysis.wants("unit-cost"):
        return []
    limit = Leaf("cost of a request", stated, f"below {dollars(stated.value)} a request")
    obligation = partial(
        Obligation, "unit-cost", f"a request costs less than {dollars(limit.number)}", stated.span, "ST2707"
    )
    open_ = [one.name for one in analysis.fleet.demands if _open(one)]
    if len(open_) > _MOST_OPEN:
        gap = f"how long the peaks of {listed(open_)} last is not stated"
        return [obligation(must=(), gap=gap, remedy="write `for … every …` in them")]
    must: list[Condition] = []
    for calm in (set(those) for count in range(len(open_) + 1) for those in combinations(open_, count)):
        found = _each(
            _without_peaks(analysis, calm), limit, f" while {listed(sorted(calm))} stays steady" if calm else ""
        )
        if isinstance(found, str):
            return [obligation(must=(), gap=found)]
        must.append(found)
    return [obligation(must=tuple(must))]


_MOST_OPEN = 4


def _open(demand: Demand) -> bool:
    rises = demand.peak_per_second.value > demand.steady_per_second.value
    return rises and (demand.peak_for_seconds is None or demand.peak_every_seconds is None)


def _without_peaks(analysis: Analysis, calm: set[str]) -> Analysis:
    if not calm:
        return analysis
    demands = tuple(
        replace(one, peak_per_second=one.steady_per_second) if one.name in calm else one
        for one in analysis.fleet.demands
    )
    return Analysis(replace(analysis.fleet, demands=demands))


def _each(analysis: Analysis, limit: Leaf, when: str) -> Condition | str:
    found = lines(analysis, Period.MONTH)
    if isinstance(found, str) or not found:
        return found if isinstance(found, str) else "nothing in the fleet has a price"
    seconds = Fraction(Period.MONTH.hours * HOUR_S)
    parts: list[Expression] = []
    for demand in analysis.fleet.demands:
        high = seconds_at_peak(analysis.fleet, demand.name, seconds)
        parts.append(leaves.peak(demand) * high + leaves.steady(demand) * (seconds - high))
    requests = total(sorted(parts, key=value))
    spent = total(line.dollars for line in sorted(found, key=lambda line: value(line.dollars)))
    if value(requests) == 0:
        return "no requests are stated"
    each = value(spent) / value(requests)
    text = (
        f"{dollars(value(spent))} a month for {number(round(value(requests)))} requests{when} are {dollars(each)} "
        f"each, the limit is {dollars(limit.number)}"
    )
    return Condition(Relation(spent, Order.BELOW, limit * requests), text, text)
