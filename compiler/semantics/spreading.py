"""Nodes over zones and a spread of at most one -> how many pods of a pool find a place, and how uneven they may become.

Invariant: no order in which the scheduler places pods lets more of them run, and every order lets as many.

A scheduler puts nobody into a zone that has more than another, but a ReplicaSet that is made smaller does not look at
zones (it goes by readiness, deletion cost, neighbours on the node and age), and nothing that is compiled moves those
who stay: Kubernetes, "Pod Topology Spread Constraints", known limitations, and issue 96748.

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


def unevenly(pods: int, most: int, zones: int) -> tuple[int, ...]:
    """The pods of each zone, the fullest first, where up to `most` were spread evenly and any of them have gone: no
    other way to lie has more in its fullest zone, in its two fullest, and so on."""
    left, found = pods, []
    for each in evenly(max(most, pods), zones):
        found.append(min(each, left))
        left -= found[-1]
    return tuple(found)


def among(members: int, places: Sequence[int]) -> tuple[int, ...]:
    """The members of each zone, chosen as evenly as can be among so many pods each, the fullest first; no more than
    there are pods."""
    left, found = min(members, sum(places)), []
    for done, place in enumerate(sorted(places)):
        found.append(min(place, left // (len(places) - done)))
        left -= found[-1]
    return tuple(reversed(found))
