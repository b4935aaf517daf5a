"""Calls of which every try fails -> how many attempts arrive, those that a retry budget never stops counted.

Invariant: an upper bound of the mean at the peak, no less than `Analysis.rate` with every call retried, and equal to
it where no budget of retries is on the way, but for what token buckets hold back. What must be refuted is held
against that, what is proved against this: how much of a budget is used hangs on how long tries take that fail, which
nothing states.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeVar

from ...model import Call, CallerKind, Demand
from ...semantics import retries
from ...semantics.retries import Backoff
from .analysis import Analysis
from .buckets import admitted
from .deadlines import backoff_of
from .pods import most_pods

N = TypeVar("N", Fraction, float)


def has_budget(call: Call) -> bool:
    retry = call.policy.retry
    return retry is not None and retry.budget_share is not None and retry.budget_share.value < 1


def tried(analysis: Analysis, call: Call, first: N) -> N:
    """Attempts per second of so many calls per second."""
    rules = _rules(analysis, call)
    return first if rules is None else retries.tried(first, *rules)


def tried_times(analysis: Analysis, call: Call, least: Fraction) -> Fraction:
    """Attempts for each call at the most while at least so many calls per second are made: of more it is no larger."""
    rules = _rules(analysis, call)
    if rules is None:
        return Fraction(1)
    return retries.tried(least, *rules) / least if least > 0 else Fraction(1 + rules[0])


def most_times(analysis: Analysis, call: Call) -> Fraction:
    """How often a request makes a call of a pool at the most: who comes from nothing has empty caches each time."""
    cold = call.cold_per_request
    if cold is None or not analysis.pool(call.caller).may_be_empty:
        return call.per_request.value
    return max(cold.value, call.per_request.value)


def tried_in(analysis: Analysis, demand: Demand, requests: Fraction, seconds: Fraction | int) -> dict[str, Fraction]:
    """Attempts of each call, by its name, when so many requests of a demand come in so many seconds."""
    made: dict[str, Fraction] = {}
    known = {demand.name: requests}
    for name in (demand.name, *analysis.reached(demand.name)):
        for call in analysis.out(name):
            many = known[name] if name == demand.name else known[name] * most_times(analysis, call)
            rules = _rules(analysis, call)
            if rules is not None:
                many = retries.tried_in(many, Fraction(seconds), *rules)
            made[call.name] = many
            known[call.callee] = known.get(call.callee, Fraction(0)) + many
    return made


def _rules(analysis: Analysis, call: Call) -> tuple[int, Fraction | None, int, Backoff] | None:
    """Retries, the budget's share of what is under way, the proxies that it holds in, and the back-off."""
    retry = call.policy.retry
    if retry is None:
        return None
    share = None if retry.budget_share is None else retry.budget_share.value
    return retry.attempts.value, share, most_proxies(analysis, call), backoff_of(call)


def most_proxies(analysis: Analysis, call: Call) -> int:
    """Through which a call goes out at a time, at the most: those of an update and of agents that leave are among them.
    A demand comes in through one gateway."""
    if call.caller_kind is CallerKind.DEMAND:
        return 1
    known: dict[str, int] = analysis.by_caller("pods at a time")
    if call.caller not in known:
        known[call.caller] = most_pods(analysis.pool(call.caller))
    return known[call.caller]


def budgeted(analysis: Analysis, name: str) -> bool:
    """Whether a retry budget is on the way to it."""
    known: dict[str, bool] = analysis.by_caller("retry budgets on the way")
    callers = [call.caller for call in analysis.into(name) if call.caller_kind is CallerKind.POOL]
    for each in analysis.above(name) if any(one not in known for one in callers) else ():
        if each not in known and analysis.is_pool(each):
            known[each] = any(has_budget(call) or known.get(call.caller, False) for call in analysis.into(each))
    return any(has_budget(call) or known.get(call.caller, False) for call in analysis.into(name))


def most_tried(analysis: Analysis, name: str) -> Fraction:
    """Attempts per second that arrive at a pool or dependency at the peak when every call is tried to the last."""
    known: dict[str, Fraction] = analysis.by_caller("tried at the most")
    if name not in known:
        for each in analysis.above(name):
            if each not in known:
                known[each] = sum((_sent(analysis, call, known) for call in analysis.into(each)), Fraction(0))
    return known[name]


def _sent(analysis: Analysis, call: Call, known: dict[str, Fraction]) -> Fraction:
    bucket = admitted(analysis, call)
    if call.caller_kind is CallerKind.DEMAND:
        first = analysis.demand(call.caller).peak_per_second.value
    else:
        first = known[call.caller] * most_times(analysis, call)
    return tried(analysis, call, first if bucket is None else min(first, bucket))
