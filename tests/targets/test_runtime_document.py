"""The runtime document is valid under the schema that is shipped beside it, and the schema is closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from seatrial.targets.runtime import schema

from . import plans
from .emitted import CASES, files, read


@pytest.mark.parametrize("case", CASES)
def test_the_document_is_valid_under_its_schema(case: str) -> None:
    found = read(CASES[case](), "runtime/")
    rules = found["runtime/fleet.schema.json"]
    Draft202012Validator.check_schema(rules)
    Draft202012Validator(rules).validate(found["runtime/fleet.json"])


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") in ("object", ["object", "null"]):
            yield node
        for one in node.values():
            yield from objects(one)
    elif isinstance(node, list):
        for one in node:
            yield from objects(one)


def test_every_object_of_the_schema_is_closed_and_complete() -> None:
    found = list(objects(schema()))
    assert len(found) >= 25
    for one in found:
        assert one["additionalProperties"] is False
        assert sorted(one["required"]) == sorted(one["properties"])


def test_every_number_of_the_schema_is_described_and_times_name_their_unit() -> None:
    def named(node: Any, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(node, dict):
            if {"type", "$ref"} & node.keys() and name:
                yield name, node
            for key, one in node.get("properties", {}).items():
                yield from named(one, key)
            yield from named(node.get("items"), "")

    numbers = [(name, one) for name, one in named(schema(), "") if "number" in str(one.get("type"))]
    assert len(numbers) > 25
    for name, one in numbers:
        assert one.get("description"), name
        if name.endswith("_seconds"):
            assert "second" in one["description"], name


def test_an_unstated_value_is_null_and_never_missing() -> None:
    body = json.loads(files(plans.small())["runtime/fleet.json"])
    assert [body["pools"][0][field] for field in ("run", "scaling", "health")] == [None] * 3
    unstated = ("tokens_per_call", "timeout_seconds", "breaker", "limit", "shed_on_failure", "shed_on_latency")
    assert [body["calls"][0][field] for field in unstated] == [None] * 6


def test_a_third_is_a_double_and_a_whole_number_an_integer() -> None:
    body = json.loads(files(plans.support())["runtime/fleet.json"])
    llm = body["dependencies"][0]
    assert llm["tokens_per_second"] == pytest.approx(10_000_000 / 60)
    assert llm["requests_per_second"] == 4000
    assert isinstance(llm["requests_per_second"], int)
    call = body["calls"][1]
    assert (call["breaker"]["eject_share"], call["retry"]["backoff_factor"]) == (0.5, 2)
