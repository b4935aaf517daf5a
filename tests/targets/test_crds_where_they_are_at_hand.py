"""What is emitted for Istio, the Gateway API and operators, under the schemas of their own CustomResourceDefinitions.

`SEATRIAL_CRDS` names a folder with them, as releases publish them; they are too large to be kept here. Unknown fields
count as wrong, as an API server with strict validation has it. Rules in CEL are the API server's to judge.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction as F
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_rates import AdmitPlan, WarmUpPlan

from . import plans
from .emitted import CASES, read

FOLDERS = [Path(one) for one in os.environ.get("SEATRIAL_CRDS", "").split(os.pathsep) if one]
TARGETS = ("kubernetes", "istio", "gateway-api", "keda", "kueue", "dapr")

pytestmark = pytest.mark.skipif(not FOLDERS, reason="SEATRIAL_CRDS names no folder of CustomResourceDefinitions")


def rated() -> Plan:
    """A call with all that a caller may say of how much it sends, and to whom."""
    call = plans.call("a", "b", admit=AdmitPlan(F(40), 80), warm_up=WarmUpPlan(F(30), F(1, 5)))
    return plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(call,))


PLANS = {**CASES, "rated": rated}


@cache
def schemas() -> dict[tuple[str, str, str], Any]:
    """By group, version and kind."""
    found = {}
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*.y*ml")):
        for one in yaml.load_all(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if not isinstance(one, dict) or one.get("kind") != "CustomResourceDefinition":
                continue
            for version in one["spec"]["versions"]:
                schema = version["schema"]["openAPIV3Schema"]
                _close(schema.get("properties", {}).get("spec"))
                # The metadata of any object is Kubernetes' own.
                schema.get("properties", {})["metadata"] = {"type": "object"}
                key = (one["spec"]["group"], version["name"], one["spec"]["names"]["kind"])
                found[key] = jsonschema.Draft7Validator(schema)
    return found


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        kept = schema.get("x-kubernetes-preserve-unknown-fields")
        if schema.get("type") == "object" and "properties" in schema and not kept:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


def judged(plan: Plan) -> Iterator[tuple[str, Any, Any]]:
    for more in (("istio", "kubernetes"), TARGETS):
        for path, body in read(plan, "", more).items():
            group, _, version = str(body.get("apiVersion", "")).rpartition("/")
            known = schemas().get((group, version, str(body.get("kind"))))
            if known is not None:
                yield path, body, known


@pytest.mark.parametrize("case", PLANS)
def test_each_object_is_what_its_own_definition_says(case: str) -> None:
    found = list(judged(PLANS[case]()))
    assert any(body["kind"] == "DestinationRule" for _, body, _ in found), "Istio's definitions are in the folder"
    wrong = [
        f"{path} {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for path, body, known in found
        for error in known.iter_errors(body)
    ]
    assert wrong == []


def test_a_field_that_is_not_there_is_noticed() -> None:
    _, body, known = next(one for one in judged(rated()) if one[1]["kind"] == "DestinationRule")
    assert not list(known.iter_errors(body))
    body["spec"]["trafficPolicy"]["loadBalancer"]["warmup"]["speed"] = 1
    assert list(known.iter_errors(body))
