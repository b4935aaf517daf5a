"""A limit that is counted in a time, and demands -> what surely comes within it: peaks that are shorter do not fill it.

Invariant: lower bounds of the worst window; the rise into a peak is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...model import Call, Demand
from ...semantics.spend import HOUR_S, Peak, worst_spend
from ..exact.expression import Expression, derived
from ..words import seconds
from . import leaves
from .analysis import Analysis


def in_a_window(demand: Demand, period: int) -> Expression:
    """Requests of the demand in the worst `period` seconds."""
    steady, peak = leaves.steady(demand), leaves.peak(demand)
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    if not ends_within(demand, period):
        return peak * period
    spell = Peak(lasts.value if lasts else None, every.value if every else None)
    most = worst_spend(period, steady.number * HOUR_S, peak.number * HOUR_S, spell)
    return derived(f"requests of {demand.name} in {seconds(period)}", most, [steady, peak, *leaves.spell(demand)])


def ends_within(demand: Demand, period: int) -> bool:
    """Whether a peak is over before `period` seconds are, so that no window is all peak."""
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    return lasts is not None and every is not None and lasts.value < period


def surely_made(analysis: Analysis, call: Call, period: int, *, retried: bool) -> Iterable[Expression]:
    """Calls a second, by each demand, in the worst window: plain, or each one tried to the last."""
    for demand in analysis.demands_of(call.caller):
        arriving = analysis.visits(demand, retried=retried)[call.caller]
        made = in_a_window(demand, period) * arriving * leaves.per_request(call)
        tried = made * analysis.attempts(call) if retried and call.policy.retry is not None else made
        yield tried / period
