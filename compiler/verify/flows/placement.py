"""Pools and node classes -> which classes a pool may use, and whether its pods surely fit there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...model import Agent, Fleet, Nodes, Pool
from ...semantics.spreading import nodes_by_zone
from .analysis import Analysis
from .figures import double, surely_below


def usable(pool: Pool, classes: Iterable[Nodes]) -> list[Nodes]:
    """The classes that the pool may use; without `on` any, but an agent with gpus goes where gpus are, if anywhere."""
    names = {name.value for name in pool.on}
    found = [each for each in classes if not names or each.name in names]
    with_gpus = [each for each in found if gpus_of(each)]
    return with_gpus if gpus_of(pool.each) and with_gpus else found


def by_size(classes: Iterable[Nodes]) -> tuple[Nodes, ...]:
    """Those without gpus first, then the largest: an order that is not the spec's."""
    return tuple(
        sorted(
            classes,
            key=lambda one: (
                gpus_of(one),
                -one.cpu_cores.value,
                -one.memory_bytes.value,
                -one.pods_each.value,
                -one.count_max.value,
                one.name,
            ),
        )
    )


def gpus_of(one: Nodes | Agent) -> int:
    return one.gpus.value if one.gpus is not None else 0


def zones_at_least(nodes: Nodes, fewest: int | None = None) -> int:
    """In which the class has a node when it has the fewest: as stated, or so many."""
    least = nodes.count_min.value if fewest is None else fewest
    return max(1, len(nodes_by_zone(least, nodes.zones.value)))


def zones_together(classes: Iterable[Nodes], fewest: Mapping[str, int] | None = None) -> int:
    """The most zones in which classes, of their most nodes or of so many, may lie together: those in as many zones
    share these (`obligations.spread`), of others it is not stated which they share."""
    some = list(classes)
    counts = [each.count_max.value if fewest is None else fewest[each.name] for each in some]
    most = sum(len(nodes_by_zone(count, each.zones.value)) for count, each in zip(counts, some, strict=True))
    wide = {each.zones.value for each in some}
    return max(1, min(most, *wide) if len(wide) == 1 else most)


def surely_placed(analysis: Analysis, pods: Mapping[str, int], have: Mapping[str, int]) -> bool:
    """Whether first fit places every pool on the largest class that it may use, whatever the order of the pools.

    When a node is opened, what comes next did not fit on the one before: of two in a row the shares of some resource
    exceed 1 together. So all shares of all resources are more than half of the nodes, but for the last.
    """
    shares, nodes = dict.fromkeys(have, 0.0), by_size(analysis.fleet.nodes)
    if any(one.gpus is not None for one in nodes):
        return False
    parts = analysis.of_pools("part of a node", lambda pool: _part_of_a_node(pool, nodes))
    for pool, part in zip(analysis.fleet.pools, parts, strict=True):
        if part is None:
            return False
        name, share = part
        shares[name] += pods[pool.name] * share
    return all(surely_below(2 * used + 1, have[name]) or used == 0 for name, used in shares.items())


def _part_of_a_node(pool: Pool, nodes: Sequence[Nodes]) -> tuple[str, float] | None:
    """The first class that a pool may use, and the shares of one of its nodes that a pod takes of all resources
    together; None where it may not fit there."""
    where = usable(pool, nodes) if pool.on else nodes
    cpu, memory = pool.each.pod_cpu_cores, pool.each.pod_memory_bytes
    if pool.each.gpus is not None or not where or cpu is None or memory is None:
        return None
    node = where[0]
    cores, size, most = double(node.cpu_cores.value), float(node.memory_bytes.value), float(node.pods_each.value)
    if not (surely_below(double(cpu), cores) and memory <= size and most >= 1):
        return None
    return node.name, double(cpu) / cores + memory / size + 1 / most


def too_small(fleet: Fleet, pods: Mapping[str, int], have: Mapping[str, int]) -> bool:
    """All nodes together have fewer cores, or less memory, than all pods need: no placement need be tried."""
    cores = sum(one.cpu_cores.value * have[one.name] for one in fleet.nodes)
    memory = sum(one.memory_bytes.value * have[one.name] for one in fleet.nodes)
    each = [(one.each.pod_cpu_cores, one.each.pod_memory_bytes, pods[one.name]) for one in fleet.pools]
    wanted = sum(cpu * count for cpu, _, count in each if cpu is not None)
    return wanted > cores or sum(size * count for _, size, count in each if size is not None) > memory
