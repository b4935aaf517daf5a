"""Pods against nodes: everything fits at the maximum sizes, and again after the losses that must be survived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import islice

from seatrial.dsl.source import Span

from ...model import Fleet, Loss, Nodes, Pool, Stated, Survive
from ...semantics.capacity import (
    PodClass,
    crowd,
    nodes_left_after_zones,
    pods_per_node,
    ways_to_lose,
)
from ...semantics.updates import placed_pods
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, largest, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.packing import fitted, node_of, size_of, size_on
from ..flows.placement import by_size, gpus_of, surely_placed, too_small, usable
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, listed, number, share, size

_WHOSE = 4
_MOST_WAYS = 40
"""In which nodes may be lost from several classes: far more than fleets have."""


def nodes(analysis: Analysis) -> list[Judged]:
    """Where node classes are stated: one guarantee for the fleet whole, one for each loss to survive."""
    fleet = analysis.fleet
    if not fleet.nodes or not fleet.pools:
        return []
    at = fleet.nodes[0].at
    found: list[Judged] = []
    if analysis.wants("nodes/fit"):
        updating = {pool.name: placed_pods(pool.agents_most.value) for pool in fleet.pools}
        have = {each.name: each.count_max.value for each in fleet.nodes}
        make = partial(_whole_fits, analysis, at)
        sure = _surely_fit(analysis, updating, have)
        found.append(Proven("nodes/fit", at, "ST2102", make) if sure else make())
    for survive in fleet.survive:
        id = f"nodes/fit/{survive.what}-loss"
        if not analysis.wants(id):
            continue
        running = {pool.name: pool.agents_most.value for pool in fleet.pools}
        left = [_whole(one.nodes) for one in _left(analysis, survive)]
        make = partial(_rest_fits, analysis, survive, id)
        sure = all(_surely_fit(analysis, running, one) for one in left)
        found.append(Proven(id, survive.at, "ST2103", make) if sure else make())
    return found


def _surely_fit(analysis: Analysis, pods: Mapping[str, int], have: Mapping[str, int]) -> bool:
    """A placement that fits shows that nothing necessary fails; what else there is to say can wait."""
    if surely_placed(analysis, pods, have):
        return True
    fleet = analysis.fleet
    if _bare(fleet):
        return False
    return not too_small(fleet, pods, have) and fitted(fleet.nodes, fleet.pools, pods, have) is not None


def _running(fleet: Fleet) -> dict[str, Expression]:
    return {pool.name: leaves.agents_max(pool) for pool in fleet.pools}


def _whole_fits(analysis: Analysis, at: Span) -> Obligation:
    fleet = analysis.fleet
    whole: dict[str, Expression] = {each.name: leaves.node_count(each) for each in fleet.nodes}
    updating: dict[str, Expression] = {pool.name: analysis.placed(pool) for pool in fleet.pools}
    plain = Situation("", whole, _running(fleet))
    return _fits(analysis, [Situation("", whole, updating)], "nodes/fit", at, plain)


def _rest_fits(analysis: Analysis, survive: Survive, id: str) -> Obligation:
    return _fits(analysis, _left(analysis, survive), id, survive.at)


@dataclass(frozen=True, slots=True)
class Situation:
    """How many nodes there are of each class, and how many pods of each pool; `after` says what was lost."""

    after: str
    nodes: Mapping[str, Expression]
    pods: Mapping[str, Expression]
    possible: bool = True
    """False: worse than any that there may be, so that it proves and never refutes."""


def _left(analysis: Analysis, survive: Survive) -> list[Situation]:
    """Every class loses the zones, for zones are shared; nodes are lost from any class, or some from each of several.

    Of more ways than `_MOST_WAYS` the first are looked at, and one that is worse than all: every class loses so many.
    """
    count = survive.count.value
    lost = Leaf(f"losses of a {survive.what} to survive", survive.count, f"{counted(count, survive.what)} may go")
    classes, running = by_size(analysis.fleet.nodes), _running(analysis.fleet)
    if survive.what is Loss.ZONE:
        left: dict[str, Expression] = {}
        for each in classes:
            basis = [leaves.node_count(each), leaves.node_zones(each), lost]
            rest = nodes_left_after_zones(each.count_max.value, each.zones.value, count)
            left[each.name] = derived(f"nodes of {each.name} left after the loss", rest, basis)
        return [Situation(f" after the loss of {counted(count, 'zone')}", left, running)]
    ways = list(islice(ways_to_lose([each.count_max.value for each in classes], count), _MOST_WAYS + 1))
    if len(ways) > _MOST_WAYS:
        ways[_MOST_WAYS:] = [tuple(min(count, each.count_max.value) for each in classes)]
    found = []
    for gone in ways:
        whole: dict[str, Expression] = {each.name: leaves.node_count(each) for each in classes}
        hit = [(each, less) for each, less in zip(classes, gone, strict=True) if less]
        for each, less in hit:
            rest, basis = each.count_max.value - less, [leaves.node_count(each), lost]
            whole[each.name] = derived(f"nodes of {each.name} left after the loss", rest, basis)
        who = listed([f"{counted(less, 'node')} of {each.name}" for each, less in hit])
        possible = sum(gone) <= count
        if not possible:
            who = f"{counted(count, 'node')} of each class, more than may go: the ways to lose them are too many"
        found.append(Situation(f" after the loss of {who}", whole, running, possible))
    return found


def _fits(
    analysis: Analysis, situations: list[Situation], id: str, at: Span, plain: Situation | None = None
) -> Obligation:
    """Unsatisfiable iff some resource of the pools bound to a set of classes exceeds what these nodes have, or a pod
    is larger than every node it may use, or one class alone cannot hold one pool's pods.

    Sufficient: a placement by first-fit decreasing, the pools with the fewest classes first (`semantics.capacity`).
    Between the two: unknown. Source: the scheduler's NodeResourcesFit and the kubelet's maxPods. Limits: no affinity,
    no fragmentation by earlier pods, nothing reserved for the system beyond what the class states, only sidecars that
    `each` states; a rolling update of all pools at once when the fleet is whole, none after a loss. A terminating pod
    holds its room for its drain at most: the next one waits for it, so it is not counted
    (`semantics.updates.placed_pods`). `plain` is the fleet without the update: what does not fit even then is told so.
    """
    fleet = analysis.fleet
    must = tuple(one for each in situations if each.possible for one in _necessary(fleet.nodes, fleet.pools, each))
    if plain is not None and not all(one.holds for one in must):
        # What a repair must make room for is told too.
        pairs = list(zip(_necessary(fleet.nodes, fleet.pools, plain), must, strict=True))
        must = (
            *islice((_updated(alone, one) for alone, one in pairs if not alone.holds), 1),
            *(replace(one, broken=f"in a rolling update {one.broken}") if alone.holds else one for alone, one in pairs),
        )
    after = situations[0].after if len(situations) == 1 else " after the loss"
    broken = next((one for one in must if not one.holds), None)
    if plain is not None and broken is not None and broken.about is not None:
        at = broken.about
    obligation = partial(
        Obligation,
        id=id,
        claim=f"all agents fit on the nodes at their maximum{after}",
        at=at,
        code="ST2102" if id == "nodes/fit" else "ST2103",
        must=must,
    )
    bare = _bare(fleet)
    if bare:
        return obligation(
            gap=f"{listed(bare)} {'does' if len(bare) == 1 else 'do'} not state cpu and memory",
            remedy="write `cpu …` and `memory …` in `each`",
        )
    if not all(one.holds for one in must):
        # To try to place what cannot fit takes longest of all.
        return obligation()
    return obligation(proof=tuple(_sufficient(fleet.nodes, fleet.pools, each) for each in situations))


def _updated(plain: Condition, updating: Condition) -> Condition:
    same = plain.broken == updating.broken
    return plain if same else replace(plain, broken=f"{plain.broken}; in a rolling update {updating.broken}")


def _bare(fleet: Fleet) -> list[str]:
    return [pool.name for pool in fleet.pools if pool.each.cpu_cores is None or pool.each.memory_bytes is None]


def _whole(counts: Mapping[str, Expression]) -> dict[str, int]:
    return {name: int(value(count)) for name, count in counts.items()}


def _sets(classes: tuple[Nodes, ...], pools: tuple[Pool, ...]) -> list[tuple[list[Nodes], list[Pool]]]:
    """Sets of classes, each with the pools that can go nowhere else."""
    chosen = {frozenset(each.name for each in usable(pool, classes)) for pool in pools}
    chosen |= {frozenset(each.name for each in classes)}
    found = []
    # The fewest classes first: what clashes on one of them is told of it, and not of all together.
    for names in sorted(chosen, key=lambda names: (len(names), sorted(names))):
        bound = [pool for pool in pools if {each.name for each in usable(pool, classes)} <= names]
        found.append(([each for each in classes if each.name in names], bound))
    return found


def _necessary(classes: tuple[Nodes, ...], pools: tuple[Pool, ...], situation: Situation) -> Iterable[Condition]:
    for pool in pools:
        yield from _one_pod(pool, usable(pool, classes))
    for some, bound in _sets(classes, pools):
        yield from _volumes(some, bound, situation)
        if len(some) == 1:
            for pool in bound:
                yield from _alone(some[0], pool, situation)
            if len(bound) > 1:
                yield from _together(some[0], bound, situation)


def _one_pod(pool: Pool, classes: list[Nodes]) -> Iterable[Condition]:
    where = listed([each.name for each in classes])
    each_cpu, each_memory = leaves.pod_cpu(pool), leaves.pod_memory(pool)
    if each_cpu is not None:
        most = largest(leaves.node_cpu(each) for each in classes)
        text = f"one agent of {pool.name} needs {number(value(each_cpu))} cores, a node of {where} has "
        yield Condition(Relation(each_cpu, Order.AT_MOST, most), text + number(value(most)), "", about=classes[0].at)
    if each_memory is not None:
        most = largest(leaves.node_memory(each) for each in classes)
        text = f"one agent of {pool.name} needs {size(value(each_memory))}, a node of {where} has "
        yield Condition(Relation(each_memory, Order.AT_MOST, most), text + size(value(most)), "", about=classes[0].at)


def _volumes(classes: list[Nodes], pools: list[Pool], situation: Situation) -> Iterable[Condition]:
    where = listed([each.name for each in classes])
    counts = [(pool, situation.pods[pool.name]) for pool in pools]
    many = sum(value(situation.nodes[each.name]) for each in classes)
    have_nodes, has = f"{counted(many, 'node')} of {where}{situation.after}", "has" if many == 1 else "have"
    if not counts:
        return
    pods_needed = _sum([count for _, count in counts])
    all_pods = f"{counted(value(pods_needed), 'pod')} ({_whose(counts, value(pods_needed))})"
    verb = "needs" if value(pods_needed) == 1 else "need"
    terms = [(leaves.pod_cpu(pool), leaves.pod_memory(pool), count) for pool, count in counts]
    cpus = _sum([count * cpu for cpu, _, count in terms if cpu is not None])
    memories = _sum([count * memory for _, memory, count in terms if memory is not None])
    resources = (
        ("cores", cpus, [leaves.node_cpu(each) for each in classes], number),
        ("of memory", memories, [leaves.node_memory(each) for each in classes], size),
        ("places for pods", pods_needed, [leaves.node_pods(each) for each in classes], number),
    )
    for what, need, each_has, told in resources:
        parts = [situation.nodes[one.name] * its for one, its in zip(classes, each_has, strict=True)]
        have = _sum(parts)
        needs = f"{all_pods} {verb} {told(value(need))} {what}, {have_nodes} {has} {told(value(have))}"
        relation = Relation(need, Order.AT_MOST, have)
        yield Condition(relation, needs, f"{needs}: {share(relation.slack)} to spare", about=classes[0].at)
    yield from _gpus(classes, counts, situation)


def _whose(counts: list[tuple[Pool, Expression]], whole: Fraction) -> str:
    """The pools with the most pods, and how many others there are."""
    most = sorted(counts, key=lambda one: -value(one[1]))
    shown = [f"{number(value(count))} of {pool.name}" for pool, count in most[:_WHOSE]]
    others = len(most) - _WHOSE
    rest = number(whole - sum((value(count) for _, count in most[:_WHOSE]), Fraction(0)))
    return listed([*shown, *([f"{rest} of {counted(others, 'other pool')}"] if others > 0 else [])])


def _gpus(classes: list[Nodes], counts: list[tuple[Pool, Expression]], situation: Situation) -> Iterable[Condition]:
    wanting = [(pool, pool.each.gpus, count) for pool, count in counts if pool.each.gpus is not None]
    if not wanting:
        return
    need = _sum([count * _gpus_each(pool, one) for pool, one, count in wanting])
    offers = [(each, each.gpus) for each in classes if each.gpus is not None]
    have = _sum([situation.nodes[each.name] * _gpus_in(each, gpus) for each, gpus in offers])
    there = [each for each, _ in offers] or classes
    many = sum(value(situation.nodes[each.name]) for each in there)
    nodes = f"{counted(many, 'node')} of {listed([each.name for each in there])}{situation.after}"
    pods = sum((value(count) for _, _, count in wanting), Fraction(0))
    whose = _whose([(pool, count) for pool, _, count in wanting], pods)
    verbs = "needs" if pods == 1 else "need", "has" if many == 1 else "have"
    text = (
        f"{counted(pods, 'pod')} ({whose}) {verbs[0]} {counted(value(need), 'gpu')}, {nodes} {verbs[1]} "
        f"{number(value(have))}"
    )
    yield Condition(Relation(need, Order.AT_MOST, have), text, text, about=there[0].at)


def _gpus_each(pool: Pool, gpus: Stated[int]) -> Leaf:
    return Leaf(f"gpus of each {pool.name}", gpus, f"{counted(gpus.value, 'gpu')} each")


def _gpus_in(each: Nodes, gpus: Stated[int]) -> Leaf:
    return leaves.assumed(f"gpus of {each.name}", gpus, f"{counted(gpus.value, 'gpu')} in each node")


def _alone(each: Nodes, pool: Pool, situation: Situation) -> Iterable[Condition]:
    """Equal pods on equal nodes pack exactly: pods / pods a node, rounded up."""
    pod = size_on(each, pool)
    per_node = pods_per_node(node_of(each), pod) if pod is not None else 0
    if per_node < 1:
        return
    basis = [leaves.node_cpu(each), leaves.node_memory(each), leaves.node_pods(each)]
    own = leaves.of_pod(pool)
    if gpus_of(pool.each) and each.gpus is not None and pool.each.gpus is not None:
        own += [_gpus_each(pool, pool.each.gpus), _gpus_in(each, each.gpus)]
    fit = derived(f"pods of {pool.name} on a node of {each.name}", per_node, [*basis, *own])
    pods, have = situation.pods[pool.name], situation.nodes[each.name]
    text = (
        f"a node of {each.name} holds {counted(per_node, 'agent')} of {pool.name}, so {counted(value(have), 'node')}"
        f"{situation.after} hold{'s' * (value(have) == 1)} {number(value(have) * per_node)} of {number(value(pods))}"
    )
    yield Condition(Relation(pods, Order.AT_MOST, have * fit), text, "", about=each.at)


def _together(each: Nodes, pools: list[Pool], situation: Situation) -> Iterable[Condition]:
    """What sums do not show: pods that cannot share a node, however much is free on all of them together."""
    counts = {pool.name: int(value(situation.pods[pool.name])) for pool in pools}
    have = situation.nodes[each.name]
    sized = [(pool, size) for pool in pools if (size := size_of(pool)) is not None]
    least = crowd(node_of(each), [PodClass(size, counts[pool.name]) for pool, size in sized], int(value(have)))
    pools = [sized[index][0] for index in least.classes]
    basis: list[Expression] = [situation.pods[pool.name] for pool in pools]
    for is_counted, of_node, of_pod in (
        (least.cpu, leaves.node_cpu(each), leaves.pod_cpu),
        (least.memory, leaves.node_memory(each), leaves.pod_memory),
    ):
        if is_counted:
            basis += [of_node, *(one for pool in pools if (one := of_pod(pool)) is not None)]
    if least.places:
        basis.append(leaves.node_pods(each))
    who = listed([f"{number(counts[pool.name])} of {pool.name}" for pool in pools])
    text = (
        f"{who} fit on no fewer than {counted(least.nodes, 'node')} of {each.name}, however they are placed; "
        f"there {'is' if value(have) == 1 else 'are'} {number(value(have))}{situation.after}"
    )
    need = derived(f"nodes of {each.name} that any placement needs{situation.after}", least.nodes, basis)
    yield Condition(Relation(need, Order.AT_MOST, have), text, "", about=each.at)


def _sufficient(classes: tuple[Nodes, ...], pools: tuple[Pool, ...], situation: Situation) -> Condition:
    counts, have = _whole(situation.pods), _whole(situation.nodes)
    used = fitted(classes, pools, counts, have)
    total_have = sum(have.values())
    if used is None:
        broken = f"the placement that was tried leaves agents over{situation.after}, though the sums fit"
        return Condition(Relation(lift(1), Order.AT_MOST, lift(0)), broken, "")
    needed = sum(used.values())
    listed_use = listed([f"{number(count)} of {number(have[name])} {name}" for name, count in sorted(used.items())])
    room = f"the agents fit on {listed_use} nodes{situation.after or ' while all pools are updated'}"
    return Condition(Relation(Derived("nodes used", Fraction(needed), ()), Order.AT_MOST, lift(total_have)), "", room)


def _sum(parts: list[Expression]) -> Expression:
    return total(sorted(parts, key=value))
