"""Pools and node classes -> which classes a pool may use, and whether its pods surely fit there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...model import Agent, Fleet, Nodes, Pool
from ...semantics.spreading import nodes_by_zone
from .figures import double, surely_below


def usable(pool: Pool, classes: Iterable[Nodes]) -> list[Nodes]:
    """The classes that the pool may use; without `on` any, but an agent with gpus goes where gpus are, if anywhere."""
    names = {name.value for name in pool.on}
    found = [each for each in classes if not names or each.name in names]
    with_gpus = [each for each in found if gpus_of(each)]
    return with_gpus if gpus_of(pool.each) and with_gpus else found


def gpus_of(one: Nodes | Agent) -> int:
    return one.gpus.value if one.gpus is not None else 0


def zones_at_least(nodes: Nodes) -> int:
    """In which the class has a node when it has the fewest."""
    return max(1, len(nodes_by_zone(nodes.count_min.value, nodes.zones.value)))


def zones_together(classes: Iterable[Nodes], *, fewest: bool = False) -> int:
    """The most zones in which classes, of their most nodes or their fewest, may lie together: those in as many zones
    share these (`obligations.spread`), of others it is not stated which they share."""
    some = list(classes)
    counts = [each.count_min.value if fewest else each.count_max.value for each in some]
    most = sum(len(nodes_by_zone(count, each.zones.value)) for count, each in zip(counts, some, strict=True))
    wide = {each.zones.value for each in some}
    return max(1, min(most, *wide) if len(wide) == 1 else most)


def surely_placed(fleet: Fleet, pods: Mapping[str, int], have: Mapping[str, int]) -> bool:
    """Whether first fit places every pool on the first class that it may use, whatever the order.

    When a node is opened, what comes next did not fit on the one before: of two in a row the shares of some resource
    exceed 1 together. So all shares of all resources are more than half of the nodes, but for the last.
    """
    shares = dict.fromkeys(have, 0.0)
    sizes = {
        one.name: (double(one.cpu_cores.value), float(one.memory_bytes.value), float(one.pods_each.value))
        for one in fleet.nodes
    }
    if any(one.gpus is not None for one in fleet.nodes) or any(pool.each.gpus is not None for pool in fleet.pools):
        return False
    for pool in fleet.pools:
        where = usable(pool, fleet.nodes) if pool.on else fleet.nodes
        cpu, memory = pool.each.pod_cpu_cores, pool.each.pod_memory_bytes
        if not where or cpu is None or memory is None:
            return False
        node_cpu, node_memory, node_pods = sizes[where[0].name]
        if not (surely_below(double(cpu), node_cpu) and memory <= node_memory and node_pods >= 1):
            return False
        one = double(cpu) / node_cpu + memory / node_memory + 1 / node_pods
        shares[where[0].name] += pods[pool.name] * one
    return all(surely_below(2 * used + 1, have[name]) or used == 0 for name, used in shares.items())


def too_small(fleet: Fleet, pods: Mapping[str, int], have: Mapping[str, int]) -> bool:
    """All nodes together have fewer cores, or less memory, than all pods need: no placement need be tried."""
    cores = sum(one.cpu_cores.value * have[one.name] for one in fleet.nodes)
    memory = sum(one.memory_bytes.value * have[one.name] for one in fleet.nodes)
    each = [(one.each.pod_cpu_cores, one.each.pod_memory_bytes, pods[one.name]) for one in fleet.pools]
    wanted = sum(cpu * count for cpu, _, count in each if cpu is not None)
    return wanted > cores or sum(size * count for _, size, count in each if size is not None) > memory
