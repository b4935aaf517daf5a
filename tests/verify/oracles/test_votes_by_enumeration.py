"""Quorums, lost zones and weighted votes: every set of voters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import agrees, cases, judged

SHARES = st.sampled_from([Fraction(1, 3), Fraction(1, 2), Fraction(3, 5), Fraction(2, 3), Fraction(3, 4)])


def _sets(members: int) -> Iterator[frozenset[int]]:
    for size in range(members + 1):
        yield from (frozenset(one) for one in itertools.combinations(range(members), size))


def _text(members: int, share: Fraction, faults: int, kind: str, zones: int) -> str:
    return (
        f"fleet f {{ nodes n {{ count 9; cpu 4; memory 16Gi; zones {zones} }}; survive loss of 1 zone\n"
        "pool p { agents 9; each { cpu 100m; memory 128Mi } }\n"
        f"consensus c among p {{ members {members}; majority {share}; tolerate {faults} {kind}; within 1s; "
        "round 200ms }\n}"
    )


@cases
def test_a_quorum_is_left_and_two_of_them_meet(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(1, 6), SHARES, st.integers(0, 3), st.sampled_from(["crashed", "Byzantine"]), st.integers(1, 4))
    def check(members: int, share: Fraction, faults: int, kind: str, zones: int) -> None:
        faults = min(faults, members)
        text = _text(members, share, faults, kind, zones)
        # More than the share of all members, whoever is silent.
        quorums = [one for one in _sets(members) if len(one) > share * members]
        silent = [one for one in _sets(members) if len(one) == faults]
        left = all(any(not one & gone for one in quorums) for gone in silent)
        agrees(judged(text, "quorum/c/survives"), left, text)
        liars = silent if kind == "Byzantine" else [frozenset[int]()]
        meet = all(one & other - lying for one in quorums for other in quorums for lying in liars)
        agrees(judged(text, "quorum/c/intersects"), meet, text)
        lost = [{one for one in range(members) if one % zones == zone} for zone in range(zones)]
        after = all(any(not one & gone for one in quorums) for gone in lost)
        agrees(judged(text, "quorum/c/zone-loss"), after, text)

    check()


def _carried(yes: frozenset[int], members: list[int], share: Fraction, size: int, levels: int) -> bool:
    """Group by group in the order of the members, then groups of groups; all that are left vote on the last level."""
    votes = [one in yes for one in members]
    for level in range(levels):
        width = size if level < levels - 1 else len(votes)
        groups = [votes[at : at + width] for at in range(0, len(votes), width)]
        votes = [sum(group) > share * len(group) for group in groups]
    return votes == [True]


@cases
def test_a_vote_in_groups_stands_whoever_fails(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.integers(1, 8),
        st.integers(2, 4),
        st.integers(1, 3),
        SHARES,
        st.integers(0, 3),
        st.sampled_from(["crashed", "Byzantine"]),
        st.booleans(),
        st.integers(1, 3),
    )
    def check(
        members: int, size: int, levels: int, share: Fraction, faults: int, kind: str, random: bool, zones: int
    ) -> None:
        assume(size**levels >= members)
        faults = min(faults, members)
        groups = f"vote in {'random ' if random else ''}groups of {size}, {levels} levels"
        text = _text(members, share, faults, kind, zones).replace("within 1s", f"{groups}; within 9s")
        everybody = list(range(members))
        carried = [one for one in _sets(members) if _carried(one, everybody, share, size, levels)]

        def stands(silent: int) -> tuple[bool, bool]:
            """Whoever is silent, and for some who are."""
            whoever = [
                any(not one & frozenset(gone) for one in carried)
                for gone in itertools.combinations(everybody, min(silent, members))
            ]
            return all(whoever), any(whoever)

        for id, silent in (("survives", faults), ("zone-loss", -(-members // zones))):
            always, ever = stands(silent)
            agrees(judged(text, f"quorum/c/{id}"), always, text, open=random and ever)
        least = min(len(one & other) for one in carried for other in carried)
        meet = least >= (faults + 1 if kind == "Byzantine" else 1)
        agrees(judged(text, "quorum/c/intersects"), meet, text, open=random and least > 0)

    check()


@cases
def test_the_votes_of_the_largest_group_of_each_level_are_counted_one_by_one(cases: int) -> None:
    seen = set()

    @settings(max_examples=cases)
    @example(15, 10, 2, -1)
    @example(15, 10, 2, 0)
    @given(st.integers(1, 40), st.integers(2, 12), st.integers(1, 4), st.integers(-3, 3))
    def check(members: int, size: int, levels: int, off: int) -> None:
        assume(size**levels >= members)
        takes, voters = 0, list(range(members))
        for _ in range(levels):
            groups = [voters[at : at + size] for at in range(0, len(voters), size)]
            takes += 2 * 10 + max(len(group) for group in groups)
            voters = list(range(len(groups)))
        assert voters == [0]
        groups_of = f"vote in groups of {size}, {levels} levels {{ count 1ms per vote }}"
        text = (
            f"fleet f {{ pool p {{ agents {members} }}\nconsensus c among p {{ members {members}; majority 1/2; "
            f"tolerate 0 crashed; within {takes + off}ms; round 10ms; {groups_of} }} }}"
        )
        status = judged(text, "quorum/c/levels-time")
        agrees(status, off >= 0, text)
        seen.add(status)

    check()
    assert seen == {Status.PROVED, Status.REFUTED}


@cases
def test_a_vote_goes_on_while_agents_are_drained_one_by_one(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(1, 9), st.integers(0, 6), SHARES, st.integers(1, 9), st.booleans())
    def check(members: int, more: int, share: Fraction, away: int, counted: bool) -> None:
        agents = members + more
        said = (f"{away} agents" if away > 1 else "1 agent") if counted else f"{away * 10}%"
        text = (
            f"fleet f {{ pool p {{ agents {agents}; disrupt at most {said} }}\n"
            f"consensus c among p {{ members {members}; majority {share}; tolerate 0 crashed }} }}"
        )
        left = agents
        while left and (agents - left < away if counted else (agents - left + 1) * 10 <= agents * away):
            left -= 1
        agrees(judged(text, "quorum/c/disruption"), min(left, members) > share * members, text)

    check()


@cases
def test_no_pool_and_no_small_group_decides(cases: int) -> None:
    voters = st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(1, 5))

    @settings(max_examples=cases)
    @given(st.lists(voters, min_size=1, max_size=3), SHARES, st.integers(1, 9))
    def check(pools: list[tuple[int, int, int]], majority: Fraction, tenths: int) -> None:
        names = ["high", "normal", "low"]
        text = "fleet f {\n"
        for index, (least, more, _) in enumerate(pools):
            agents = f"{least}..{least + more}; scale on busy 50%" if more else str(least)
            text += (
                f"pool p{index} {{ agents {agents}; each {{ price $1/h; concurrency 2 }}; priority {names[index]} }}\n"
            )
        weights = ", ".join(f"{names[index]} {votes}" for index, (_, _, votes) in enumerate(pools))
        text += (
            "budget agents $1_000/day { dispute by vote weighted by priority "
            f"{{ weights {weights}; majority {majority}; no pool decides alone; "
            f"at least {tenths * 10}% of agents decide }} }}\n}}"
        )
        alone, fewest = True, Fraction(1)
        for sizes in itertools.product(*(range(least, least + more + 1) for least, more, _ in pools)):
            votes = [weight for size, (_, _, weight) in zip(sizes, pools, strict=True) for _ in range(size)]
            whole = sum(votes)
            alone &= all(size * weight <= majority * whole for size, (_, _, weight) in zip(sizes, pools, strict=True))
            deciding = min(
                len(one)
                for number in range(len(votes) + 1)
                for one in itertools.combinations(votes, number)
                if sum(one) > majority * whole
            )
            fewest = min(fewest, Fraction(deciding, len(votes)))
        agrees(judged(text, "division/agents/day/no-pool-decides-alone"), alone, text)
        fixed = all(more == 0 for _, more, _ in pools)
        agrees(judged(text, "division/agents/day/coalition"), fewest >= Fraction(tenths, 10), text, open=not fixed)

    check()


@cases
def test_groups_decide_as_all_members_would(cases: int) -> None:
    seen = set()

    @settings(max_examples=2 * cases)
    @example(9, 3, 2, Fraction(1, 2), 60, 5, True)
    @example(9, 3, 2, Fraction(1, 2), 60, 5, False)
    @example(9, 3, 2, Fraction(1, 2), 1, 5, False)
    @given(
        st.integers(1, 9),
        st.integers(2, 4),
        st.integers(1, 3),
        SHARES,
        st.integers(1, 60),
        st.integers(5, 99),
        st.booleans(),
    )
    def check(members: int, size: int, levels: int, share: Fraction, off: int, sure: int, random: bool) -> None:
        assume(size**levels >= members)
        asked = f"{{ confidence {sure}%, margin {off}% }}"
        groups = f"vote in {'random ' if random else ''}groups of {size}, {levels} levels {asked}"
        text = _text(members, share, 0, "crashed", 1).replace("within 1s", f"{groups}; within 9s")
        everybody = list(range(members))
        right = Fraction(1)
        for yes in range(members + 1):
            said = [_carried(frozenset(one), everybody, share, size, levels) for one in _placed(everybody, yes)]
            if yes <= members * (share - Fraction(off, 100)):
                right = min(right, Fraction(said.count(False), len(said)))
            if yes >= members * (share + Fraction(off, 100)):
                right = min(right, Fraction(said.count(True), len(said)))
        status = judged(text, "quorum/c/confidence")
        if random:
            assert status is not Status.PROVED or right >= Fraction(sure, 100), text
        else:
            agrees(status, right == 1, text)
        seen.add((random, status))

    check()
    assert {(True, Status.PROVED), (False, Status.PROVED), (False, Status.REFUTED)} <= seen


def _placed(everybody: list[int], yes: int) -> list[tuple[int, ...]]:
    return list(itertools.combinations(everybody, yes))
