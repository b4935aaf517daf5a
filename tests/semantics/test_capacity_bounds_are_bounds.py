"""Node counts: a packing that really fits above, a bound that no packing beats below."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.capacity import (
    Node,
    NodesNeeded,
    PodClass,
    Size,
    crowd,
    nodes_left_after_zones,
    nodes_lower_bound,
    nodes_needed,
    pods_per_node,
    room,
    ways_to_lose,
)


def size(cpu: int, memory: int) -> Size:
    return Size(Fraction(cpu, 10), Fraction(memory))


NODES = st.builds(
    lambda cpu, memory, pods: Node(size(cpu + 2, memory + 1), size(2, 1), pods),
    st.integers(10, 40),
    st.integers(10, 40),
    st.integers(2, 6),
)
CLASSES = st.lists(
    st.builds(
        lambda cpu, memory, count: PodClass(size(cpu, memory), count), *[st.integers(0, 10)] * 2, st.integers(0, 40)
    ),
    max_size=5,
)
FEW = st.lists(
    st.builds(lambda cpu, memory: PodClass(size(cpu, memory), 1), *[st.integers(1, 10)] * 2), min_size=1, max_size=6
)


def first_fit(node: Node, classes: list[PodClass]) -> int:
    """Pod by pod, as the aggregated packing claims to do."""
    open_nodes: list[list[int]] = []
    free = node.free
    share = [max(cls.size.cpu / free.cpu, cls.size.memory / free.memory) for cls in classes]
    sizes = [(-cls.size.cpu, -cls.size.memory) for cls in classes]
    for index in sorted(range(len(classes)), key=lambda i: (-share[i], *sizes[i], i)):
        for _ in range(classes[index].count):
            for held in open_nodes:
                left = room(node, classes, enumerate(held))
                need = classes[index].size
                if sum(held) < node.pods and need.cpu <= left.cpu and need.memory <= left.memory:
                    held[index] += 1
                    break
            else:
                open_nodes.append([int(i == index) for i in range(len(classes))])
    return len(open_nodes)


@settings(deadline=None, max_examples=150)
@given(NODES, CLASSES)
def test_the_packing_holds_every_pod_and_overfills_no_node(node: Node, classes: list[PodClass]) -> None:
    needed = nodes_needed(node, classes)
    assert needed is not None
    for filled in needed.packing:
        left = room(node, classes, filled.pods)
        assert left.cpu >= 0 and left.memory >= 0
        assert filled.nodes > 0 and 0 < sum(count for _, count in filled.pods) <= node.pods
    for index, cls in enumerate(classes):
        assert sum(filled.nodes * dict(filled.pods).get(index, 0) for filled in needed.packing) == cls.count
    assert needed.lower <= needed.upper == sum(filled.nodes for filled in needed.packing)


@settings(deadline=None, max_examples=60)
@given(NODES, CLASSES)
def test_groups_of_equal_nodes_pack_as_pod_by_pod(node: Node, classes: list[PodClass]) -> None:
    needed = nodes_needed(node, classes)
    assert needed is not None
    assert needed.upper == first_fit(node, classes)


def least_bins(node: Node, pods: list[PodClass]) -> int:
    """The optimum: the fewest subsets that fit and cover all pods, by subsets of the rest."""

    def fits(chosen: tuple[int, ...]) -> bool:
        left = room(node, pods, [(i, 1) for i in chosen])
        return len(chosen) <= node.pods and left.cpu >= 0 and left.memory >= 0

    def solve(rest: tuple[int, ...]) -> int:
        if not rest:
            return 0
        first, others = rest[0], rest[1:]
        return 1 + min(
            solve(tuple(i for i in others if i not in more))
            for k in range(len(others) + 1)
            for more in combinations(others, k)
            if fits((first, *more))
        )

    return solve(tuple(range(len(pods))))


@settings(deadline=None, max_examples=60)
@given(NODES, FEW)
def test_the_optimum_lies_between_the_bounds(node: Node, pods: list[PodClass]) -> None:
    needed = nodes_needed(node, pods)
    assert needed is not None
    assert needed.lower <= least_bins(node, pods) <= needed.upper


def test_ten_thousand_agents_of_a_tenth_of_a_core_fill_63_nodes_of_16_cores() -> None:
    gibi = 2**30
    node = Node(Size(Fraction(16), Fraction(64 * gibi)), pods=250)
    agents = [PodClass(Size(Fraction(1, 10), Fraction(128 * 2**20)), 10_000)]
    assert pods_per_node(node, agents[0].size) == 160
    needed = nodes_needed(node, agents)
    assert isinstance(needed, NodesNeeded)
    assert (needed.lower, needed.upper) == (63, 63)
    # With the 110 pods that a kubelet takes by default, pods are the limit, not cores.
    assert nodes_lower_bound(Node(node.capacity), agents) == 91


def test_a_pod_larger_than_a_node_fits_nowhere() -> None:
    node = Node(size(10, 10), size(1, 0))
    assert nodes_needed(node, [PodClass(size(10, 1), 1)]) is None
    assert nodes_needed(node, [PodClass(size(10, 1), 0)]) == NodesNeeded(0, 0, ())


@pytest.mark.parametrize("zones", range(1, 6))
def test_what_a_loss_of_zones_leaves_is_the_least_over_all_choices(zones: int) -> None:
    for nodes in range(25):
        filled = [nodes // zones + (i < nodes % zones) for i in range(zones)]
        for lost in range(zones + 1):
            least = min(nodes - sum(gone) for gone in combinations(filled, lost))
            assert nodes_left_after_zones(nodes, zones, lost) == least


def test_a_loss_of_nodes_leaves_the_rest() -> None:
    ways = [one for one in product(*(range(each + 1) for each in (3, 1, 2))) if sum(one) == 3]
    assert sorted(ways_to_lose((3, 1, 2), 3)) == ways
    assert list(ways_to_lose((1, 2), 5)) == [(1, 2)]


@given(NODES, CLASSES, st.integers(0, 30))
def test_a_crowd_needs_too_many_nodes_and_no_part_of_it_does(node: Node, classes: list[PodClass], have: int) -> None:
    found = crowd(node, classes, have)
    whole = nodes_lower_bound(node, classes) or 0
    if whole <= have:
        assert found.classes == tuple(range(len(classes))) and found.nodes == whole
        return
    assert have < found.nodes <= whole

    def needs(some: tuple[int, ...], cpu: bool, memory: bool, places: bool) -> int:
        sizes = {i: Size(classes[i].size.cpu * cpu, classes[i].size.memory * memory) for i in some}
        room_for = node if places else replace(node, pods=10_000)
        return nodes_lower_bound(room_for, [PodClass(sizes[i], classes[i].count) for i in some]) or 0

    counted = (found.cpu, found.memory, found.places)
    assert needs(found.classes, *counted) == found.nodes
    for one in found.classes:
        assert needs(tuple(other for other in found.classes if other != one), *counted) <= have
    # Each part of the bound speaks of one resource; that there is a pod, and no node, of none.
    assert sum(counted) <= 1
