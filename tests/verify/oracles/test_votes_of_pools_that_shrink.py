"""A lost zone and a vote in a pool that grows and shrinks: every way in which its agents may come to lie."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from .trying import agrees, cases, judged

Zones = tuple[int, ...]


def _ways(fewest: int, most: int, zones: int) -> set[Zones]:
    """Agent by agent: who starts goes to a zone that has no more than any other, who leaves leaves from anywhere."""
    found: set[Zones] = set()
    new = {(0,) * zones}
    while new:
        found |= new
        new = {after for one in new for after in _next(one, most) if after not in found}
    return {one for one in found if sum(one) >= fewest}


def _next(one: Zones, most: int) -> Iterator[Zones]:
    for zone, held in enumerate(one):
        if sum(one) < most and held == min(one):
            yield (*one[:zone], held + 1, *one[zone + 1 :])
        if held:
            yield (*one[:zone], held - 1, *one[zone + 1 :])


def _chosen(members: int, agents: Zones) -> Iterator[Zones]:
    """Every choice in which no member could be of a zone with two fewer instead."""
    for one in itertools.product(*(range(held + 1) for held in agents)):
        free = [count for count, held in zip(one, agents, strict=True) if count < held]
        if sum(one) == members and (not free or max(one) - min(free) < 2):
            yield one


def _stands(members: int, share: Fraction, agents: Zones, lost: int) -> bool:
    return all(members - sum(sorted(one, reverse=True)[:lost]) > share * members for one in _chosen(members, agents))


@cases
def test_a_quorum_is_left_however_a_pool_has_shrunk(cases: int) -> None:
    shares = st.sampled_from([Fraction(1, 4), Fraction(1, 3), Fraction(1, 2), Fraction(2, 3)])

    @settings(max_examples=cases, deadline=None)
    @given(st.integers(1, 5), st.integers(0, 3), st.integers(0, 6), st.integers(1, 4), st.integers(1, 2), shares)
    def check(members: int, more: int, range_: int, zones: int, lost: int, share: Fraction) -> None:
        assume(lost < zones)
        fewest, most = members + more, members + more + range_
        text = (
            f"fleet f {{ nodes n {{ count 9; cpu 64; memory 256Gi; zones {zones} }}\n"
            f"survive loss of {lost} zone{'s' if lost > 1 else ''}\n"
            f"pool p {{ agents {fewest}..{most}; scale on busy 50%\n"
            "each { cpu 100m; memory 128Mi; concurrency 2 } }\n"
            f"consensus c among p {{ members {members}; majority {share}; tolerate 0 crashed }}\n}}"
        )
        even = tuple(sum(agent % zones == zone for agent in range(fewest)) for zone in range(zones))
        always = all(_stands(members, share, one, lost) for one in _ways(fewest, most, zones))
        agrees(
            judged(text, "quorum/c/zone-loss"), always, text, open=not always and _stands(members, share, even, lost)
        )

    check()
