"""Votes in groups against counting them all."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import pytest

from seatrial.compiler.semantics.hierarchy import least_votes, top_groups, wins, wrong_outcome
from seatrial.compiler.semantics.quorum import quorum_size
from seatrial.compiler.verify import Status
from tests.verify.specs import findings

HALF = Fraction(1, 2)


def test_a_quarter_of_ten_thousand_carries_a_vote_in_groups() -> None:
    assert least_votes(10_000, 100, 2, HALF) == 2_601
    assert top_groups(10_000, 100, 2) == 100
    assert least_votes(27, 3, 3, HALF) == 8


@pytest.mark.parametrize(("members", "yes", "size", "needed"), [(8, 3, 4, 2), (9, 5, 3, 2), (7, 0, 3, 1), (6, 6, 2, 2)])
def test_the_chance_that_a_group_wins_is_the_share_of_groups_that_do(
    members: int, yes: int, size: int, needed: int
) -> None:
    groups = list(combinations(range(members), size))
    winning = sum(sum(one < yes for one in group) >= needed for group in groups)
    assert wins(members, yes, size, needed) == Fraction(winning, len(groups))


def test_the_bound_on_a_wrong_outcome_is_above_what_drawing_groups_shows() -> None:
    draw, members, size, margin = random.Random(7), 100, 10, Fraction(1, 10)
    bound = wrong_outcome(members, size, 2, HALF, margin)
    votes = [True] * 40 + [False] * 60
    wrong = 0
    for _ in range(2_000):
        draw.shuffle(votes)
        groups = [votes[at : at + size] for at in range(0, members, size)]
        won = sum(sum(group) >= quorum_size(size, HALF) for group in groups)
        wrong += won >= quorum_size(len(groups), HALF)
    assert wrong / 2_000 <= bound < 1


def test_a_larger_margin_is_never_less_sure() -> None:
    bounds = [wrong_outcome(10_000, 100, 2, HALF, Fraction(margin, 100)) for margin in range(1, 12)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[4] < 1e-8


@pytest.mark.parametrize(
    "vote",
    [
        "members 1_000_000; vote in random groups of 100_000, 2 levels { confidence 95%, margin 5% }",
        "members 1_000; vote in random groups of 10, 1_000_000_000 levels { confidence 95%, margin 5% }",
    ],
)
def test_a_vote_beyond_all_measure_is_told_to_be_unknown(vote: str) -> None:
    found = findings(f"fleet f {{ pool p {{ agents 9 }}; consensus c among p {{ majority 1/2; {vote} }} }}")
    assert found["quorum/c/confidence"].status is Status.UNKNOWN
