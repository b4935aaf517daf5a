"""Nodes over zones and a spread of at most one -> how many pods of a pool find a place.

Invariant: no order in which the scheduler places pods lets more of them run, and every order lets as many.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ (`maxSkew`: a zone may have
at most so many more matching pods than the one with the fewest; `DoNotSchedule` leaves the others pending).
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_SKEW = 1
"""What the documents say."""


def nodes_by_zone(nodes: int, zones: int, lost: int = 0) -> tuple[int, ...]:
    """Nodes of each zone that has any, the fullest first, spread as evenly as can be; the `lost` fullest have gone.

    A zone without nodes is none to the scheduler, unless `minDomains` says how many there are.
    """
    return tuple(count for count in evenly(nodes, zones) if count)[lost:]


def most_spread(places: Sequence[int], skew: int = MAX_SKEW) -> int:
    """The most pods that run where each zone has so many places: none gets more than `skew` above the smallest.

    0 where there is no zone.
    """
    if not places:
        return 0
    least = min(places)
    return sum(min(each, least + skew) for each in places)


def evenly(pods: int, zones: int) -> tuple[int, ...]:
    """The pods of each zone when all are spread as evenly as can be, the fullest first; zones >= 1."""
    each, more = divmod(pods, zones)
    return tuple(each + (zone < more) for zone in range(zones))
