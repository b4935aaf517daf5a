"""What is written for runtimes and gateways of others is within a closed schema of each document, written by hand."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from seatrial.compiler.plan import RetryPlan

from . import plans
from .emitted import CASES, OTHERS, read

SCHEMAS = Path(__file__).parent / "schemas_of_others"
FOLDERS = ("dapr/", "litellm/", "ai-gateway/", "agentgateway/", "kafka/", "gateway-api/", "argocd/")
MAKERS = {**CASES, "shared": plans.shared}


def bodies(case: str) -> dict[str, Any]:
    """By the name of the schema; of two documents of a kind the longer."""
    found: dict[str, Any] = {}
    for path, body in read(MAKERS[case](), "", OTHERS).items():
        if path.startswith(FOLDERS) and not path.endswith("kustomization.yaml"):
            name = body.get("kind", Path(path).stem).lower()
            found[name] = max(found.get(name, body), body, key=lambda one: len(json.dumps(one)))
    return found


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("case", MAKERS)
def test_documents_hold_only_what_their_readers_know(case: str) -> None:
    for path, body in read(MAKERS[case](), "", OTHERS).items():
        if path.startswith(FOLDERS) and not path.endswith("kustomization.yaml"):
            validator(body.get("kind", Path(path).stem).lower()).validate(body)


def test_every_schema_judges_a_document() -> None:
    assert set(bodies("shared")) == {path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir()}


@pytest.mark.parametrize("name", sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir()))
def test_a_field_more_is_refused_wherever_it_is(name: str) -> None:
    rules, body = validator(name), bodies("shared")[name]
    seen = 0
    for index in range(200):
        broken = deepcopy(body)
        objects = list(nested(broken))
        if index >= len(objects):
            break
        objects[index]["notAField"] = 1
        seen += 1
        assert not rules.is_valid(broken), objects[index]
    assert seen >= 3


def nested(node: Any) -> Any:
    """Objects with a fixed set of fields; labels and named policies may have any name."""
    if isinstance(node, dict):
        if not any(
            key.startswith(("app.kubernetes.io", "gateway.istio.io", "seatrial.dev", "llm", "solver")) for key in node
        ):
            yield node
        for one in node.values():
            yield from nested(one)
    elif isinstance(node, list):
        for one in node:
            yield from nested(one)


def test_dapr_is_never_told_to_retry_without_end() -> None:
    body = bodies("shared")["resiliency"]
    broken = deepcopy(body)
    next(iter(broken["spec"]["policies"]["retries"].values()))["maxRetries"] = -1
    assert validator("resiliency").is_valid(body)
    assert not validator("resiliency").is_valid(broken)
    none = plans.call("a", "b", retry=RetryPlan(0, plans.F(1, 40), plans.F(1, 4), None))
    made = read(plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(none,)), "dapr/", ("dapr",))
    (resiliency,) = made.values()
    assert resiliency["spec"]["policies"]["retries"]["b"]["maxRetries"] == 0
    assert resiliency["spec"]["targets"]["apps"]["b"]["retry"] == "b"
