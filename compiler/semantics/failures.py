"""An outage and arrivals -> when a pool has recovered from it.

Invariant: a longer outage never shortens the recovery. Times are seconds, rates per second, exact; a fluid model.
"""

from __future__ import annotations

from fractions import Fraction


def backlog(arrival: Fraction, reduced_capacity: Fraction, outage: Fraction, lost: Fraction = Fraction(0)) -> Fraction:
    """Requests queued by the end of an outage in which only `reduced_capacity` is served, and into which `lost` came
    again at its start."""
    return max(Fraction(0), lost + (arrival - reduced_capacity) * outage)


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
