"""Repair times and arrivals -> when a pool has recovered from a loss.

Invariant: a longer outage never shortens the recovery. Times are seconds, rates per second, exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Repair:
    """Longest time of each stage, seconds: to notice, to take the host out of rotation, to restart, to start up."""

    detection: Fraction
    removal: Fraction
    restart: Fraction
    startup: Fraction

    @property
    def outage(self) -> Fraction:
        """The pool is short of hosts for at most this long; stages are taken as one after another."""
        return self.detection + self.removal + self.restart + self.startup


def backlog(arrival: Fraction, reduced_capacity: Fraction, outage: Fraction) -> Fraction:
    """Requests queued by the end of an outage in which only `reduced_capacity` is served (a fluid model)."""
    return max(Fraction(0), arrival - reduced_capacity) * outage


def recovery_bound(
    repair: Repair, *, arrival: Fraction, capacity: Fraction, reduced_capacity: Fraction
) -> Fraction | None:
    """Seconds from the fault until the queue is empty again; None when a backlog arises that never drains.

    outage + backlog / (capacity - arrival). A bound when each stage is one, arrivals stay at or below `arrival`, and
    no request is dropped or retried out of the queue.
    """
    queued = backlog(arrival, reduced_capacity, repair.outage)
    if queued == 0:
        return repair.outage
    if capacity <= arrival:
        return None
    return repair.outage + queued / (capacity - arrival)
