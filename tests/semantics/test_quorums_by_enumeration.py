"""Quorum arithmetic against every pair of subsets of small memberships."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from seatrial.compiler.semantics.quorum import (
    intersection,
    largest_group_in_one_zone,
    least_members,
    least_winning_votes,
    quorum_size,
    quorums_meet,
    survives,
    tolerated_byzantine,
    tolerated_faults,
)

SHARES = [Fraction(1, 3), Fraction(1, 2), Fraction(3, 5), Fraction(2, 3), Fraction(3, 4), Fraction(9, 10)]


@pytest.mark.parametrize("members", range(1, 8))
def test_the_overlap_of_two_quorums_is_the_least_over_all_pairs(members: int) -> None:
    for quorum in range(1, members + 1):
        sets = [set(chosen) for chosen in combinations(range(members), quorum)]
        least = min(len(one & other) for one in sets for other in sets)
        assert intersection(members, quorum) == least
        for liars in range(members):
            assert quorums_meet(members, quorum, liars) == (least > liars)


@pytest.mark.parametrize("members", range(1, 8))
def test_a_quorum_survives_while_some_subset_of_the_living_is_one(members: int) -> None:
    for quorum in range(1, members + 1):
        for faults in range(members + 1):
            alive = members - faults
            assert survives(members, quorum, faults) == (alive >= quorum)
            assert survives(members, quorum, faults) == (faults <= tolerated_faults(members, quorum))


@pytest.mark.parametrize("share", SHARES)
def test_a_quorum_is_the_least_count_strictly_above_its_share(share: Fraction) -> None:
    for members in range(1, 60):
        quorum = quorum_size(members, share)
        assert quorum > members * share >= quorum - 1


@pytest.mark.parametrize("share", SHARES)
def test_the_least_membership_is_found_as_by_a_scan(share: Fraction) -> None:
    for faults in range(6):
        for liars in range(5):
            fits = [
                n
                for n in range(1, 400)
                if survives(n, quorum_size(n, share), faults) and quorums_meet(n, quorum_size(n, share), liars)
            ]
            assert least_members(share, faults, liars) == (fits[0] if fits else None)


def test_a_simple_majority_of_2f_plus_1_and_a_byzantine_one_of_3f_plus_1() -> None:
    assert least_members(Fraction(1, 2), 2) == 5
    assert least_members(Fraction(2, 3), 1, 1) == 4
    assert tolerated_byzantine(4, 3) == 1
    assert tolerated_byzantine(4, 2) == -1


@pytest.mark.parametrize(("members", "zones", "largest"), [(9, 3, 3), (10, 3, 4), (2, 3, 1), (0, 3, 0)])
def test_the_fullest_zone(members: int, zones: int, largest: int) -> None:
    assert largest_group_in_one_zone(members, zones) == largest


def test_a_vote_in_two_levels_can_be_won_by_a_minority() -> None:
    assert least_winning_votes(100, 100, Fraction(1, 2)) == 2601
