"""Agents with weighted votes -> the fewest of them that can decide alone.

Invariant: exact integers; a coalition decides when its votes are more than `majority` of all votes.

Source: the smallest winning coalition of a weighted voting game takes the heaviest first (Taylor & Zwicker, Simple
Games, 1999, ch. 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction


def fewest_that_decide(groups: Iterable[tuple[int, int]], majority: Fraction) -> int:
    """`groups` are (agents, votes of each); fewest that have more than `majority` (< 1) of all votes."""
    heaviest = sorted(groups, key=lambda group: -group[1])
    needed = math.floor(majority * sum(agents * votes for agents, votes in heaviest)) + 1
    counted = 0
    for agents, votes in heaviest:
        if votes > 0 and agents * votes >= needed:
            return counted + -(-needed // votes)
        counted += agents
        needed -= agents * votes
    return counted
