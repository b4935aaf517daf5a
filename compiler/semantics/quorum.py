"""Members, majority and faults -> whether a vote can be held and whether two votes can contradict each other.

Invariant: with q members a quorum out of n, any two quorums share at least 2q - n members, and some two share no more.

Source: Gifford, "Weighted Voting for Replicated Data" (SOSP 1979); Malkhi & Reiter, "Byzantine Quorum Systems"
(1998), for the overlap of f + 1. All counts are exact integers, shares `Fraction`.
"""

from __future__ import annotations

import math
from fractions import Fraction


def quorum_size(members: int, share: Fraction) -> int:
    """Least votes that are strictly more than `share` of the members; 0 <= share < 1."""
    return math.floor(members * share) + 1


def intersection(members: int, quorum: int) -> int:
    """Members that any two quorums share at least."""
    return max(0, 2 * quorum - members)


def quorums_meet(members: int, quorum: int, byzantine: int = 0) -> bool:
    """Whether any two quorums share an honest member: an overlap of `byzantine` + 1."""
    return intersection(members, quorum) >= byzantine + 1


def survives(members: int, quorum: int, faults: int) -> bool:
    """Whether a quorum can still form when `faults` members are silent (crashed, or Byzantine and refusing)."""
    return members - faults >= quorum


def tolerated_faults(members: int, quorum: int) -> int:
    """Most silent members with a quorum left."""
    return max(0, members - quorum)


def tolerated_byzantine(members: int, quorum: int) -> int:
    """Most lying members for which both hold: a quorum of the others can form, and two quorums share an honest one.

    -1 when two quorums need not even share one member.
    """
    return min(members - quorum, 2 * quorum - members - 1)


def largest_group_in_one_zone(members: int, zones: int) -> int:
    """Members in the fullest of `zones` >= 1 zones when spread as evenly as can be."""
    return -(-members // zones)


def least_members(share: Fraction, faults: int, byzantine: int = 0) -> int | None:
    """Least n >= 1 whose quorum (more than `share`, < 1) survives `faults` and meets with `byzantine` liars.

    None when no n does: two quorums of half the members or fewer need not meet, and those of just over half share
    at most two.
    """
    # n - faults >= floor(n share) + 1 exactly when n (1 - share) > faults.
    n = math.floor(faults / (1 - share)) + 1
    while True:
        quorum = quorum_size(n, share)
        if quorums_meet(n, quorum, byzantine) and survives(n, quorum, faults):
            return n
        # 2 quorum - n is at most (2 share - 1) n + 2, which does not grow when share <= 1/2.
        if (share < Fraction(1, 2) and (2 * share - 1) * n + 2 < byzantine + 1) or (
            share == Fraction(1, 2) and byzantine >= 2
        ):
            return None
        n += 1


def least_winning_votes(groups: int, group_size: int, share: Fraction) -> int:
    """Least yes votes that carry a vote of two levels: a majority of the groups, a majority in each of those.

    100 groups of 100 by simple majority: 51 x 51 = 2,601 of 10,000.
    """
    return quorum_size(groups, share) * quorum_size(group_size, share)
