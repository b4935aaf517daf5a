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
