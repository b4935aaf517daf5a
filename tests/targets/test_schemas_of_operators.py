"""What KEDA, Kueue and prometheus-operator are given is within closed schemas, written by hand from their CRDs.

Compiled validators judge it: an order of magnitude faster, so that every document of every spec can be looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from seatrial.compiler.plan import Plan

from .emitted import CASES, read
from .test_keda_and_kueue import fleet

SCHEMAS = Path(__file__).parent / "schemas_of_operators"
NAMES = ("kubernetes", "istio", "runtime", "prometheus", "keda", "kueue")
VALIDATORS = {
    path.name.removesuffix(".schema.json"): jsonschema_rs.validator_for(json.loads(path.read_text()))
    for path in sorted(SCHEMAS.glob("*.schema.json"))
}
MAKERS: dict[str, Callable[[], Plan]] = {**CASES, "queued": fleet}


def objects(plan: Plan) -> Iterator[Any]:
    for folder in ("keda/", "kueue/", "prometheus/"):
        for body in read(plan, folder, NAMES).values():
            if isinstance(body, dict) and "kind" in body and "kustomize" not in body["apiVersion"]:
                yield body


@pytest.mark.parametrize("case", MAKERS)
def test_objects_hold_only_fields_and_values_that_their_operators_know(case: str) -> None:
    for body in objects(MAKERS[case]()):
        VALIDATORS[body["kind"].lower()].validate(body)


def test_every_schema_is_of_something_that_is_emitted() -> None:
    assert {body["kind"].lower() for make in MAKERS.values() for body in objects(make())} == set(VALIDATORS)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("ScaledObject", lambda body: body["spec"].update(minReplicaCount=0)),
        ("ScaledObject", lambda body: body["spec"].update(cooldownPeriod=3)),
        ("ScaledObject", lambda body: body["spec"]["triggers"][0]["metadata"].update(ignoreNullValues="true")),
        ("ScaledObject", lambda body: body["spec"]["fallback"].update(behavior="static")),
        ("ClusterQueue", lambda body: body["spec"]["preemption"].update(withinClusterQueue="Always")),
        ("ClusterQueue", lambda body: body["spec"].update(cohort="support")),
        ("ClusterQueue", lambda body: body["spec"]["resourceGroups"][0].update(flavors=[])),
        ("PrometheusRule", lambda body: body["spec"]["groups"][0]["rules"][0].update({"for": "0s"})),
        ("PrometheusRule", lambda body: body["spec"]["groups"][0]["rules"][0]["labels"].pop("fleet")),
        ("LocalQueue", lambda body: body["metadata"].pop("namespace")),
        ("WorkloadPriorityClass", lambda body: body.update(value="high")),
        ("ResourceFlavor", lambda body: body["spec"]["tolerations"][0].update(effect="NoExecute")),
    ],
)
def test_the_schemas_refuse_what_an_operator_would_take_amiss(kind: str, change: Callable[[Any], object]) -> None:
    found = next(body for make in MAKERS.values() for body in objects(make()) if body["kind"] == kind)
    broken = deepcopy(found)
    change(broken)
    assert broken != found
    assert not VALIDATORS[kind.lower()].is_valid(broken)
