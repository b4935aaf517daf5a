"""Pods placed one after another in zones of which none may be more than one ahead, in every order that there is."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.spreading import evenly, most_spread, nodes_by_zone

from .trying import agrees, cases, judged


def _ends(places: tuple[int, ...]) -> set[int]:
    """How many pods run when no further one may be placed, over all orders."""

    @cache
    def ends(there: tuple[int, ...]) -> frozenset[int]:
        found: set[int] = set()
        for zone, count in enumerate(there):
            if count < places[zone] and count + 1 - min(there) <= 1:
                found |= ends((*there[:zone], count + 1, *there[zone + 1 :]))
        return frozenset(found or {sum(there)})

    return set(ends((0,) * len(places)))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_every_order_ends_with_as_many(places: list[int]) -> None:
    assert _ends(tuple(places)) == {most_spread(places)}


@given(st.integers(0, 40), st.integers(1, 7))
def test_nodes_and_pods_are_spread_to_the_last(count: int, zones: int) -> None:
    assert nodes_by_zone(count, zones) == tuple(one for one in evenly(count, zones) if one)
    assert sum(evenly(count, zones)) == count and max(evenly(count, zones)) - min(evenly(count, zones)) <= 1


@cases
def test_a_pool_alone_is_let_in_or_not(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(1, 8), st.integers(2, 4), st.integers(1, 3), st.integers(1, 20))
    def check(nodes: int, zones: int, per_node: int, agents: int) -> None:
        text = (
            f"fleet f {{ nodes n {{ count {nodes}; cpu {per_node}; memory 64Gi; zones {zones} }}; "
            f"survive loss of 1 zone; pool p {{ agents {agents}; each {{ cpu 1; memory 1Gi }} }} }}"
        )
        # A zone without nodes is none.
        whole = [nodes // zones + (zone < nodes % zones) for zone in range(min(nodes, zones))]
        runs = [max(_ends(tuple(per_node * one for one in left)), default=0) for left in (whole, whole[1:])]
        if agents <= per_node * sum(whole[1:]):
            agrees(judged(text, "nodes/spread"), agents <= min(runs), text)

    check()
