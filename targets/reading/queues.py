"""Kueue's queues to the room that a fleet has, where all of its workloads wait in them.

Turns the quotas of ClusterQueues, with what they may borrow, into the bounds of `namespace`. Invariant: a quota that
bounds a part of the fleet, or that nothing bounds, is listed; so is how queues share among themselves. What the queues
of a cohort borrow is what other queues of it have and leave alone.

Source: Kueue v1beta2, "Cluster Queue" (`borrowingLimit`: without one a queue of a cohort may borrow all that is free;
`lendingLimit`), "Local Queue", "Run Deployments" (the label of a workload's queue).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from ..names import GPU
from . import spelling
from .common import metadata
from .draft import Clauses
from .figures import amount, whole
from .manifest import Fields

GROUP = "kueue.x-k8s.io"
KINDS = ("ClusterQueue", "LocalQueue")
LABEL = f"{GROUP}/queue-name"
_BOUNDED = {"cpu": "cpu", "memory": "memory", GPU: "gpu", "pods": "pods"}
_WHERE = "kubernetes.io/metadata.name"


def queues(found: Mapping[str, Sequence[Fields]], waiting: Sequence[str | None], room: Clauses) -> None:
    """After quotas were read. `found`: by kind; `waiting`: the queue of each workload, None where it has none."""
    local = {fields.manifest.name: fields for fields in found.get("LocalQueue", ())}
    cluster = {fields.manifest.name: fields for fields in found.get("ClusterQueue", ())}
    used = {name: str(local[name].peek("spec.clusterQueue")) for name in waiting if name in local}
    all_wait = all(name in local and used[name] in cluster for name in waiting)
    for fields in local.values():
        metadata(fields)
        if all_wait and fields.manifest.name in used:
            fields.take("spec.clusterQueue")
    mine = [fields for name, fields in cluster.items() if all_wait and name in used.values()]
    others = [fields for fields in cluster.values() if fields not in mine]
    for fields in cluster.values():
        metadata(fields)
    for fields in others:
        fields.refuse("spec", "not all workloads wait in it: the language bounds a fleet as a whole")
    for resource, name in _BOUNDED.items():
        most = _most(resource, mine, others)
        countable = name not in ("gpu", "pods") or (most is not None and whole(int(most)) == most)
        if not most or not countable or name in room.said:
            continue
        spelled = {"cpu": spelling.cores, "memory": spelling.size}.get(name, spelling.decimal)
        places = [fields.place("spec.resourceGroups") for fields in mine]
        room.say(name, f"{name} {spelled(most)}", *places, ask=_asked(mine))
        for fields in mine:
            _carried(fields.within("spec"), resource)


def _most(resource: str, mine: Sequence[Fields], others: Sequence[Fields]) -> Fraction | None:
    """The most of a resource that these queues have together, over all flavors; None where a queue has none, or no
    bound, or no figure."""
    has: dict[tuple[str, str], Fraction] = {}
    may: dict[tuple[str, str], Fraction] = {}
    for fields in mine:
        quotas = list(_quotas(fields.within("spec"), resource))
        if not quotas:
            return None
        for at, one in quotas:
            own, borrowed = _figure(one, "nominalQuota"), _figure(one, "borrowingLimit") if at[0] else Fraction(0)
            if own is None or borrowed is None:
                return None
            has[at] = has.get(at, Fraction(0)) + own
            may[at] = may.get(at, Fraction(0)) + own + borrowed
    for fields in others:
        for at, one in _quotas(fields.within("spec"), resource):
            own, lent = _figure(one, "nominalQuota"), _figure(one, "lendingLimit")
            if at in has and own is not None:
                has[at] += own if lent is None else min(own, lent)
    return sum((min(has[at], most) for at, most in may.items()), Fraction(0))


def _quotas(spec: Fields, resource: str) -> Iterator[tuple[tuple[str, str], Fields]]:
    """Those of a resource, each with the cohort, "" for none, and the flavor."""
    for group in spec.each("resourceGroups"):
        for flavor in group.each("flavors"):
            for one in flavor.each("resources"):
                if one.peek("name") == resource:
                    yield (str(spec.peek("cohortName") or ""), str(flavor.peek("name"))), one


def _figure(quota: Fields, path: str) -> Fraction | None:
    return Fraction(0) if quota.peek(path) in (0, "0") else amount(quota.peek(path))


def _carried(spec: Fields, resource: str) -> None:
    for _, one in _quotas(spec, resource):
        one.skip("name", "nominalQuota", "borrowingLimit")


def _asked(mine: Sequence[Fields]) -> str:
    if any(fields.peek("spec.cohortName") for fields in mine):
        return "may other fleets take of it, or lend to it?"
    return "" if all(_is_alone(fields) for fields in mine) else "may other fleets take of it?"


def _is_alone(fields: Fields) -> bool:
    """Whether no other namespace stands in the queue."""
    chosen = fields.peek("spec.namespaceSelector.matchLabels")
    return isinstance(chosen, Mapping) and _WHERE in chosen
