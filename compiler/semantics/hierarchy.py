"""A vote in groups, and groups of groups -> how few votes can carry it, how few silent ones can keep it from any
decision, how few two decisions share, and how often it differs from a vote of all.

Invariant: each figure is on the safe side: with groups drawn at random the chance of a wrong outcome is at most what
`wrong_outcome` says.

Source: a group is a sample without replacement, so its votes are hypergeometric (exact here). The votes of different
groups are negatively associated (Joag-Dev & Proschan, 1983), hence Hoeffding's bound (1963) holds for how many groups
win, level by level. Shares are `Fraction`, the bound of a level is a double.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from .quorum import intersection, quorum_size

_DEEPEST = 64
"""Levels beyond which groups of two or more have all members in one."""


def top_groups(members: int, size: int, levels: int) -> int:
    """Voters of the last level: groups of `size` on all levels below it."""
    below: int = size ** (levels - 1)
    return -(-members // below)


def group_counts(members: int, size: int, levels: int) -> tuple[int, ...]:
    """Groups that vote on each level, the first level first; the last level is one group of all that is left.

    10,000 members in groups of 100, 2 levels: 100 groups, then one.
    """
    return (*(-(-members // size**level) for level in range(1, levels)), 1)


def votes_to_count(members: int, size: int, levels: int) -> int:
    """Votes that leaders take in one by one from the first level to the last: of each level those of its largest group.

    150 members in groups of 100, 2 levels: 100 votes, then the 2 of the groups.
    """
    if size == 1:
        return levels - 1 + members
    counted, voters = 0, members
    for level in range(1, levels):
        if voters == 1:
            return counted + levels - level + 1
        counted, voters = counted + min(size, voters), -(-voters // size)
    return counted + voters


def least_votes(members: int, size: int, levels: int, share: Fraction) -> int:
    """Fewest yes votes that can carry it: a majority of the last level, and of each group below that is needed.

    100 groups of 100 by simple majority: 51 x 51 = 2,601 of 10,000.
    """
    return _fewest(members, size, levels, lambda voters: quorum_size(voters, share))


def fewest_that_block(members: int, size: int, levels: int, share: Fraction) -> int:
    """Fewest members whose silence keeps it from any decision: so many of a level that no majority is left of it.

    100 groups of 100 by simple majority: 50 x 50 = 2,500 of 10,000, where a vote of all stands 4,999.
    """
    return _fewest(members, size, levels, lambda voters: voters - quorum_size(voters, share) + 1)


def least_shared(members: int, size: int, levels: int, share: Fraction) -> int:
    """Members that two decisions share at least; some two share no more."""
    return _fewest(members, size, levels, lambda voters: intersection(voters, quorum_size(voters, share)))


def _fewest(members: int, size: int, levels: int, needed: Callable[[int], int]) -> int:
    """Fewest members that lie in the `needed` cheapest groups of each level, down to the members themselves.

    All groups of a level are alike but for the last one, which may be smaller.
    """
    groups, each, last, deepest = members, 1, 1, min(levels, _DEEPEST)
    for level in range(1, deepest + 1):
        voters = size if level < deepest else groups
        above = -(-groups // voters)
        rest = groups - (above - 1) * voters
        wanted = needed(rest)
        with_last = last + (wanted - 1) * each if wanted else 0
        last = with_last if last <= each or wanted == rest else wanted * each
        groups, each = above, needed(voters) * each
    return last


def wins(members: int, yes: int, size: int, needed: int) -> Fraction:
    """Chance that at least `needed` of `size` members, drawn from all without replacement, are among the `yes`."""
    low, high = max(needed, size - (members - yes)), min(size, yes)
    ways = sum(math.comb(yes, k) * math.comb(members - yes, size - k) for k in range(low, high + 1))
    return Fraction(ways, math.comb(members, size))


def off_the_majority(members: int, share: Fraction, margin: Fraction) -> tuple[int, int]:
    """The most yes votes that are the margin below the majority, and the fewest that are it above."""
    return math.floor(members * max(Fraction(0), share - margin)), min(members, math.ceil(members * (share + margin)))


def wrong_outcome(members: int, size: int, levels: int, share: Fraction, margin: Fraction) -> float:
    """Upper bound on the chance that the outcome is not what all members say, when they are `margin` off the majority.

    The larger of: carried though at most `share` - `margin` say yes, and lost though `share` + `margin` do.
    """
    too_few, enough = off_the_majority(members, share, margin)
    top = top_groups(members, size, levels)
    needed = quorum_size(size, share) if levels > 1 else quorum_size(top, share)
    first = size if levels > 1 else top
    carried = float(wins(members, too_few, first, needed))
    lost = float(1 - wins(members, enough, first, needed))
    for level in range(2, levels + 1):
        voters = top if level == levels else size
        needed = quorum_size(voters, share)
        carried = _at_least(voters, needed, carried)
        lost = _at_least(voters, voters - needed + 1, lost)
    return max(carried, lost)


def _at_least(voters: int, needed: int, chance: float) -> float:
    """Bound on P(at least `needed` of `voters`) where each has this chance: exp(-2 n (needed / n - chance)^2)."""
    over = needed / voters - chance
    return 1.0 if over <= 0 else math.exp(-2 * voters * over * over)
