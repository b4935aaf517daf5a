"""Water-filling against its definition, the smallest coalition against all coalitions, the best crew against each."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.auctions import combinatorial_steps, dutch_steps
from seatrial.compiler.semantics.economics import Crew
from seatrial.compiler.semantics.fairness import Claim, by_value, dominant_share, guaranteed, max_min
from seatrial.compiler.semantics.voting_weight import fewest_that_decide

AMOUNTS = st.integers(0, 20).map(Fraction)


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    found = []
    for _ in range(draw(st.integers(1, 5))):
        floor = draw(AMOUNTS)
        room = draw(st.none() | AMOUNTS)
        found.append(Claim(draw(AMOUNTS), floor, None if room is None else floor + room))
    return found


@given(claims(), st.integers(0, 200).map(Fraction))
def test_shares_respect_floors_and_ceilings_and_no_one_gains_without_a_poorer_one_losing(
    asked: list[Claim], whole: Fraction
) -> None:
    if sum(one.floor for one in asked) > whole:
        with pytest.raises(ValueError, match="floors"):
            max_min(whole, asked)
        return
    got = max_min(whole, asked)
    assert sum(got) <= whole
    for claim, share in zip(asked, got, strict=True):
        assert share >= claim.floor
        assert claim.ceiling is None or share <= claim.ceiling
    growing = [
        index
        for index, (claim, share) in enumerate(zip(asked, got, strict=True))
        if claim.weight > 0 and (claim.ceiling is None or share < claim.ceiling)
    ]
    if growing:
        assert sum(got) == whole
    # Who could take more stands at the common level or on a floor above it; nobody above its floor is beyond it.
    for one in growing:
        for other, claim in enumerate(asked):
            if got[other] > claim.floor and claim.weight > 0:
                assert got[other] / claim.weight <= got[one] / asked[one].weight


@given(claims(), st.integers(0, 200).map(Fraction), st.data())
def test_what_is_guaranteed_holds_whatever_the_others_ask(
    asked: list[Claim], whole: Fraction, data: st.DataObject
) -> None:
    if sum(one.floor for one in asked) > whole:
        return
    sure = guaranteed(whole, asked, 0)
    others = []
    for one in asked[1:]:
        wants = data.draw(st.integers(0, 100).map(Fraction))
        most = wants if one.ceiling is None else min(wants, one.ceiling)
        others.append(Claim(one.weight, min(one.floor, most), most))
    assert max_min(whole, [asked[0], *others])[0] >= sure


def test_weights_of_one_to_four_divide_ten_into_two_and_eight() -> None:
    assert list(max_min(Fraction(10), [Claim(Fraction(1)), Claim(Fraction(4))])) == [2, 8]
    assert list(max_min(Fraction(10), [Claim(Fraction(1), Fraction(5)), Claim(Fraction(4))])) == [5, 5]


def test_the_most_valuable_is_served_first() -> None:
    three = [Claim(Fraction(1), Fraction(1), Fraction(4))] * 3
    assert list(by_value(Fraction(7), three, [Fraction(1), Fraction(3), Fraction(2)])) == [1, 4, 2]
    assert dominant_share([Fraction(1), Fraction(8)], [Fraction(10), Fraction(16)]) == Fraction(1, 2)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4)), min_size=1, max_size=4), st.integers(1, 9))
def test_the_smallest_coalition_is_the_smallest_of_all(groups: list[tuple[int, int]], tenths: int) -> None:
    majority = Fraction(tenths, 10)
    voters = [votes for agents, votes in groups for _ in range(agents)]
    winning = [
        size
        for size in range(len(voters) + 1)
        if any(sum(some) > majority * sum(voters) for some in combinations(voters, size))
    ]
    if winning:
        assert fewest_that_decide(groups, majority) == winning[0]


def test_a_price_that_falls_by_a_twentieth_needs_28_steps_to_a_quarter() -> None:
    assert dutch_steps(Fraction(10), Fraction(1, 20), Fraction(5, 2)) == 28
    assert Fraction(10) * Fraction(19, 20) ** 27 > Fraction(5, 2) >= Fraction(10) * Fraction(19, 20) ** 28
    assert dutch_steps(Fraction(1), Fraction(1, 2), Fraction(0)) is None
    # 1 less so little is 1 in doubles.
    assert dutch_steps(Fraction(10), Fraction(1, 10**19), Fraction(2)) is None
    assert dutch_steps(Fraction(1), Fraction(1, 2), Fraction(1, 4)) == 2
    assert combinatorial_steps(10) == 59_049


@given(
    st.integers(1, 50),
    st.fractions(0, Fraction(1, 5), max_denominator=1000),
    st.fractions(0, Fraction(1, 50), max_denominator=1000),
    st.integers(0, 20),
    st.integers(1, 100),
    st.none() | st.integers(1, 2000),
)
def test_no_other_number_of_agents_earns_more(
    each: int, contention: Fraction, coherency: Fraction, value: int, price: int, asked: int | None
) -> None:
    crew = Crew(
        Fraction(each),
        contention,
        coherency,
        Fraction(value),
        Fraction(price),
        None if asked is None else Fraction(asked),
    )
    best = crew.best(200)
    profits = [crew.profit(agents) for agents in range(1, 201)]
    assert crew.profit(best) == max(profits)
    even = crew.breaks_even(200)
    keeping = [agents for agents, profit in enumerate(profits, 1) if profit >= 0]
    assert even == (max(keeping) if keeping else None)
