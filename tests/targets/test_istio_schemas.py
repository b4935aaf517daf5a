"""Every Istio document is within a closed schema of its kind, written by hand from Istio's reference and CRDs."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from seatrial.compiler.plan import Plan

from .emitted import CASES, read
from .test_envoy_accepts_the_bootstrap import edges

SCHEMAS = Path(__file__).parent / "schemas"


def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind.lower()}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("make", [*CASES.values(), edges], ids=[*CASES, "edges"])
def test_documents_hold_only_fields_and_values_that_istio_knows(make: Callable[[], Plan]) -> None:
    bodies = read(make(), "istio/")
    assert bodies
    for body in bodies.values():
        validator(body["kind"]).validate(body)


def test_all_kinds_are_emitted_somewhere() -> None:
    kinds = {body["kind"].lower() for make in CASES.values() for body in read(make(), "istio/").values()}
    assert kinds == {path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json")}


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("DestinationRule", lambda spec: spec["trafficPolicy"]["outlierDetection"].update(maxEjectionPercent=0)),
        ("DestinationRule", lambda spec: spec["trafficPolicy"]["outlierDetection"].update(interval="30")),
        ("DestinationRule", lambda spec: spec["trafficPolicy"].update(retryBudgets={})),
        ("DestinationRule", lambda spec: spec.pop("workloadSelector")),
        ("VirtualService", lambda spec: spec["http"][0].pop("retries")),
        ("VirtualService", lambda spec: spec["http"][0].update(timeout="0s")),
        ("EnvoyFilter", lambda spec: spec["configPatches"][0]["patch"].update(operation="ADD")),
    ],
)
def test_the_schemas_refuse_what_istio_would_take_amiss(kind: str, change: Callable[[Any], object]) -> None:
    bodies = [body for body in read(CASES["support"](), "istio/").values() if body["kind"] == kind]
    full = max(bodies, key=lambda body: len(json.dumps(body)))
    broken = deepcopy(full)
    change(broken["spec"])
    assert broken != full
    with pytest.raises(ValidationError):
        validator(kind).validate(broken)
