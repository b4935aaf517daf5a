"""Rates that token buckets on the way hold back: what would come without them refutes nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ...model import Call
from ..exact.expression import Derived, Leaf, Order, Relation, lift
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.bucketed import bucketed, least_let_in, most_let_in
from ..obligation import Condition, Obligation
from ..words import share


def held_back(
    analysis: Analysis,
    made: Obligation,
    dependency: str,
    level: Level,
    limit: Leaf,
    what: str,
    *,
    retried: bool = True,
) -> Obligation:
    """Refuted by what surely comes at the level though the agents that there always are have buckets (`admit`); proved
    by what these let through at the most at the peak, of an update's agents too.

    Retries of callers come before a bucket, those of the call itself after it. Limit: means, as rates are; what lies in
    full buckets is over in a moment.
    """
    if made.broken is None or not bucketed(analysis, dependency):
        return made
    by_name = (
        least_let_in(analysis, level, dependency, retried=retried),
        most_let_in(analysis, dependency, retried=retried),
    )
    into = analysis.into(dependency)
    least, most = (sum((one[call.name] * _each(call, what) for call in into), Fraction(0)) for one in by_name)
    if least > limit.number:
        return made
    need = Derived(f"most {what} that buckets let in to {dependency}", most, ())
    relation, sent = Relation(need, Order.AT_MOST, lift(limit.number)), leaves.as_written(most, limit.stated, what)
    tries = " when every call is retried to the end" if retried else ""
    told = (
        f"{sent} reach {dependency} at the peak{tries}, as `admit` on the way lets through, in an update too; "
        f"{dependency} takes {leaves.as_written(limit.number, limit.stated, what)}"
    )
    proof = Condition(relation, told, f"{told}: {share(relation.slack)} to spare")
    remedy = f"a lower rate in `admit` on the way to {dependency} would decide it"
    return replace(made, must=tuple(one for one in made.must if one.holds), proof=(proof,), remedy=remedy)


def _each(call: Call, what: str) -> Fraction:
    if what == "requests":
        return Fraction(1)
    return Fraction(call.tokens_per_call.value) if call.tokens_per_call is not None else Fraction(0)
