"""A clause with money per hour, day or month -> a budget of that period."""

from __future__ import annotations

from seatrial.dsl.clauses import Clause

from ..model import Budget, Period, Scope, Stated
from . import stated


def spend(clause: Clause, scope: Scope) -> Budget:
    dollars = stated.amount(clause, "dollars")
    per = dollars.span.text.rpartition("/")[2]
    period = {"d": "day", "day": "day", "month": "month"}.get(per, "hour")
    hours = Period(period).hours
    return Budget(
        clause.head, scope, Stated(dollars.value * 3600 * hours, dollars.span, dollars.clause), Period(period)
    )
