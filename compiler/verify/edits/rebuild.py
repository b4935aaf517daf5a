"""A fleet and another value for one literal -> the fleet that the spec with that literal would mean.

Invariant: everything but the values that stand at the literal's place is the same object as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

from seatrial.dsl.source import Source, Span

from ...model import Fleet, Stated
from ...model.empty import in_the_way
from ...model.money import Dutch

Path = tuple[str | int, ...]


def places(fleet: Fleet) -> dict[Span, list[Path]]:
    """Where in the fleet each written literal is used: more than once where one literal states two values.

    Without literals that stand for several values at once, as the range of a loop does.
    """
    found: dict[Span, list[Path]] = {}
    values: dict[Span, set[Fraction | int]] = {}
    for path, stated in _walk(fleet, ()):
        if stated.written and isinstance(stated.value, int | Fraction):
            found.setdefault(stated.span, []).append(path)
            values.setdefault(stated.span, set()).add(stated.value)
    # A loop's range stands in one place for many values: no one value could be written there.
    return {span: paths for span, paths in found.items() if len(values[span]) == 1}


def _walk(node: object, path: Path) -> Iterator[tuple[Path, Stated[Any]]]:
    if isinstance(node, Stated):
        yield path, node
    elif isinstance(node, tuple):
        # A trace is a tuple of thousands of floats; nothing is stated in there.
        if node and not isinstance(node, Span) and not isinstance(node[0], float):
            for index, part in enumerate(node):
                yield from _walk(part, (*path, index))
    else:
        kind: type = type(node)
        for name in _fields(kind):
            yield from _walk(getattr(node, name), (*path, name))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    if not is_dataclass(kind) or issubclass(kind, Source):
        return ()
    return tuple(each.name for each in fields(kind))


_Entries = dict[str | int, list[tuple[Span, Path, Fraction | int]]]
"""By the key of the source in which they are written."""


class Places:
    """`places`, one source at a time, and what was found in a part of the model once is known for other fleets."""

    def __init__(self, fleet: Fleet, like: Places | None = None) -> None:
        self._within: dict[int, tuple[object, _Entries]] = {}
        self._parts: dict[str | int, list[tuple[Path, object]]] = {}
        self._found: dict[str | int, dict[Span, list[Path]]] = {}
        for name in _fields(Fleet):
            value = getattr(fleet, name)
            if isinstance(value, tuple) and not isinstance(value, Span):
                for index, part in enumerate(value):
                    self._note((name, index), part, like)
            else:
                self._note((name,), value, like)

    def _note(self, path: Path, part: object, like: Places | None) -> None:
        known = like._within.get(id(part)) if like is not None else None
        if known is None:
            known = (part, _entries(part))
        self._within[id(part)] = known
        for key in known[1]:
            self._parts.setdefault(key, []).append((path, part))

    def of(self, span: Span) -> list[Path]:
        """Where the literal at a place is used; empty where it stands for several values at once."""
        key = span.source.key
        if key not in self._found:
            found: dict[Span, list[Path]] = {}
            values: dict[Span, set[Fraction | int]] = {}
            for path, part in self._parts.get(key, ()):
                for at, rest, value in self._within[id(part)][1][key]:
                    found.setdefault(at, []).append((*path, *rest))
                    values.setdefault(at, set()).add(value)
            self._found[key] = {at: paths for at, paths in found.items() if len(values[at]) == 1}
        return self._found[key].get(span, [])


def _entries(part: object) -> _Entries:
    found: _Entries = {}
    for path, stated in _walk(part, ()):
        if stated.written and isinstance(stated.value, int | Fraction):
            found.setdefault(stated.span.source.key, []).append((stated.span, path, stated.value))
    return found


def with_value(fleet: Fleet, paths: list[Path], value: Fraction) -> Fleet:
    """The fleet with `value` at each of the paths; a whole number where a whole number stood."""
    for path in paths:
        rebuilt = _replaced(fleet, path, value)
        assert isinstance(rebuilt, Fleet)
        fleet = rebuilt
    return fleet


def _replaced(node: Any, path: Path, value: Fraction) -> Any:
    if not path:
        assert isinstance(node, Stated)
        return replace(node, value=int(value) if isinstance(node.value, int) else value)
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*node[:step], _replaced(node[step], rest, value), *node[step + 1 :])
    return replace(node, **{step: _replaced(getattr(node, step), rest, value)})


def is_sound(fleet: Fleet) -> bool:
    """Whether the resolver would take such values: bounds in order, shares at most 1, a quantile above the median."""
    pairs: list[tuple[Stated[Any] | None, Stated[Any] | None]] = []
    shares: list[Stated[Fraction] | None] = []
    for nodes in fleet.nodes:
        pairs.append((nodes.count_min, nodes.count_max))
    for demand in fleet.demands:
        pairs.append((demand.steady_per_second, demand.peak_per_second))
        pairs.append((demand.peak_for_seconds, demand.peak_every_seconds))
    for dependency in fleet.dependencies:
        pairs.append((dependency.latency_p50_seconds, dependency.latency_p99_seconds))
    if fleet.namespace is not None:
        room = (fleet.namespace.cpu, fleet.namespace.memory, fleet.namespace.gpus, fleet.namespace.pods)
        pairs += [(one.taken, one.whole) for one in room if one is not None]
    for pool in fleet.pools:
        pairs.append((pool.agents_min, pool.agents_max))
        pairs.append((pool.each.service_mean_seconds, pool.each.service_p99_seconds))
        shares.append(pool.disruption.share if pool.disruption else None)
        shares += [step.above_busy for step in pool.degrade] + [skill.share for skill in pool.skills]
        pairs += [(step.service_mean_seconds, step.service_p99_seconds) for step in pool.degrade]
        pairs += [(low.above_busy, high.above_busy) for low, high in pairwise(pool.degrade)]
        if pool.health is not None and pool.health.restarts is not None:
            rule = pool.health.restarts
            pairs.append((rule.backoff_first_seconds, rule.backoff_cap_seconds))
            shares.append(rule.pause_above)
        if sum((skill.share.value for skill in pool.skills), Fraction(0)) > 1:
            return False
        if pool.scaling is not None and pool.scaling.signal in ("busy", "cpu"):
            shares.append(pool.scaling.target)
    for call in fleet.calls:
        policy = call.policy
        pairs.append((policy.try_timeout_seconds, policy.timeout_seconds))
        if policy.retry is not None:
            pairs.append((policy.retry.backoff_seconds, policy.retry.backoff_cap_seconds))
            shares.append(policy.retry.budget_share)
        if policy.breaker is not None:
            shares += [policy.breaker.eject_share, policy.breaker.success_below]
    for budget in fleet.budgets:
        if budget.division is not None:
            pairs.append((budget.division.floor, budget.division.ceiling))
    for quota in fleet.quotas:
        pairs += [(tenant.floor, tenant.ceiling) for tenant in quota.tenants]
    for auction in fleet.auctions:
        if isinstance(auction.kind, Dutch) and auction.kind.drop.value >= 1:
            return False
    for consensus in fleet.consensuses:
        pairs.append((consensus.tolerate, consensus.members))
        if consensus.majority.value >= 1:
            return False
    if any(pool.may_be_empty and next(in_the_way(fleet, pool), None) is not None for pool in fleet.pools):
        return False
    counts = [stated for pool in fleet.pools for stated in (pool.agents_max, pool.each.concurrency)]
    counts += [stated for nodes in fleet.nodes for stated in (nodes.count_max, nodes.zones, nodes.pods_each)]
    counts += [consensus.members for consensus in fleet.consensuses]
    counts += [queue.shards for queue in fleet.queues]
    if any(stated.value < 1 for stated in counts):
        return False
    in_order = all(low is None or high is None or low.value <= high.value for low, high in pairs)
    return in_order and all(one is None or one.value <= 1 for one in shares)
