"""What a request costs: all that is predicted to be spent, over all requests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import combinations

from ...model import Demand, Period
from ...semantics.spend import HOUR_S
from ..exact.expression import Expression, Leaf, Order, Relation, total, value
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..obligation import Condition, Obligation
from ..words import dollars, listed, number
from .bills import APART, WHICH_MEET, least_of, lines, seconds_at_peak, steady_at


def unit_costs(analysis: Analysis) -> list[Obligation]:
    """Unsatisfiable iff the predicted bill of a month comes to the limit for each request that is predicted, or more.

    The bill is `bills.lines`; requests are those that come in, at the steady level and at the peaks. What is there
    anyway costs each request most where fewest come, so of each demand both ends are looked at (of a quotient of two
    sums one of them is the most): a peak of which it is not stated how long it lasts may last always, or never come;
    of others as many as may, or as few, fall into a month. Limits: as of the bill; a request that comes in by one
    demand weighs as much as one by another.
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
        return [obligation(must=(), gap=gap, remedy="write `peak … for … every …` in them")]
    uneven = [one.name for one in analysis.fleet.demands if not _open(one) and _uneven(one)]
    few = len(open_) + len(uneven) <= _MOST_OPEN
    must: list[Condition] = []
    proof: list[Condition] = []
    for calm in _some(open_):
        lasting = steady_at(analysis.fleet, set(open_) - calm, Level.PEAK)
        held = Analysis(steady_at(lasting, calm, Level.STEADY)) if open_ else analysis
        when = f" while {listed(sorted(calm))} stays steady" if calm else ""
        for seldom in _some(uneven) if few else (set[str](), {*uneven}):
            rarely = f"{when}, with as few peaks of {listed(sorted(seldom))} as a month may have" if seldom else when
            found = _each(held, limit, rarely, seldom, seldom)
            if isinstance(found, str):
                return [obligation(must=(), gap=found)]
            must.append(found[0])
            proof.append(found[1])
        if not few:
            # More spent than can be, of as few requests as can be.
            coarse = _each(held, limit, when, (), uneven)
            assert not isinstance(coarse, str)
            proof.append(coarse[1])
    if few and all(
        value(one.relation.need) == value(other.relation.need) for one, other in zip(must, proof, strict=True)
    ):
        return [obligation(must=tuple(must))]
    told = tuple(replace(one, room="") for one in must)
    return [obligation(must=told, proof=tuple(proof), remedy=APART)]


_MOST_OPEN = 4


def _some(names: list[str]) -> Iterator[set[str]]:
    """All choices of them."""
    return (set(those) for count in range(len(names) + 1) for those in combinations(names, count))


def _open(demand: Demand) -> bool:
    rises = demand.peak_per_second.value > demand.steady_per_second.value
    return rises and (demand.peak_for_seconds is None or demand.peak_every_seconds is None)


def _uneven(demand: Demand) -> bool:
    """Whether one month may have more of its peaks than another."""
    return seconds_at_peak(demand, _MONTH) != seconds_at_peak(demand, _MONTH, seldom=True)


_MONTH = Fraction(Period.MONTH.hours * HOUR_S)


def _each(
    analysis: Analysis, limit: Leaf, when: str, seldom: Collection[str], counted: Collection[str]
) -> tuple[Condition, Condition] | str:
    """By the least and by the most that is spent with few peaks of `seldom`, over requests with few of `counted`."""
    found = lines(analysis, Period.MONTH, seldom)
    if isinstance(found, str) or not found:
        return found if isinstance(found, str) else "nothing in the fleet has a price"
    parts: list[Expression] = []
    for demand in analysis.fleet.demands:
        high = seconds_at_peak(demand, _MONTH, seldom=demand.name in counted)
        parts.append(leaves.peak(demand) * high + leaves.steady(demand) * (_MONTH - high))
    requests = total(sorted(parts, key=value))
    if value(requests) == 0:
        return "no requests are stated"
    most = total(line.dollars for line in sorted(found, key=lambda line: value(line.dollars)))

    def below(spent: Expression) -> Condition:
        each = value(spent) / value(requests)
        text = (
            f"{dollars(value(spent))} a month for {number(round(value(requests)))} requests{when} are {dollars(each)} "
            f"each, the limit is {dollars(limit.number)}"
        )
        return Condition(Relation(spent, Order.BELOW, limit * requests), text, text)

    sure = below(most)
    return below(least_of(found)), replace(sure, broken=f"{WHICH_MEET}: up to {sure.broken}")
