"""Quorum arithmetic against every pair of subsets of small memberships."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from seatrial.compiler.semantics.quorum import intersection, quorum_size
from seatrial.compiler.semantics.spreading import evenly

SHARES = [Fraction(1, 3), Fraction(1, 2), Fraction(3, 5), Fraction(2, 3), Fraction(3, 4), Fraction(9, 10)]


@pytest.mark.parametrize("members", range(1, 8))
def test_the_overlap_of_two_quorums_is_the_least_over_all_pairs(members: int) -> None:
    for quorum in range(1, members + 1):
        sets = [set(chosen) for chosen in combinations(range(members), quorum)]
        least = min(len(one & other) for one in sets for other in sets)
        assert intersection(members, quorum) == least


@pytest.mark.parametrize("share", SHARES)
def test_a_quorum_is_the_least_count_strictly_above_its_share(share: Fraction) -> None:
    for members in range(1, 60):
        quorum = quorum_size(members, share)
        assert quorum > members * share >= quorum - 1


@pytest.mark.parametrize(("members", "zones", "largest"), [(9, 3, 3), (10, 3, 4), (2, 3, 1), (0, 3, 0)])
def test_the_fullest_zone(members: int, zones: int, largest: int) -> None:
    assert evenly(members, zones)[0] == largest
