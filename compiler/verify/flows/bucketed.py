"""Token buckets on the way to a pool or dependency -> what reaches it at the least and at the most.

Invariant: bounds of the mean, where nothing piles up (`flows.released` has what is worked off). At the least as many
agents have a bucket as there always are, at the most those of an update too.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ...model import Call, CallerKind
from ..exact.expression import value
from .analysis import Analysis, Level
from .buckets import admitted
from .tried import most_times, tried
from .uneven import even


def bucketed(analysis: Analysis, name: str) -> bool:
    """Whether a bucket is on the way to it."""
    if all(call.policy.admit is None for call in analysis.fleet.calls):
        return False
    return any(call.policy.admit is not None for each in (*analysis.above(name), name) for call in analysis.into(each))


def least_let_in(analysis: Analysis, level: Level, name: str, *, retried: bool) -> dict[str, Fraction]:
    """Requests per second of each call to it, by its name, plain or with every call tried to the last."""

    def sent(call: Call, here: Fraction) -> Fraction:
        here, bucket = here * call.per_request.value, _least_admitted(analysis, call)
        passes = here if bucket is None else min(here, bucket)
        return passes * value(analysis.attempts(call)) if retried else passes

    return _let_in(analysis, level, name, sent)


def most_let_in(analysis: Analysis, name: str, *, retried: bool) -> dict[str, Fraction]:
    """The same at the peak, at the most."""

    def sent(call: Call, here: Fraction) -> Fraction:
        if call.caller_kind is CallerKind.POOL:
            here *= most_times(analysis, call)
        bucket = admitted(analysis, call)
        passes = here if bucket is None else min(here, bucket)
        return tried(analysis, call, passes) if retried else passes

    return _let_in(analysis, Level.PEAK, name, sent)


def _let_in(
    analysis: Analysis, level: Level, name: str, sent: Callable[[Call, Fraction], Fraction]
) -> dict[str, Fraction]:
    comes: dict[str, Fraction] = {}
    for demand in analysis.fleet.demands:
        stated = demand.peak_per_second if level is Level.PEAK else demand.steady_per_second
        comes[demand.name] = stated.value
    for each in analysis.above(name):
        if each not in comes:
            comes[each] = sum((sent(call, comes[call.caller]) for call in analysis.into(each)), Fraction(0))
    return {call.name: sent(call, comes[call.caller]) for call in analysis.into(name)}


def _least_admitted(analysis: Analysis, call: Call) -> Fraction | None:
    admit = call.policy.admit
    if admit is None:
        return None
    if call.caller_kind is CallerKind.DEMAND:
        return admit.per_second.value
    caller = analysis.pool(call.caller)
    return admit.per_second.value * (caller.agents_min.value if even(analysis, caller) else 1)
