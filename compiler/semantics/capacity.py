"""Pod sizes and counts on equal nodes -> how many nodes are needed, and how many are left after a loss.

Invariant: `lower` never exceeds the least number of nodes, `upper` is a packing that fits (`NodesNeeded.packing` shows
it), so lower <= optimum <= upper. All quantities exact: cpu in cores (`Fraction`), memory in bytes.

Source: vector bin packing, first-fit decreasing (Garey, Graham, Johnson & Yao, 1976); the scheduler's fit test is
NodeResourcesFit (requests against `status.allocatable`) and the kubelet's `maxPods`, 110 unless set
(https://kubernetes.io/docs/setup/best-practices/cluster-large/). Affinities, spread constraints and fragmentation by
earlier pods are not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from operator import neg

DEFAULT_PODS_PER_NODE = 110


@dataclass(frozen=True, slots=True)
class Size:
    """What one pod requests, sidecars included; what a node offers; or what is reserved on each node."""

    cpu: Fraction
    memory: Fraction


NOTHING = Size(Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its capacity, what system daemons and DaemonSets reserve of it, and the most pods it runs.

    Pods of DaemonSets are already off `pods`.
    """

    capacity: Size
    reserved: Size = NOTHING
    pods: int = DEFAULT_PODS_PER_NODE

    @property
    def free(self) -> Size:
        return Size(self.capacity.cpu - self.reserved.cpu, self.capacity.memory - self.reserved.memory)


@dataclass(frozen=True, slots=True)
class PodClass:
    """`count` pods of one size."""

    size: Size
    count: int


@dataclass(frozen=True, slots=True)
class Filled:
    """`nodes` nodes that each hold the same pods: pairs of a class's index and a count >= 1."""

    nodes: int
    pods: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NodesNeeded:
    """lower <= the least number of nodes <= upper; `packing` is the witness of `upper`."""

    lower: int
    upper: int
    packing: tuple[Filled, ...]


def pods_on(free: Size, pod: Size, pods: int) -> int:
    """How many pods of one size fit into `free` with `pods` places left; 0 when the first does not."""
    fits = pods
    if pod.cpu > 0:
        fits = min(fits, math.floor(free.cpu / pod.cpu))
    if pod.memory > 0:
        fits = min(fits, math.floor(free.memory / pod.memory))
    return max(0, fits)


def pods_per_node(node: Node, pod: Size) -> int:
    """Pods of one size on an otherwise empty node."""
    return pods_on(node.free, pod, node.pods)


def nodes_lower_bound(node: Node, classes: Sequence[PodClass]) -> int | None:
    """Nodes that no packing can do without; None when a pod fits on no node at all.

    The largest of the volume bound (sum of each resource, and of pods, over what a node has), the nodes that each class
    alone needs, the number of pods that take more than half a node of one resource, of which no two share a node, and
    for each resource the bound by sizes (`_bound_by_sizes`).
    """
    empty, sizes = _scaled(node, classes)
    return _lower_bound(empty, [(*size, cls.count) for size, cls in zip(sizes, classes, strict=True) if cls.count > 0])


def _lower_bound(empty: _Group, wanted: Sequence[tuple[int, int, int]]) -> int | None:
    """The same for (cpu, memory, count) in whole units."""
    if any(empty.fits(cpu, memory) < 1 for cpu, memory, _ in wanted):
        return None
    if not wanted:
        return 0
    bounds = [-(-sum(count for _, _, count in wanted) // empty.places)]
    bounds += [-(-count // empty.fits(cpu, memory)) for cpu, memory, count in wanted]
    for whole, each in (
        (empty.cpu, [(cpu, count) for cpu, _, count in wanted]),
        (empty.memory, [(memory, count) for _, memory, count in wanted]),
    ):
        bounds.append(sum(count for size, count in each if 2 * size > whole))
        if whole > 0:
            bounds.append(-(-sum(size * count for size, count in each) // whole))
            bounds.append(_bound_by_sizes(whole, each))
    return max(bounds)


def _bound_by_sizes(whole: int, sizes: Sequence[tuple[int, int]]) -> int:
    """Bins of one resource that (size, count) need at least: the bound L2 of Martello and Toth, "Lower bounds and
    reduction procedures for the bin packing problem" (1990).

    For each small size k: whoever is larger than whole - k shares with nobody of size k or more; whoever is larger than
    half shares with none of its kind; what of the sizes from k to a half does not fit beside the latter needs more.
    """
    best = 0
    for least in {size for size, _ in sizes if 0 < 2 * size <= whole}:
        alone = sum(count for size, count in sizes if size > whole - least)
        large = [(size, count) for size, count in sizes if whole < 2 * size <= 2 * (whole - least)]
        beside = sum(count * (whole - size) for size, count in large)
        small = sum(count * size for size, count in sizes if least <= size and 2 * size <= whole)
        more = max(0, -(-(small - beside) // whole))
        best = max(best, alone + sum(count for _, count in large) + more)
    return best


@dataclass(frozen=True, slots=True)
class Crowd:
    """Classes by their indices, and how many `nodes` they need at least by the resources that are counted."""

    classes: tuple[int, ...]
    nodes: int
    cpu: bool = True
    memory: bool = True
    places: bool = True


def crowd(node: Node, classes: Sequence[PodClass], have: int) -> Crowd:
    """Who needs more than `have` nodes by `nodes_lower_bound` so that it says so no more without any one class or
    resource; all of them where it does not say so. 0 nodes where a pod fits on none at all.

    Blocks are left out, the smallest pods first, halving the block down to one: few looks for small crowds.
    """
    empty, sizes = _scaled(node, classes)
    crowded = replace(empty, places=max(1, sum(cls.count for cls in classes)))

    def needs(some: Sequence[int], cpu: bool, memory: bool, places: bool) -> int:
        wanted = [(sizes[i][0] * cpu, sizes[i][1] * memory, classes[i].count) for i in some]
        return _lower_bound(empty if places else crowded, wanted) or 0

    kept = sorted(
        (index for index, cls in enumerate(classes) if cls.count > 0),
        key=lambda i: max(sizes[i][0] * max(empty.memory, 1), sizes[i][1] * max(empty.cpu, 1)),
    )
    counted = [True, True, True]
    nodes = needs(kept, *counted)
    if nodes <= have:
        return Crowd(tuple(range(len(classes))), nodes)
    for resource in range(3):
        fewer = [one and index != resource for index, one in enumerate(counted)]
        if needs(kept, *fewer) > have:
            counted = fewer
    block = (len(kept) + 1) // 2
    while block:
        at = 0
        while at < len(kept):
            rest = kept[:at] + kept[at + block :]
            if needs(rest, *counted) > have:
                kept = rest
            else:
                at += block
        block //= 2
    return Crowd(tuple(sorted(kept)), needs(kept, *counted), *counted)


def nodes_needed(node: Node, classes: Sequence[PodClass]) -> NodesNeeded | None:
    """Bounds on the nodes for all pods of all classes; None when a pod fits on no node at all.

    `upper` is what first-fit decreasing uses, by the pod's largest share of a node. Equal nodes are kept as one group
    with a count, so the work grows with the number of classes, not of pods.
    """
    empty, sizes = _scaled(node, classes)
    wanted = [index for index in range(len(classes)) if classes[index].count > 0]
    lower = _lower_bound(empty, [(*sizes[i], classes[i].count) for i in wanted])
    if lower is None:
        return None
    # The larger share of a node, in whole numbers: cpu x M against memory x C stands for cpu / C against memory / M.
    # Of shares alike the larger size, so that the order of the classes decides nothing.
    wanted.sort(
        key=lambda i: (
            -max(sizes[i][0] * max(empty.memory, 1), sizes[i][1] * max(empty.cpu, 1)),
            *map(neg, sizes[i]),
            i,
        )
    )
    least = (min((sizes[i][0] for i in wanted), default=0), min((sizes[i][1] for i in wanted), default=0))
    full: list[_Group] = []
    still: list[_Group] = []
    for index in wanted:
        placed = _place(empty, still, index, sizes[index], classes[index].count)
        still = []
        for group in placed:
            closed = group.places == 0 or group.cpu < least[0] or group.memory < least[1]
            (full if closed else still).append(group)
    packing = tuple(Filled(group.nodes, group.pods) for group in full + still)
    return NodesNeeded(lower, sum(filled.nodes for filled in packing), packing)


@dataclass(frozen=True, slots=True)
class _Group:
    """Equal nodes: what is free on each, in whole units, and what each holds."""

    nodes: int
    cpu: int
    memory: int
    places: int
    pods: tuple[tuple[int, int], ...]

    def fits(self, cpu: int, memory: int) -> int:
        fits = self.places if cpu == 0 else min(self.places, self.cpu // cpu)
        return fits if memory == 0 else min(fits, self.memory // memory)

    def part(self, nodes: int, index: int, more: int, cpu: int, memory: int) -> _Group:
        """`nodes` of these with `more` pods of one class each."""
        pods = (*self.pods, (index, more)) if more else self.pods
        return _Group(nodes, self.cpu - more * cpu, self.memory - more * memory, self.places - more, pods)


def _scaled(node: Node, classes: Sequence[PodClass]) -> tuple[_Group, list[tuple[int, int]]]:
    """The empty node and the pods' sizes in whole units of one common denominator each: exact, and fast to divide."""
    free = node.free
    cpu_unit = math.lcm(free.cpu.denominator, *(cls.size.cpu.denominator for cls in classes))
    memory_unit = math.lcm(free.memory.denominator, *(cls.size.memory.denominator for cls in classes))
    sizes = [(int(cls.size.cpu * cpu_unit), int(cls.size.memory * memory_unit)) for cls in classes]
    return _Group(1, int(free.cpu * cpu_unit), int(free.memory * memory_unit), node.pods, ()), sizes


def _place(empty: _Group, groups: list[_Group], index: int, size: tuple[int, int], left: int) -> list[_Group]:
    """First fit for `left` pods of one class: fill the open nodes in order, then open as many as it takes."""
    placed: list[_Group] = []
    for group in groups:
        each = group.fits(*size) if left else 0
        filled = min(left // each, group.nodes) if each else 0
        rest = left - filled * each if each and filled < group.nodes else 0
        left -= filled * each + rest
        # Nodes that are filled, at most one that takes the rest, and those left as they were.
        for nodes, more in ((filled, each), (int(rest > 0), rest), (group.nodes - filled - int(rest > 0), 0)):
            if nodes:
                placed.append(group.part(nodes, index, more, *size))
    if left:
        filled, rest = divmod(left, empty.fits(*size))
        if filled:
            placed.append(empty.part(filled, index, empty.fits(*size), *size))
        if rest:
            placed.append(empty.part(1, index, rest, *size))
    return placed


def room(node: Node, classes: Sequence[PodClass], pods: Iterable[tuple[int, int]]) -> Size:
    """What is left on a node that holds these pods (`Filled.pods`); negative where it is overfull."""
    cpu, memory = node.free.cpu, node.free.memory
    for index, count in pods:
        cpu -= classes[index].size.cpu * count
        memory -= classes[index].size.memory * count
    return Size(cpu, memory)


def nodes_left_after_zones(nodes: int, zones: int, lost: int) -> int:
    """Nodes left when the `lost` fullest of `zones` >= 1 zones go, with `nodes` spread as evenly as can be."""
    each, fuller = divmod(nodes, zones)
    lost = min(lost, zones)
    return nodes - lost * each - min(lost, fuller)


def ways_to_lose(nodes: Sequence[int], lost: int) -> Iterator[tuple[int, ...]]:
    """How many nodes of each class go when any `lost` of all go: every way there is, from one class alone first."""
    lost = min(lost, sum(nodes))
    for classes in range(1, len(nodes) + 1):
        for hit in combinations(range(len(nodes)), classes):
            for gone in _summing([nodes[index] for index in hit], lost):
                parts = dict(zip(hit, gone, strict=True))
                yield tuple(parts.get(index, 0) for index in range(len(nodes)))


def _summing(most: Sequence[int], whole: int) -> Iterator[tuple[int, ...]]:
    """Parts from 1 up to the most of each that come to the whole."""
    if not most:
        if whole == 0:
            yield ()
        return
    for first in range(1, min(most[0], whole) + 1):
        for rest in _summing(most[1:], whole - first):
            yield (first, *rest)
