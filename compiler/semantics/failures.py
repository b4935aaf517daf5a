"""An outage and arrivals -> when a pool has recovered from it.

Invariant: a longer outage never shortens the recovery. Times are seconds, rates per second, exact; a fluid model.
"""

from __future__ import annotations

from fractions import Fraction


def backlog(arrival: Fraction, reduced_capacity: Fraction, outage: Fraction, lost: Fraction = Fraction(0)) -> Fraction:
    """Requests queued by the end of an outage in which only `reduced_capacity` is served, and into which `lost` came
    again at its start."""
    return max(Fraction(0), lost + (arrival - reduced_capacity) * outage)


def bunched(arrival: Fraction, delay: Fraction, held_back: Fraction) -> tuple[Fraction, Fraction] | None:
    """(seconds from the end of a delay until nothing waits any more, the longest wait); None when that is never.

    `arrival` is the share of the capacity that comes; so many seconds of it, `held_back` <= `delay`, are on their way
    when the delay ends, and come within `delay` seconds beside what comes then.
    """
    if arrival >= 1:
        return None
    queued = max(Fraction(0), 2 * arrival - 1) * held_back
    return (delay + queued / (1 - arrival), queued) if queued else (Fraction(0), queued)


def recovery_bound(
    outage: Fraction,
    *,
    arrival: Fraction,
    capacity: Fraction,
    reduced_capacity: Fraction,
    lost: Fraction = Fraction(0),
) -> Fraction | None:
    """Seconds from the fault until the queue is empty again; None when a backlog arises that never drains.

    outage + backlog / (capacity - arrival). A bound when arrivals stay at or below `arrival`, and no request is dropped
    or retried out of the queue.
    """
    queued = backlog(arrival, reduced_capacity, outage, lost)
    if queued == 0:
        return outage
    if capacity <= arrival:
        return None
    return outage + queued / (capacity - arrival)
