"""Pools and node classes -> a placement that fits, and nodes that no placement can do without.

Invariant: what is placed fits in truth; that nothing was found does not say that nothing fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import permutations

from ...model import Fleet, Nodes, Pool
from ...semantics.capacity import Node, PodClass, Size, nodes_lower_bound, nodes_needed, pods_per_node
from .placement import by_size, gpus_of, usable

_MOST_CLASSES = 3
"""Whose every order is tried: six."""


def fitted(
    classes: tuple[Nodes, ...], pools: tuple[Pool, ...], counts: Mapping[str, int], have: Mapping[str, int]
) -> dict[str, int] | None:
    """As `placed`, whatever the order in which the spec names the classes: that is nobody's to choose by."""
    sized = by_size(classes)
    orders: Iterable[tuple[Nodes, ...]] = (sized, sized[::-1])
    if all(len(usable(pool, classes)) < 2 for pool in pools):
        orders = (sized,)
    elif len(classes) <= _MOST_CLASSES:
        orders = permutations(sized)
    return next((used for one in orders if (used := placed(one, pools, counts, have)) is not None), None)


def placed(
    classes: tuple[Nodes, ...], pools: tuple[Pool, ...], counts: Mapping[str, int], have: Mapping[str, int]
) -> dict[str, int] | None:
    """Nodes used of each class by a placement that fits, the first classes filled first; None where the one that was
    tried does not."""
    simple = _first_choice(classes, pools, counts)
    if simple is not None and all(simple.get(each.name, 0) <= have[each.name] for each in classes):
        return simple
    if all(len(usable(pool, classes)) < 2 for pool in pools):
        # Nobody has another choice.
        return None
    on: dict[str, list[PodClass]] = {each.name: [] for each in classes}
    sizes = [(pool, size_of(pool)) for pool in pools]
    sized = [(len(usable(pool, classes)), -size.cpu, -size.memory, pool.name, pool) for pool, size in sizes if size]
    if len(sized) < len(pools):
        return None
    for *_, pool in sorted(sized, key=lambda one: one[:-1]):
        left = counts[pool.name]
        for each in usable(pool, classes):
            pod = size_on(each, pool)
            if pod is None:
                continue
            fitting = _most_that_fit(node_of(each), on[each.name], pod, left, have[each.name])
            if fitting:
                on[each.name].append(PodClass(pod, fitting))
                left -= fitting
        if left:
            return None
    return {each.name: _used(node_of(each), on[each.name]) or 0 for each in classes if on[each.name]}


def _first_choice(
    classes: tuple[Nodes, ...], pools: tuple[Pool, ...], counts: Mapping[str, int]
) -> dict[str, int] | None:
    """Nodes used when every pool goes to the first class it may use: most often that is enough, and it is quick."""
    on: dict[str, list[PodClass]] = {}
    for pool in sorted(pools, key=lambda pool: pool.name):
        where = usable(pool, classes)
        pod = size_on(where[0], pool) if where else None
        if pod is None:
            return None
        on.setdefault(where[0].name, []).append(PodClass(pod, counts[pool.name]))
    used: dict[str, int] = {}
    for each in classes:
        if each.name in on:
            needed = _used(node_of(each), on[each.name])
            if needed is None:
                return None
            used[each.name] = needed
    return used


def lower_bound(each: Nodes, pools: tuple[Pool, ...], counts: Mapping[str, int]) -> int:
    """Nodes of the one class that no placement can do without; 0 where a pod is too large or says no size."""
    sizes = [(size_of(pool), counts[pool.name]) for pool in pools]
    return nodes_lower_bound(node_of(each), [PodClass(pod, count) for pod, count in sizes if pod is not None]) or 0


def fewest_nodes(fleet: Fleet, each: Nodes) -> int:
    """That there may be of a class: its least, or as many as no placement of the agents that are always there, and may
    go nowhere else, can do without."""
    bound = tuple(pool for pool in fleet.pools if usable(pool, fleet.nodes) == [each])
    needed = lower_bound(each, bound, {pool.name: pool.agents_min.value for pool in bound})
    return min(max(each.count_min.value, needed), each.count_max.value)


def nodes_used(each: Nodes, pools: tuple[Pool, ...], counts: Mapping[str, int]) -> int | None:
    """By a placement of all of them on this class alone; None where one has no size, or no place there."""
    sizes = [(size_on(each, pool), counts[pool.name]) for pool in pools]
    pods = [PodClass(pod, count) for pod, count in sizes if pod is not None]
    return _used(node_of(each), pods) if len(pods) == len(sizes) else None


def _most_that_fit(node: Node, there: list[PodClass], pod: Size, wanted: int, have: int) -> int:
    def fits(count: int) -> bool:
        used = _used(node, [*there, PodClass(pod, count)])
        return used is not None and used <= have

    low, high = 0, wanted
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _used(node: Node, pods: list[PodClass]) -> int | None:
    needed = nodes_needed(node, pods)
    return None if needed is None else needed.upper


def node_of(each: Nodes) -> Node:
    return Node(Size(each.cpu_cores.value, Fraction(each.memory_bytes.value)), pods=each.pods_each.value)


def per_node(each: Nodes, pool: Pool) -> int | None:
    """Agents of one pool that fit on one node, no other's beside them; None where they state no size."""
    pod = size_of(pool)
    if pod is None:
        return None
    fitting, gpus = pods_per_node(node_of(each), pod), gpus_of(pool.each)
    return min(fitting, gpus_of(each) // gpus) if gpus else fitting


def size_of(pool: Pool) -> Size | None:
    cpu, memory = pool.each.pod_cpu_cores, pool.each.pod_memory_bytes
    return None if cpu is None or memory is None else Size(cpu, Fraction(memory))


def size_on(each: Nodes, pool: Pool) -> Size | None:
    """The size for a packing on this class: an agent with k of a node's g gpus takes at least k / g of its cores.

    What fits so fits in truth: cores and gpus are both no more than counted. None where it has no place there.
    """
    size_, wanted, offered = size_of(pool), gpus_of(pool.each), gpus_of(each)
    if size_ is None or wanted == 0:
        return size_
    return Size(max(size_.cpu, Fraction(wanted, offered) * each.cpu_cores.value), size_.memory) if offered else None
