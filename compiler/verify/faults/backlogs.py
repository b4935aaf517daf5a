"""A fault of a trial -> seconds until what piled up meanwhile is worked off.

Invariant: an upper bound of the fluid model: requests come at the most that the levels allow, each has its mean time.

What waits piles up where the agents are missing and at whoever calls them, and comes on to all that these call: it is
worked off as fast as the fullest of them can. What struck agents had in hand comes again; a delay keeps slots for so
much longer. Where a request waits for longer than a caller does, or is aborted, and somebody tries again, requests come
as often as all tries do, or there is no bound (Bronson et al., "Metastable Failures in Distributed Systems", HotOS
2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ...model import AbortFault, Call, DelayFault, HangFault, KillFault, Pool
from ...semantics.failures import backlog, recovery_bound
from ..exact.expression import value
from ..flows.analysis import ENDS, Analysis, Level
from ..flows.occupancy import busiest
from ..flows.released import most_in_all, releases
from ..words import number, share
from .outages import Strike, most_dead

Fault = KillFault | HangFault | DelayFault | AbortFault


@dataclass(frozen=True, slots=True)
class _Shortage:
    """Of the pool that is short of slots the most: the share of its work that it still does, what comes besides at the
    start, in seconds of its arrivals, and for how much longer a request takes."""

    pool: str
    left: Fraction
    besides: Fraction = Fraction(0)
    longer: Fraction = Fraction(0)


def worked_off_within(analysis: Analysis, strike: Strike, outage: Fraction) -> Fraction | str:
    """Seconds from the strike on, where it lasts for `outage`; or why that is not known."""
    fault = strike.fault
    at = fault.pool.value if isinstance(fault, KillFault | HangFault) else fault.caller.value
    if not analysis.is_pool(at) and not isinstance(fault, AbortFault):
        # A gateway holds no slots.
        return outage
    uses: dict[str, Fraction] = {}
    for name in _together(analysis, at):
        use = most_used(analysis, name)
        if isinstance(use, str):
            return use
        uses[name] = use
    short = _shortage(analysis, fault, uses, outage)
    # Who is delayed when the delay ends keeps its slot for as long again.
    outage += short.longer
    plain, waits = _drained(uses, short, outage)
    fullest = max(uses, key=lambda name: uses[name])
    if plain is None:
        return f"{fullest} is {share(uses[fullest])} busy at the fullest, so that a backlog never drains"
    waits += short.longer
    tried = (call for call in _tried_again(analysis, at))
    if not isinstance(fault, AbortFault):
        tried = (call for call in tried if _patience(call, waits) < waits)
    impatient = next(tried, None)
    if impatient is None:
        return plain
    again = {name: use * _tries(analysis, name) for name, use in uses.items()}
    worst = max(again, key=lambda name: again[name])
    stormy, _ = _drained(again, replace(short, pool=worst) if short.left == 1 else short, outage)
    if stormy is not None:
        return stormy
    return (
        f"requests that meet it are tried again by {impatient.name}, and {worst} has {number(round(again[worst], 2))} "
        "times as much to do as it can while all are; a retry budget, a longer timeout or more agents would decide it"
    )


def _shortage(analysis: Analysis, fault: Fault, uses: Mapping[str, Fraction], outage: Fraction) -> _Shortage:
    match fault:
        case KillFault() | HangFault():
            pool = analysis.pool(fault.pool.value)
            dead = most_dead(fault, pool)
            return _Shortage(pool.name, 1 - dead, dead * _in_hand(analysis, pool, fault, outage))
        case DelayFault():
            longer = _longer(analysis, fault)
            left = {name: _held(analysis, name) / (_held(analysis, name) + more) for name, more in longer.items()}
            worst = max(left, key=lambda name: uses[name] / left[name])
            return _Shortage(worst, left[worst], longer=max(longer.values()))
        case _:
            return _Shortage(max(uses, key=lambda name: uses[name]), Fraction(1))


def _longer(analysis: Analysis, fault: DelayFault) -> dict[str, Fraction]:
    """For how much longer a request holds its slot at each pool on the way to the delayed call."""
    found: dict[str, Fraction] = {}
    for name in reversed(analysis.above(fault.caller.value)):
        found[name] = sum(
            (
                call.per_request.value * (fault.delay_seconds.value if _struck(call, fault) else found[call.callee])
                for call in analysis.out(name)
                if _struck(call, fault) or call.callee in found
            ),
            Fraction(0),
        )
    return found


def _struck(call: Call, fault: DelayFault) -> bool:
    return (call.caller, call.callee) == (fault.caller.value, fault.callee.value)


def _held(analysis: Analysis, name: str) -> Fraction:
    held = analysis.occupancy(Level.PEAK).held(analysis.pool(name))
    assert not isinstance(held, str)
    return Fraction(held.mean)


def most_used(analysis: Analysis, name: str) -> Fraction | str:
    """The largest share of what a pool or dependency can do that is asked of it at rest, at any level from steady to
    peak; 1 and more where that is too much."""
    if not analysis.is_pool(name):
        return _most_asked(analysis, name)
    pool = analysis.pool(name)
    state, start = (analysis.occupancy(level).of(pool) for level in (Level.PEAK, Level.STEADY))
    if isinstance(state, str) or isinstance(start, str):
        return state if isinstance(state, str) else str(start)
    if state.unrest or state.wait.endless:
        return state.unrest or Fraction(1)
    low, high = (analysis.flow(level).get(name, 0.0) for level in ENDS)
    rates = {state.agents: high}
    if state.agents > start.agents:
        for count in {start.agents, state.agents - 1}:
            rates[count] = busiest(pool, low, high, state.held, count)
    slots = pool.each.concurrency.value
    return max(Fraction(rate * state.held.mean) / (count * slots) for count, rate in rates.items())


def _most_asked(analysis: Analysis, name: str) -> Fraction | str:
    limit = analysis.dependency(name).requests_per_second
    if limit is None:
        return Fraction(0)
    if releases(analysis, name):
        most = most_in_all(analysis, name)
        return most if isinstance(most, str) else most / limit.value
    return Fraction(analysis.flow(Level.PEAK).get(name, 0.0)) / limit.value


def _together(analysis: Analysis, at: str) -> list[str]:
    """The pool, who calls it however far up, and what these call however far down."""
    pools = {name for caller in analysis.above(at) for name in analysis.reached(caller)}
    called = {call.callee for name in (*pools, at) for call in analysis.out(name)}
    return sorted((pools | called) - {one.name for one in analysis.fleet.demands})


def _in_hand(analysis: Analysis, pool: Pool, fault: KillFault | HangFault, outage: Fraction) -> Fraction:
    """Seconds of arrivals that the struck agents have in hand when they are gone, or back.

    Whoever waits for one that hangs comes again when its patience ends, so no more than came in that time are there.
    """
    mean = _held(analysis, pool.name)
    if isinstance(fault, KillFault):
        return mean
    return max(mean, *(min(outage, _patience(call, outage)) for call in analysis.into(pool.name)))


def _drained(uses: Mapping[str, Fraction], short: _Shortage, outage: Fraction) -> tuple[Fraction | None, Fraction]:
    """(until nothing waits any more, the longest wait); rates in parts of what the whole pool can do."""
    arrival, fullest = uses[short.pool], max(uses.values())
    if arrival == 0:
        return outage, Fraction(0)
    capacity, lost = arrival / fullest, arrival * short.besides
    reduced = min(capacity, short.left)
    queued = backlog(arrival, reduced, outage, lost)
    waits = queued / reduced if reduced > 0 else outage + queued / capacity
    end = recovery_bound(outage, arrival=arrival, capacity=capacity, reduced_capacity=reduced, lost=lost)
    return end, waits


def _tried_again(analysis: Analysis, at: str) -> Iterator[Call]:
    for name in analysis.above(at):
        for call in analysis.into(name):
            if call.policy.retry is not None and call.policy.retry.attempts.value > 0:
                yield call


def _patience(call: Call, otherwise: Fraction) -> Fraction:
    """How long a try lasts at the most; `otherwise` where it has no end."""
    limits = [one.value for one in (call.policy.timeout_seconds, call.policy.try_timeout_seconds) if one is not None]
    return min(limits, default=otherwise)


def _tries(analysis: Analysis, name: str) -> Fraction:
    plain = value(analysis.rate(Level.PEAK, name))
    return value(analysis.rate(Level.PEAK, name, retried=True)) / plain if plain else Fraction(1)
