"""Dead hosts, retries and repair times -> requests that fail meanwhile, and when the pool has recovered.

Invariant: more retries never raise a failing share, and a longer outage never shortens the recovery.

Model, with its limits: a request is sent to a host drawn uniformly; a dead host fails every try, a live one none; the
retries' extra load does not push live hosts over (that is the queueing model's question); nothing is correlated.
Shares are exact (`Fraction`), times seconds, rates per second.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


def failing_share(dead: Fraction, retries: int) -> Fraction:
    """Share of requests that fail until dead hosts leave the rotation: every one of 1 + `retries` tries, each on a
    host drawn independently, meets one of the `dead` share."""
    return dead ** (1 + retries)


def failing_share_of_hosts(hosts: int, dead: int, retries: int) -> Fraction:
    """The same when a retry never returns to a host already tried (Envoy's `previous_hosts` predicate): tries are
    drawn without replacement. Once every host was tried, further tries change nothing."""
    share = Fraction(1)
    for tried in range(min(1 + retries, hosts)):
        share *= Fraction(max(0, dead - tried), hosts - tried)
    return share


def failed_requests(rate: Fraction, dead: Fraction, retries: int, until_removed: Fraction) -> Fraction:
    """Expected requests that fail in the `until_removed` seconds before the dead hosts are ejected or replaced."""
    return rate * failing_share(dead, retries) * until_removed


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
