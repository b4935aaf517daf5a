"""The Kueue objects that a fleet was compiled to, back to the node classes that they were made of.

Invariant: only what the queues of the fleet lead to is read; what is not is listed. All else of these objects follows
from the pools, so that a change by hand is found where the spec is compiled again.

Source: `targets/kueue`: the nominal quotas of a flavor in the cohort and in its queues are what all nodes of a class
have; a pool's priority is that of its PriorityClass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..names import GPU, NODES_LABEL
from . import spelling
from .common import metadata
from .figures import amount
from .manifest import Fields, texts

KINDS = ("ClusterQueue", "LocalQueue", "Cohort", "ResourceFlavor", "WorkloadPriorityClass")
_PRIORITY = "kueue.x-k8s.io/priority-class"


@dataclass(frozen=True, slots=True)
class NodeClass:
    """What its nodes have together; `memory` in bytes."""

    name: str
    cores: Fraction
    memory: Fraction
    gpus: Fraction


def own_queues(found: Mapping[str, Sequence[Fields]], workloads: Sequence[Fields]) -> tuple[NodeClass, ...]:
    """The node classes, in their order of preference; none where a quota is no figure. `found`: by kind."""
    names = {fields.manifest.labels.get(_PRIORITY, "") for fields in workloads}
    classes = _named("WorkloadPriorityClass", names, found)
    local = list(found.get("LocalQueue", ()))
    queues = _named("ClusterQueue", {str(one.peek("spec.clusterQueue")) for one in local}, found)
    cohorts = _named("Cohort", {str(one.peek("spec.cohortName")) for one in queues}, found)
    quotas = [quota for fields in (*cohorts, *queues) for quota in _quotas(fields)]
    flavors = _named("ResourceFlavor", {flavor for flavor, _, _ in quotas}, found)
    reached = {id(one) for one in (*classes, *local, *queues, *cohorts, *flavors)}
    for fields in (one for kind in KINDS for one in found.get(kind, ())):
        metadata(fields)
        if id(fields) in reached:
            fields.skip("spec", "value", "description")
        else:
            fields.refuse_whole("no queue of the fleet leads to it")
    if any(quota is None for _, _, quota in quotas):
        return ()
    labels = {one.manifest.name: texts(one.peek("spec.nodeLabels")).get(NODES_LABEL, "") for one in flavors}
    made = (
        NodeClass(name, *(_all(quotas, flavor, resource) for resource in ("cpu", "memory", GPU)))
        for flavor in dict.fromkeys(flavor for flavor, _, _ in quotas)
        if spelling.is_name(name := labels.get(flavor, ""))
    )
    # A quota of nothing stops who waits in it, and says nothing of the nodes.
    return tuple(one for one in made if one.cores > 0 and one.memory > 0)


def _named(kind: str, names: set[str], found: Mapping[str, Sequence[Fields]]) -> list[Fields]:
    return [one for one in found.get(kind, ()) if one.manifest.name in names]


def _quotas(fields: Fields) -> Iterator[tuple[str, str, Fraction | None]]:
    for group in fields.each("spec.resourceGroups"):
        for flavor in group.each("flavors"):
            for one in flavor.each("resources"):
                nominal = one.peek("nominalQuota")
                yield (
                    str(flavor.peek("name")),
                    str(one.peek("name")),
                    Fraction(0) if nominal == "0" else amount(nominal),
                )


def _all(quotas: Sequence[tuple[str, str, Fraction | None]], flavor: str, resource: str) -> Fraction:
    mine = (quota for of, name, quota in quotas if (of, name) == (flavor, resource))
    return sum((quota for quota in mine if quota is not None), Fraction(0))
