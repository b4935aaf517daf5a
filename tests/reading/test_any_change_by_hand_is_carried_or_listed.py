"""Any single field of a compiled object that somebody changed is carried by a clause of the import, or listed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial import __version__
from seatrial.cli.emitted import compiled
from seatrial.cli.rewritten import rewritten
from seatrial.compiler.pipeline import plan
from seatrial.loading import load
from seatrial.targets.reading import READ, Manifest, read, text_of
from tests.scalars import Path as Way
from tests.scalars import other, pattern, put, scalars

SPECS = Path(__file__).parents[2] / "specs"
CASES = {
    "support": ("support.fleet", ()),
    "support, asked for": ("support.fleet", ("keda", "kueue", "dapr", "ai-gateway")),
    "support, entered by the Gateway API": ("support.fleet", ("gateway-api",)),
    "node classes": ("requirements/R04.fleet", ()),
    "node classes in queues": ("requirements/R04.fleet", ("kueue",)),
    "locked doors": ("requirements/R34.fleet", ()),
}
IGNORED = {
    # A group says what an object is, and not in which version it is written.
    "apiVersion",
    # The mark of compiled objects: without it an object is somebody else's, and read as such.
    "metadata.labels.app.kubernetes.io/managed-by",
}


@cache
def _objects(case: str) -> tuple[Manifest, ...]:
    name, more = CASES[case]
    given = load(SPECS / name)
    made = plan(given.checked, given.assets, __version__)
    assert made is not None
    objects = compiled(made, ("runtime", "kubernetes", "istio", *more))
    # What is not read is listed as a whole, and so is the runtime document, whatever stands in it.
    return tuple(one for one in objects if (one.group, one.kind) in READ and one.kind != "ConfigMap")


def _namespace(objects: Sequence[Manifest]) -> str:
    return next(one.namespace for one in objects if one.namespace)


def _imported(objects: tuple[Manifest, ...]) -> str:
    """All that an import tells."""
    namespace = _namespace(objects)
    found = read(objects, "support", namespace)
    text = text_of(found)
    found = replace(found, left=(*found.left, *rewritten(found, text, objects, namespace)))
    left = [(str(one.place), repr(one.value), one.why) for one in found.left]
    return json.dumps([text, left, found.clashes, found.notes])


@cache
def _unchanged(case: str) -> str:
    return _imported(_objects(case))


def _is_told(case: str, number: int, way: Way, value: object) -> bool:
    objects = _objects(case)
    one = objects[number]
    changed = Manifest(put(one.body, way, value), one.file, one.line)
    return _imported((*objects[:number], changed, *objects[number + 1 :])) != _unchanged(case)


def _fields(case: str) -> list[tuple[int, Way, object]]:
    """One of a kind: the first object of each kind that has it."""
    found: dict[tuple[str, str], tuple[int, Way, object]] = {}
    for number, one in enumerate(_objects(case)):
        for way, value in scalars(one.body):
            if pattern(way) not in IGNORED:
                found.setdefault((one.kind, pattern(way)), (number, way, value))
    return list(found.values())


@pytest.mark.parametrize("case", CASES)
def test_what_nobody_changed_is_carried_as_a_whole(case: str) -> None:
    objects = _objects(case)
    found = read(objects, "support", _namespace(objects))
    assert rewritten(found, text_of(found), objects, _namespace(objects)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_every_field_that_is_changed_is_carried_or_listed(case: str) -> None:
    silent = [
        f"{_objects(case)[number].title} {pattern(way)}"
        for number, way, value in _fields(case)
        if not _is_told(case, number, way, other(value))
    ]
    assert silent == []


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_field_that_is_changed_is_carried_or_listed(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(["support", "node classes", "locked doors"]))
    number, way, value = data.draw(st.sampled_from(_fields(case)))
    assert _is_told(case, number, way, other(value)), (_objects(case)[number].title, way)


@pytest.mark.parametrize(
    ("kind", "path", "listed"),
    [
        ("Deployment", ("spec", "template", "metadata", "annotations"), "sidecar.istio.io/proxyCPU"),
        ("Deployment", ("spec", "template", "spec", "volumes", 0), "fleet-runtime"),
        ("Deployment", ("spec", "template", "spec", "topologySpreadConstraints", 0), "whenUnsatisfiable"),
        ("EnvoyFilter", ("spec",), "configPatches"),
        ("NetworkPolicy", ("spec",), "podSelector"),
        ("AuthorizationPolicy", ("spec",), "principals"),
    ],
)
def test_without_the_mark_of_compiled_objects_nothing_is_taken_for_one(kind: str, path: Way, listed: str) -> None:
    case = "locked doors" if kind in ("NetworkPolicy", "AuthorizationPolicy") else "support"
    objects = list(_objects(case))
    number, one = next((number, one) for number, one in enumerate(objects) if one.kind == kind and one.name != "shut")
    mark = ("metadata", "labels", "app.kubernetes.io/managed-by")
    objects[number] = Manifest(put(one.body, mark, "Helm"), one.file, one.line)
    found = read(objects, "support", _namespace(objects))
    mine = [each for each in found.left if each.place.object == one.title]
    assert listed in json.dumps([[each.place.path, each.value] for each in mine]), mine
