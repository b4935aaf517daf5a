"""What of a compiled fleet's own objects the spec that was read from them would write otherwise.

What was read is compiled again and compared with the objects of its namespace that carry seatrial's mark. Invariant: a
field of such an object that somebody has changed by hand is carried by a clause, or it is listed, whether a reader
knows it or not.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from seatrial.compiler.lower import lower
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read as clauses_of
from seatrial.compiler.plan import Plan
from seatrial.dsl.source import Source
from seatrial.targets.drift import Difference, differences
from seatrial.targets.reading import CLUSTER_WIDE, READ, Left, Manifest, Place, Reading

from .emitted import compiled

_MARKS = (
    ("runtime", '"fleet-runtime'),
    ("istio", "istio.io/"),
    ("istio", '"istio-injection"'),
    ("keda", '"keda.sh/'),
    ("kueue", '"kueue.x-k8s.io/'),
    ("dapr", '"dapr.io/'),
    ("ai-gateway", '"gateway.envoyproxy.io/'),
    ("gateway-api", '"gateway.networking.k8s.io/'),
)
"""A target, and what stands in objects only where it was asked for: kinds of its own, its labels and annotations."""
_OF_GUARANTEES = "sidecar.istio.io/statsHistogramBuckets"
"""Buckets stand at the bounds of objectives, which no object that is read holds."""
_ITEM = re.compile(r"\[[^\]]*\]")
_LONGEST = 60


def rewritten(reading: Reading, text: str, manifests: Sequence[Manifest], namespace: str) -> tuple[Left, ...]:
    """`text`: the spec of the reading, which is of the objects of `namespace`. Nothing where none of them, or of the
    cluster's, is a compiled one."""
    ours = [one for one in manifests if one.is_ours and (one.group, one.kind) in READ]
    ours = [one for one in ours if one.namespace in ("", namespace)]
    made = _planned(text) if ours else None
    if made is None:
        return ()
    fleet = _fleet(ours, namespace)
    # A demand that stands for unknown callers enters by no gateway.
    assumed = {edge.caller for edge in reading.edges if edge.from_demand and edge.ask}
    made = replace(
        made,
        fleet=fleet,
        demands=tuple(one for one in made.demands if one.name not in assumed),
        calls=tuple(one for one in made.calls if one.caller not in assumed),
    )
    mine = [one for one in ours if one.kind not in CLUSTER_WIDE or _part_of(one) == fleet]
    wanted = {_key(one): one for one in compiled(made, _targets(mine))}
    # The cluster's own may be another fleet's, unless this one has to have it.
    mine += [one for one in ours if one.kind in CLUSTER_WIDE and _part_of(one) != fleet and _key(one) in wanted]
    listed = _values(reading.left)
    left = [
        Left(Place(one.file, one.line, one.title, told.path), told.found, _why(told))
        for one in mine
        for told in _told(wanted.get(_key(one)), one)
        if told.expected is None or not told.path.endswith(_OF_GUARANTEES)
    ]
    return tuple(one for one in left if not _is_listed(one, listed))


def _fleet(ours: Sequence[Manifest], namespace: str) -> str:
    """What most of the namespace's own objects are a part of."""
    near = [one for one in ours if one.namespace == namespace] or ours
    return Counter(map(_part_of, near)).most_common(1)[0][0]


def _part_of(one: Manifest) -> str:
    return one.labels.get("app.kubernetes.io/part-of", "")


def _planned(text: str) -> Plan | None:
    found = clauses_of(Source("imported.fleet", text))
    fleet, _ = resolve(found.clauses, {})
    return None if fleet is None else lower(fleet, (), "", "")


def _targets(ours: Sequence[Manifest]) -> tuple[str, ...]:
    text = json.dumps([one.body for one in ours], default=str)
    return ("kubernetes", *dict.fromkeys(name for name, mark in _MARKS if mark in text))


def _key(one: Manifest) -> tuple[str, str, str]:
    return one.group, one.kind, one.name


def _told(wanted: Manifest | None, found: Manifest) -> Iterator[Difference]:
    if found.kind == "ConfigMap":
        return
    if wanted is None:
        yield Difference(None, None, "", found.title, None, found)
        return
    yield from differences([wanted], [found])


def _why(told: Difference) -> str:
    if told.expected is None:
        return "the spec compiles to no such object"
    if told.wanted is None:
        return "a compiled one does not have it"
    text = json.dumps(told.wanted, ensure_ascii=False, default=str)
    return f"a compiled one has {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"


def _object(at: Place) -> tuple[str, int, str]:
    """Another namespace may have one of the same name."""
    return at.file, at.line, at.object


def _values(left: Sequence[Left]) -> dict[tuple[str, int, str], list[tuple[str, str]]]:
    """The paths and values that are told already, by their objects."""
    found: dict[tuple[str, int, str], list[tuple[str, str]]] = {}
    for one in left:
        pair = _ITEM.sub("[]", one.place.path), json.dumps(one.value, default=str)
        found.setdefault(_object(one.place), []).append(pair)
    return found


def _is_listed(one: Left, listed: Mapping[tuple[str, int, str], Sequence[tuple[str, str]]]) -> bool:
    """Whether it is told already, by itself or within something larger; a whole object, by any of its fields."""
    path, value = _ITEM.sub("[]", one.place.path), json.dumps(one.value, default=str)
    return any(
        not path or (f"{path}.".startswith(f"{at}.") and value in around)
        for at, around in listed.get(_object(one.place), ())
    )
