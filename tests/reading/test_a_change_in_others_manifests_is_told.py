"""Any single value of manifests as others write them that is another changes what an import tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.cli.manifests import gathered
from seatrial.targets.reading import Manifest, namespaces, read, text_of
from tests.scalars import other, pattern, put, scalars

FOLDERS = Path(__file__).parent / "folders"
IGNORED = {
    # A group says what an object is, and not in which version it is written.
    "apiVersion",
    "spec.scaleTargetRef.apiVersion",
    # By labels and names objects find one another; whether they do is tested by what they say then.
    "metadata.name",
    "spec.selector.matchLabels",
    "spec.template.metadata.labels",
    "metadata.labels",
    # What a container is called is its own; which one is the agent is told by which stands first.
    "spec.template.spec.containers.*.name",
}
NOT_READ = ("Job",)
"""Listed as a whole, whatever stands in them."""


def _told(objects: list[Manifest]) -> str:
    found = read(objects, "shop", next(iter(namespaces(objects)), ""))
    left = [(str(one.place), repr(one.value), one.why) for one in found.left]
    return json.dumps([text_of(found), left, found.clashes, found.notes])


@pytest.mark.parametrize("source", ["shop", "workers", "staged/base", "chart.yaml"])
def test_a_value_that_is_another_is_told(source: str) -> None:
    objects = list(gathered([FOLDERS / source]).manifests)
    before = _told(objects)
    tried: set[tuple[str, str]] = set()
    for number, one in enumerate(objects):
        for path, value in scalars(one.body):
            name = pattern(path)
            known = any(name == each or name.startswith(f"{each}.") for each in IGNORED)
            if known or one.kind in NOT_READ or (one.kind, name) in tried:
                continue
            tried.add((one.kind, name))
            # Of few agents several shares are the same whole number.
            changed = "0%" if str(value).endswith("%") else other(value)
            after = list(objects)
            after[number] = Manifest(put(one.body, path, changed), one.file, one.line)
            assert _told(after) != before, f"{one.title} {name}"
    assert len(tried) > 3


def test_a_service_of_another_name_than_its_pool_is_told() -> None:
    objects = list(gathered([FOLDERS / "shop"]).manifests)
    number, one = next((number, one) for number, one in enumerate(objects) if one.kind == "Service")
    objects[number] = Manifest(put(one.body, ("metadata", "name"), "front-door"), one.file, one.line)
    found = read(objects, "shop", next(iter(namespaces(objects)), ""))
    (left,) = (each for each in found.left if each.place.object == "Service/front-door" and "name" in each.place.path)
    assert "are called as" in left.why
