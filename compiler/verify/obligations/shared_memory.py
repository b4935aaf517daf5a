"""Memory of a dependency that agents take up: it is enough for all of them, a rolling update's extra ones counted."""

from __future__ import annotations

from ...model import Dependency
from ..exact.expression import Expression, Leaf, Order, Relation, total, value
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, share, size
from .shared import UPDATING


def shared_memory(analysis: Analysis) -> list[Obligation]:
    return [
        _fits(one, wanted)
        for one in analysis.fleet.dependencies
        if (wanted := _parts(analysis, one)) and analysis.wants(f"memory/{one.name}")
    ]


def _parts(analysis: Analysis, dependency: Dependency) -> list[tuple[Expression, str]]:
    found: list[tuple[Expression, str]] = []
    for pool in analysis.fleet.pools:
        for hold in pool.each.memory_holds:
            if hold.dependency == dependency.name:
                pods = analysis.pods(pool)
                said = f"each takes {size(hold.bytes_each.value)} of {dependency.name}"
                each = Leaf(f"memory of {dependency.name} for each {pool.name}", hold.bytes_each, said)
                told = f"{counted(pods.number, 'agent')} of {pool.name} with {size(each.number)} each"
                found.append((pods * each, told))
    return sorted(found, key=lambda part: value(part[0]))


def _fits(dependency: Dependency, parts: list[tuple[Expression, str]]) -> Obligation:
    """Unsatisfiable iff the agents of all pools, with those that a rolling update adds and those
    that still leave, take more than there is."""
    stated = dependency.memory_bytes
    claim = f"the agents never take more memory of {dependency.name} than it has"
    id = f"memory/{dependency.name}"
    if stated is None:
        gap = f"{dependency.name} does not state its memory"
        return Obligation(id, claim, dependency.at, "ST2601", (), gap=gap, remedy="write `memory 64Gi` in it")
    limit = Leaf(f"memory of {dependency.name}", stated, f"{dependency.name} has {size(stated.value)}")
    need = total(part for part, _ in parts)
    relation = Relation(need, Order.AT_MOST, limit)
    who = ", ".join(told for _, told in reversed(parts[-3:]))
    broken = f"{who} take {size(value(need))} {UPDATING}, {dependency.name} has {size(limit.number)}"
    room = f"{size(value(need))} of {size(limit.number)} while all pools are updated, {share(relation.slack)} to spare"
    return Obligation(id, claim, stated.span, "ST2601", (Condition(relation, broken, room),))
