"""Two compiled fleets in two namespaces: what an import tells of one does not depend on the other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from seatrial import __version__
from seatrial.cli.emitted import compiled
from seatrial.cli.rewritten import rewritten
from seatrial.compiler.pipeline import plan
from seatrial.loading import load
from seatrial.targets.reading import Left, Manifest, read, text_of
from tests.scalars import Path as Way
from tests.scalars import put

from .mutated import imported
from .test_token_buckets_that_are_read import deployment

SPEC = Path(__file__).parents[2] / "specs" / "support.fleet"
TARGETS = ("runtime", "kubernetes", "istio")


@cache
def objects(fleet: str) -> tuple[Manifest, ...]:
    given = load(SPEC)
    made = plan(given.checked, given.assets, __version__)
    assert made is not None
    found = compiled(replace(made, fleet=fleet), TARGETS)
    return tuple(Manifest(one.body, f"{fleet}/{one.file}", one.line) for one in found)


def others(one: Left) -> bool:
    return one.why in ("it is in namespace other", "it is another namespace than the fleet's")


def told(given: tuple[Manifest, ...]) -> tuple[str, list[Left], tuple[Left, ...]]:
    found = read(given, "support", "support")
    text = text_of(replace(found, left=(), objects=0))
    return text, [one for one in found.left if not others(one)], rewritten(found, text, given, "support")


@pytest.mark.parametrize("first", ["support", "other"])
def test_a_fleet_beside_another_is_told_as_it_is_alone(first: str) -> None:
    ours, theirs = objects("support"), objects("other")
    both = (*ours, *theirs) if first == "support" else (*theirs, *ours)
    assert told(both) == told(ours)
    assert told(ours)[2] == ()


@pytest.mark.parametrize("first", ["support", "other"])
@pytest.mark.parametrize(
    ("kind", "way", "value"),
    [
        ("Deployment", ("spec", "template", "spec", "terminationGracePeriodSeconds"), 977),
        ("ServiceAccount", ("automountServiceAccountToken",), True),
        ("PriorityClass", ("metadata", "labels", "app.kubernetes.io/part-of"), "other"),
        ("Namespace", ("metadata", "labels", "istio-injection"), "disabled"),
    ],
)
def test_what_is_changed_by_hand_is_told_beside_another_as_it_is_alone(
    kind: str, way: Way, value: object, first: str
) -> None:
    ours, theirs = list(objects("support")), objects("other")
    number = next(number for number, one in enumerate(ours) if one.kind == kind)
    ours[number] = Manifest(put(ours[number].body, way, value), ours[number].file, ours[number].line)
    alone = told(tuple(ours))
    assert alone != told(objects("support"))
    assert told((*ours, *theirs) if first == "support" else (*theirs, *ours)) == alone


@pytest.mark.parametrize("name", ["shop", "bank"])
def test_the_mesh_of_another_namespace_has_no_say(name: str) -> None:
    web, api = deployment("web"), deployment("api")
    web["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "API", "value": "http://api:8080"}]
    meta = {"name": name, "labels": {"istio-injection": "enabled"}}
    found = imported([{"apiVersion": "v1", "kind": "Namespace", "metadata": meta}, web, api], "shop", "shop")
    assert ("retry 2" in found.text) == (name == "shop")
    assert (("Namespace/bank", "") in found.left) == (name == "bank")
