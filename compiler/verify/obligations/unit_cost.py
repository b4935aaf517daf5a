"""What a request costs: all that is predicted to be spent, over all requests."""

from __future__ import annotations

from fractions import Fraction

from ...model import Period
from ...semantics.spend import HOUR_S
from ..exact.expression import Expression, Leaf, Order, Relation, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import dollars, number
from .bills import lines, seconds_at_peak


def unit_costs(analysis: Analysis) -> list[Obligation]:
    """Unsatisfiable iff the predicted bill of a month comes to the limit for each request that is predicted, or more.

    The bill is `bills.lines`; requests are those that come in, at the steady level and at the peaks. Limits: as of the
    bill; a request that comes in by one demand weighs as much as one by another.
    """
    stated = analysis.fleet.unit_cost
    if stated is None or not analysis.wants("unit-cost"):
        return []
    limit = Leaf("cost of a request", stated, f"below {dollars(stated.value)} a request")
    claim = f"a request costs less than {dollars(limit.number)}"
    found = lines(analysis, Period.MONTH)
    if isinstance(found, str) or not found:
        gap = found if isinstance(found, str) else "nothing in the fleet has a price"
        return [Obligation("unit-cost", claim, stated.span, "ST2707", must=(), gap=gap)]
    seconds = Fraction(Period.MONTH.hours * HOUR_S)
    parts: list[Expression] = []
    for demand in analysis.fleet.demands:
        high = seconds_at_peak(analysis.fleet, demand.name, seconds)
        parts.append(leaves.peak(demand) * high + leaves.steady(demand) * (seconds - high))
    requests = total(sorted(parts, key=value))
    spent = total(line.dollars for line in sorted(found, key=lambda line: value(line.dollars)))
    if value(requests) == 0:
        gap = "no requests are stated"
        return [Obligation("unit-cost", claim, stated.span, "ST2707", must=(), gap=gap)]
    each = value(spent) / value(requests)
    text = (
        f"{dollars(value(spent))} a month for {number(round(value(requests)))} requests are {dollars(each)} each, "
        f"the limit is {dollars(limit.number)}"
    )
    relation = Relation(spent, Order.BELOW, limit * requests)
    return [Obligation("unit-cost", claim, stated.span, "ST2707", must=(Condition(relation, text, text),))]
