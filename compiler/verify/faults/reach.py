"""A fault of a trial -> the calls that feel it, and the pools that it leaves with fewer slots or with more to do.

Invariant: what is not named here goes on as before, as long as nobody waits.

Agents that are killed or hang, and calls that are delayed or aborted, are felt by their callers however far up: these
see failures and late answers, try again, and put agents aside that are well. What comes again goes down all ways again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from ...model import AbortFault, Call, CallerKind, DelayFault, HangFault, KillFault, PartitionFault, SaturateFault
from ..flows.analysis import Analysis

Fault = KillFault | HangFault | DelayFault | AbortFault


def place_of(fault: Fault) -> str:
    """The pool that is struck, or whose call is; a demand's gateway may be one."""
    return fault.pool.value if isinstance(fault, KillFault | HangFault) else fault.caller.value


def told_of(fault: Fault | PartitionFault | SaturateFault) -> str:
    """The kill of worker; the delay of triage -> llm."""
    if isinstance(fault, PartitionFault):
        return "the partition"
    kind = type(fault).__name__.removesuffix("Fault").lower()
    if isinstance(fault, DelayFault | AbortFault):
        return f"the {kind} of {fault.caller.value} -> {fault.callee.value}"
    return f"the {kind} of {fault.pool.value}"


def reached_by(analysis: Analysis, fault: Fault) -> list[str]:
    """The pool, who calls it however far up, and what these call however far down."""
    at = place_of(fault)
    pools = {name for caller in analysis.above(at) for name in analysis.reached(caller)}
    called = {call.callee for name in (*pools, at) for call in analysis.out(name)}
    return sorted((pools | called) - {one.name for one in analysis.fleet.demands})


def shortened_by(analysis: Analysis, fault: Fault) -> set[str]:
    """The pools that have fewer slots, or more to do, while it lasts and nobody waits."""
    if any(retried(felt_by(analysis, fault) if isinstance(fault, DelayFault) else further_up(analysis, fault))):
        return set(reached_by(analysis, fault))
    found = {call.callee for call in putting_aside(analysis, may_see_failures(analysis, fault))}
    if isinstance(fault, KillFault):
        return found | {fault.pool.value}
    # Of a gateway's own call nobody holds a slot for longer.
    above = filter(analysis.is_pool, analysis.above(place_of(fault)))
    return found if isinstance(fault, AbortFault) else found.union(above)


def struck(analysis: Analysis, fault: Fault) -> list[Call]:
    """The calls to the struck agents, or the one that is delayed or aborted."""
    if isinstance(fault, KillFault | HangFault):
        return analysis.into(fault.pool.value)
    return [call for call in analysis.out(fault.caller.value) if call.callee == fault.callee.value]


def further_up(analysis: Analysis, fault: Fault) -> list[Call]:
    """The calls whose answers wait for a struck one, or fail with it."""
    callers = {call.caller for call in struck(analysis, fault) if call.caller_kind is CallerKind.POOL}
    above = {name for caller in callers for name in analysis.above(caller)}
    return [call for name in sorted(above) for call in analysis.into(name)]


def felt_by(analysis: Analysis, fault: Fault) -> list[Call]:
    return struck(analysis, fault) + further_up(analysis, fault)


def may_see_failures(analysis: Analysis, fault: Fault) -> list[Call]:
    """The calls that may see agents fail that are well. An abort is made in front of what its own call would see."""
    return felt_by(analysis, fault) if isinstance(fault, DelayFault) else further_up(analysis, fault)


def putting_aside(analysis: Analysis, calls: Iterable[Call]) -> list[Call]:
    return [call for call in calls if call.policy.breaker is not None and analysis.is_pool(call.callee)]


def retried(calls: Iterable[Call]) -> Iterator[Call]:
    return (call for call in calls if call.policy.tries_again)


def patience(call: Call, otherwise: Fraction) -> Fraction:
    """How long a try lasts at the most, `otherwise` where that is less, or nothing ends it."""
    limit = call.policy.patience_seconds
    return otherwise if limit is None else min(limit.value, otherwise)


def summed_up(analysis: Analysis, fault: Fault, at_struck: Callable[[Call], Fraction]) -> dict[str, Fraction]:
    """By pool that calls what is struck, however far up: what its calls add, on average, where a struck one adds so
    much."""
    own, place = {call.name for call in struck(analysis, fault)}, place_of(fault)
    found: dict[str, Fraction] = {}
    for name in reversed(analysis.above(place)):
        if not analysis.is_pool(name) or (name == place and isinstance(fault, KillFault | HangFault)):
            continue
        found[name] = sum(
            (
                call.per_request.value * (at_struck(call) if call.name in own else found[call.callee])
                for call in analysis.out(name)
                if call.name in own or call.callee in found
            ),
            Fraction(0),
        )
    return found
