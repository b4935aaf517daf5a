"""What of a compiled fleet's own objects the spec that was read from them would write otherwise.

What was read is compiled again and compared with the objects that carry seatrial's mark. Invariant: a field of such an
object that somebody has changed by hand is carried by a clause, or it is listed, whether a reader knows it or not.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from seatrial.compiler.lower import lower
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read as clauses_of
from seatrial.compiler.plan import Plan
from seatrial.dsl.source import Source
from seatrial.targets.drift import Difference, differences
from seatrial.targets.reading import READ, Left, Manifest, Place, Reading

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


def rewritten(reading: Reading, text: str, manifests: Sequence[Manifest]) -> tuple[Left, ...]:
    """`text`: the spec of the reading. Nothing where no object is a compiled one."""
    ours = [one for one in manifests if one.is_ours and (one.group, one.kind) in READ]
    made = _planned(text) if ours else None
    if made is None:
        return ()
    fleets = Counter(one.labels.get("app.kubernetes.io/part-of", "") for one in ours)
    # A demand that stands for unknown callers enters by no gateway.
    assumed = {edge.caller for edge in reading.edges if edge.from_demand and edge.ask}
    made = replace(
        made,
        fleet=fleets.most_common(1)[0][0],
        demands=tuple(one for one in made.demands if one.name not in assumed),
        calls=tuple(one for one in made.calls if one.caller not in assumed),
    )
    wanted = {_key(one): one for one in compiled(made, _targets(ours))}
    left = [
        Left(Place(one.file, one.line, one.title, told.path), told.found, _why(told))
        for one in ours
        for told in _told(wanted.get(_key(one)), one)
        if told.expected is None or not told.path.endswith(_OF_GUARANTEES)
    ]
    return tuple(one for one in left if not _is_listed(one, reading.left))


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


def _is_listed(one: Left, left: Sequence[Left]) -> bool:
    """Whether it is told already, by itself or within something larger; a whole object, by any of its fields."""
    path, value = _ITEM.sub("[]", one.place.path), json.dumps(one.value, default=str)
    for other in left:
        if other.place.object != one.place.object:
            continue
        at = _ITEM.sub("[]", other.place.path)
        if not path or (f"{path}.".startswith(f"{at}.") and value in json.dumps(other.value, default=str)):
            return True
    return False
