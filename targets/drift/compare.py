"""Two sets of objects to their differences, field by field and by meaning.

Quantities, durations and numbers are compared as amounts (`500m` is `0.5`), lists of named things by their names, and
what a server fills in is no difference. Invariant: a field that stands in one of the two objects only, or with another
meaning, is told exactly once, at the highest place at which it is missing as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..names import unhashed
from ..quantity import read_duration, read_quantity
from ..reading import Manifest
from ..reading.manifest import items, selects, texts
from .defaults import is_filled_in, is_handed_on, is_servers_own

_KEYS = ("name", "key", "containerPort", "port", "topologyKey", "mountPath", "type", "number")
"""By which items of a list are found again, the first that all of them have, each with another value."""
_AMOUNTS = re.compile(
    r"(.*\.)?(requests|limits|hard|max|min|default|defaultRequest)\.[^.]+(\.[^.]+)*|.*(averageValue|threshold)"
)
_DURATIONS = re.compile(
    r".*(timeout|perTryTimeout|backoff|interval|baseEjectionTime|_time|_interval|_window|[dD]uration)"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """`wanted` and `found` are None where the field is not there; `path` is "" where the whole object is missing."""

    wanted: object
    found: object
    path: str
    object: str
    expected: Manifest | None
    actual: Manifest | None

    @property
    def is_missing(self) -> bool:
        return self.actual is None

    @property
    def is_extra(self) -> bool:
        return self.expected is None


def differences(wanted: Sequence[Manifest], found: Sequence[Manifest]) -> tuple[Difference, ...]:
    """In the order of `wanted`; then objects that no document wants: those that seatrial made for this fleet, and those
    of others that act on its workloads or hosts."""
    there: dict[tuple[str, str, str], list[Manifest]] = {}
    for one in found:
        there.setdefault(key_of(one), []).append(one)
    mounted = {name for one in found for name in _mounted(one)}
    told: list[Difference] = []
    for one in wanted:
        same = there.pop(key_of(one), [])
        if not same:
            told.append(Difference(dict(one.body), None, "", one.title, one, None))
        # `kubectl apply` leaves the ConfigMaps of earlier runs behind: what agents mount is what counts.
        for other in [each for each in same if each.kind == "ConfigMap" and each.name in mounted] or same[-1:]:
            if json.dumps(one.body) == json.dumps(other.body):
                continue
            told += [
                Difference(before, after, path, one.title, one, other)
                for path, before, after in _fields(one.kind, "", one.body, other.body)
                if path not in ("apiVersion", "metadata.name")
                and not (before is None and is_handed_on(path, after, other.labels))
            ]
    fleets = {one.labels.get("app.kubernetes.io/part-of") for one in wanted} - {None}
    for other in (group[-1] for group in there.values()):
        if (other.is_ours and other.labels.get("app.kubernetes.io/part-of") in fleets) or _acts_on(other, wanted):
            told.append(Difference(None, dict(other.body), "", other.title, None, other))
    return tuple(told)


def _acts_on(other: Manifest, wanted: Sequence[Manifest]) -> bool:
    """Whether an object of somebody else's has a say in what ours decide: an autoscaler of one of the workloads, a
    disruption budget of its pods, a rule for one of the hosts. What another object owns, as KEDA its autoscalers, is
    that one's."""
    spec = other.body.get("spec")
    if not isinstance(spec, Mapping) or other.metadata.get("ownerReferences"):
        return False
    match other.kind:
        case "HorizontalPodAutoscaler" | "ScaledObject":
            target = spec.get("scaleTargetRef")
            name = target.get("name") if isinstance(target, Mapping) else None
            kind = (target.get("kind") if isinstance(target, Mapping) else None) or "Deployment"
            return any((one.kind, one.name) == (kind, name) for one in wanted)
        case "PodDisruptionBudget":
            chosen = spec.get("selector")
            labels = texts(chosen.get("matchLabels")) if isinstance(chosen, Mapping) else {}
            return any(one.kind == "Deployment" and selects(labels, _pod_labels(one)) for one in wanted)
        case "DestinationRule" | "VirtualService":
            said = spec.get("hosts", [spec.get("host")])
            hosts = {str(one) for one in said} if isinstance(said, list) else set()
            return any(
                hosts & {one.name, f"{one.name}.{one.namespace}", f"{one.name}.{one.namespace}.svc.cluster.local"}
                for one in wanted
                if one.kind == "Service"
            )
    return False


def _pod_labels(one: Manifest) -> dict[str, str]:
    return texts(_at(one.body, "spec", "template", "metadata", "labels"))


def _mounted(one: Manifest) -> Iterator[str]:
    """The ConfigMaps that its pods mount."""
    for volume in items(_at(one.body, "spec", "template", "spec", "volumes")):
        yield str(_at(volume, "configMap", "name"))


def _at(node: object, *way: str) -> object:
    for name in way:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def key_of(one: Manifest) -> tuple[str, str, str]:
    return one.group, one.kind, unhashed(one.name) if one.kind == "ConfigMap" else one.name


def _fields(kind: str, path: str, wanted: object, found: object) -> Iterator[tuple[str, object, object]]:
    if is_servers_own(path) or (found is None and wanted in ([], None)):
        return
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys((*wanted, *found)):
            yield from _fields(kind, f"{path}.{name}" if path else str(name), wanted.get(name), found.get(name))
    elif _is_list(wanted) and _is_list(found):
        yield from _items(kind, path, wanted, found)
    elif wanted is None and (is_filled_in(kind, path, found) or found == []):
        return
    elif wanted is None and isinstance(found, Mapping):
        # An object that a server made of defaults alone is one. An empty one may say much: `outlierDetection: {}`.
        inner = [one for name, value in found.items() for one in _fields(kind, f"{path}.{name}", None, value)]
        if inner or not found:
            yield path, None, found
    elif not _same(path, wanted, found):
        yield path, wanted, found


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _items(kind: str, path: str, wanted: object, found: object) -> Iterator[tuple[str, object, object]]:
    assert isinstance(wanted, Sequence) and isinstance(found, Sequence)
    key = next((name for name in _KEYS if _tells_apart(name, wanted) and _tells_apart(name, found)), None)
    if key is None:
        if all(isinstance(one, Mapping) for one in (*wanted, *found)) and len(wanted) == len(found):
            for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
                yield from _fields(kind, f"{path}[{index}]", one, other)
        elif not _same(path, list(wanted), list(found)):
            yield path, list(wanted), list(found)
        return
    before = {one[key]: one for one in wanted}
    after = {one[key]: one for one in found}
    for name in dict.fromkeys((*before, *after)):
        yield from _fields(kind, f"{path}[{name}]", before.get(name), after.get(name))


def _tells_apart(name: str, items: Sequence[object]) -> bool:
    found = [one.get(name) if isinstance(one, Mapping) else None for one in items]
    return all(isinstance(one, str | int) for one in found) and len(set(found)) == len(found)


def _same(path: str, wanted: object, found: object) -> bool:
    if wanted == found and isinstance(wanted, bool) == isinstance(found, bool):
        return True
    if isinstance(wanted, str) and isinstance(found, str):
        if wanted[:1] in "{[" and found[:1] in "{[" and _same_json(wanted, found):
            return True
        if unhashed(found) == wanted and path.endswith("configMap.name"):
            return True
    plain = re.sub(r"\[[^\]]*\]", "", path)
    if _AMOUNTS.fullmatch(plain):
        amount = read_quantity(wanted)
        return amount is not None and amount == read_quantity(found)
    if _DURATIONS.fullmatch(plain):
        lasting = read_duration(wanted)
        return lasting is not None and lasting == read_duration(found)
    return False


def _same_json(wanted: str, found: str) -> bool:
    try:
        return bool(_bare(json.loads(wanted)) == _bare(json.loads(found)))
    except ValueError:
        return False


def _bare(document: object) -> object:
    """The runtime document without what says by which version and from which text it was made."""
    if isinstance(document, dict) and str(document.get("schema", "")).startswith("seatrial/"):
        return {name: value for name, value in document.items() if name not in ("version", "digest", "spec", "made")}
    return document
