"""Memory of a dependency that agents take up: it is enough for all of them, those that leave while others start too."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from ...model import Dependency
from ..exact.expression import Expression, Leaf, Order, Relation, total, value
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, share, size
from .flapping import Count, Held, Holding, agents, flapping, held, updating, worst
from .shared import UPDATING


def shared_memory(analysis: Analysis) -> list[Obligation]:
    return [
        _fits(analysis, one, wanted)
        for one in analysis.fleet.dependencies
        if (wanted := _parts(analysis, one)) and analysis.wants(f"memory/{one.name}")
    ]


def _parts(analysis: Analysis, dependency: Dependency) -> list[Held]:
    found: list[Held] = []
    for pool in analysis.fleet.pools:
        for hold in pool.each.memory_holds:
            if hold.dependency == dependency.name:
                said = f"each takes {size(hold.bytes_each.value)} of {dependency.name}"
                each = Leaf(f"memory of {dependency.name} for each {pool.name}", hold.bytes_each, said)
                found.append(held(analysis, pool, each))
    return sorted(found, key=lambda one: value(one.worst * one.each))


def _fits(analysis: Analysis, dependency: Dependency, parts: list[Held]) -> Obligation:
    """Unsatisfiable iff the agents of all pools, with those that a rolling update adds and those that still leave, or
    with those that an autoscaler sent away as it grows again on a course of demand, take more than there is.

    Sufficient: what an autoscaler's steps ever allow (`semantics.flapping`).
    """
    stated = dependency.memory_bytes
    claim = f"the agents never take more memory of {dependency.name} than it has"
    id = f"memory/{dependency.name}"
    if stated is None:
        gap = f"{dependency.name} does not state its memory"
        return Obligation(id, claim, dependency.at, "ST2601", (), gap=gap, remedy="write `memory 64Gi` in it")
    limit = Leaf(f"memory of {dependency.name}", stated, f"{dependency.name} has {size(stated.value)}")

    @cache
    def need(count: Count) -> Expression:
        return total(count(one) * one.each for one in parts)

    def told(count: Count, when: str = "") -> str:
        whole = value(need(count))
        who = ", ".join(f"{agents(one, count(one))} with {size(value(one.each))} each" for one in reversed(parts[-3:]))
        if len(parts) > 3:
            rest = whole - sum((value(count(one) * one.each) for one in parts[-3:]), Fraction(0))
            who += f", and {counted(len(parts) - 3, 'other pool')} with {size(rest)} in all"
        return f"{who} take {size(whole)}{when}, {dependency.name} has {size(limit.number)}"

    def room(count: Count, when: str) -> str:
        spare = share(Relation(need(count), Order.AT_MOST, limit).slack)
        return f"{size(value(need(count)))} of {size(limit.number)} while {when}, {spare} to spare"

    relation = Relation(need(updating), Order.AT_MOST, limit)
    holding = Holding(parts, limit, need, told, lambda most: f"{size(most)} of {dependency.name}")
    flaps = flapping(analysis, holding, room(worst, "pools are updated, shrink and grow again"))
    update = Condition(relation, told(updating, f" {UPDATING}"), room(updating, "all pools are updated"))
    must = (update, *flaps.must)
    return Obligation(
        id, claim, stated.span, "ST2601", must, flaps.proof or None, remedy=flaps.remedy, additions=flaps.additions
    )
