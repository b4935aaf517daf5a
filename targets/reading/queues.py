"""Kueue's queues to the room that a fleet has, where all of its workloads wait in them.

Turns the quotas of ClusterQueues, with what they may borrow, into the bounds of `namespace`. Invariant: a quota that
bounds a part of the fleet, or that nothing bounds, is listed; so is how queues share among themselves.

Source: Kueue v1beta2, "Cluster Queue" (`borrowingLimit`: without one a queue of a cohort may borrow all that is free),
"Local Queue", "Run Deployments" (the label of a workload's queue).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    bounds = [_bounds(fields.within("spec")) for fields in mine]
    for fields in cluster.values():
        metadata(fields)
        if fields not in mine:
            fields.refuse("spec", "not all workloads wait in it: the language bounds a fleet as a whole")
    for resource, name in _BOUNDED.items():
        parts = [one[resource] for one in bounds if resource in one]
        if not mine or len(parts) < len(mine) or name in room.said:
            continue
        spelled = {"cpu": spelling.cores, "memory": spelling.size}.get(name, spelling.decimal)
        places = [fields.place("spec.resourceGroups") for fields in mine]
        ask = "" if all(_is_alone(fields) for fields in mine) else "may other fleets take of it?"
        room.say(name, f"{name} {spelled(sum(parts, Fraction(0)))}", *places, ask=ask)
        for fields in mine:
            _carried(fields.within("spec"), resource)


def _bounds(spec: Fields) -> dict[str, Fraction]:
    """The most of each resource, over all flavors; without those that are not bounded or no figures."""
    found: dict[str, Fraction | None] = {}
    for one in _resources(spec):
        name, nominal, limit = str(one.peek("name")), one.peek("nominalQuota"), one.peek("borrowingLimit")
        most = Fraction(0) if nominal in (0, "0") else amount(nominal)
        if spec.peek("cohortName") is not None and most is not None:
            more = Fraction(0) if limit in (0, "0") else amount(limit)
            most = None if more is None else most + more
        before = found.get(name, Fraction(0))
        found[name] = None if before is None or most is None else before + most
    counted = (GPU, "pods")
    return {name: most for name, most in found.items() if most and (name not in counted or whole(int(most)) == most)}


def _resources(spec: Fields) -> list[Fields]:
    return [
        one
        for group in spec.each("resourceGroups")
        for flavor in group.each("flavors")
        for one in flavor.each("resources")
    ]


def _carried(spec: Fields, resource: str) -> None:
    for one in _resources(spec):
        if one.peek("name") == resource:
            one.skip("name", "nominalQuota", "borrowingLimit")


def _is_alone(fields: Fields) -> bool:
    """Whether no other namespace stands in the queue."""
    chosen = fields.peek("spec.namespaceSelector.matchLabels")
    return isinstance(chosen, Mapping) and _WHERE in chosen and fields.peek("spec.cohortName") is None
