"""`seatrial compile --explain`: each field of a document with the clause, the default or the target it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command import SPECS, seatrial

SUPPORT = SPECS / "support.fleet"

SPEC = """
fleet desk {
  let calm = 4m
  template small {
    image "registry.example/triage:1.9"
    each { cpu 250m; memory 256Mi; concurrency 8; service mean 30ms, p99 120ms }
  }
  demand tickets { steady 40/s; peak 80/s for 10m every 1d }
  pool triage like small {
    serves tickets { timeout 2s; retry 2; route least loaded }
    agents 6..20
    scale on busy 60% { up within 1m; down over $calm }
  }
  environment staging { pool triage { agents 3..5 } }
}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "desk.fleet"
    path.write_text(SPEC)
    return path


def fields(spec: Path, document: str, *more: str) -> dict[str, Any]:
    said = seatrial("compile", spec, "--explain", document, "--format", "json", *more)
    assert said.code == 0, said.all
    told = json.loads(said.out)
    return {one["field"]: one for one in told["fields"]} | {"": told}


def clauses(field: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["line"], one["clause"]) for one in field["origins"]]


def test_a_value_comes_from_its_clause_also_through_a_let_and_a_template(spec: Path) -> None:
    found = fields(spec, "hpa/triage")
    assert clauses(found["spec.maxReplicas"]) == [(11, "agents 6..20")]
    assert clauses(found["spec.behavior.scaleDown.stabilizationWindowSeconds"]) == [(3, "let calm = 4m")]
    pods = fields(spec, "deploy/triage")
    assert clauses(pods["spec.template.spec.containers[0].resources.requests.cpu"]) == [(6, "cpu 250m")]
    assert clauses(pods["spec.template.spec.containers[0].image"]) == [(5, 'image "registry.example/triage:1.9"')]


def test_a_default_is_told_with_its_source(spec: Path) -> None:
    (origin,) = fields(spec, "deployment/triage")["spec.template.spec.terminationGracePeriodSeconds"]["origins"]
    assert origin["nature"] == "default"
    assert origin["clause"] == "drain 30s" and "terminationGracePeriodSeconds" in origin["source"]


def test_names_and_constants_are_told_as_such(spec: Path) -> None:
    found = fields(spec, "hpa/triage")
    assert [one["nature"] for one in found["metadata.name"]["origins"]] == ["name"]
    assert found["kind"]["origins"] == [] and "targets/kubernetes/README.md" in found["kind"]["constant"]


def test_a_clause_that_says_what_holds_anyway_is_found_too(spec: Path) -> None:
    found = fields(spec, "destinationrule/tickets--triage")
    assert (10, "route least loaded") in clauses(found["spec.trafficPolicy.loadBalancer.simple"])


def test_without_its_clause_there_is_no_document(spec: Path) -> None:
    assert [one["clause"] for one in fields(spec, "hpa/triage")[""]["exists_because_of"]] == ["scale on busy 60%"]


def test_an_environment_is_explained_by_its_own_clauses(spec: Path) -> None:
    assert clauses(fields(spec, "hpa/triage", "--env", "staging")["spec.maxReplicas"]) == [(14, "agents 3..5")]


def test_the_tool_the_spec_and_the_proof_are_told_from_clauses() -> None:
    found = fields(SUPPORT, "runtime/fleet.json")
    made = {path: one.get("made_of") for path, one in found.items() if path}
    assert "the version of seatrial" in made.values() and "the digest of the spec's files" in made.values()
    proved = next(one for path, one in found.items() if path.endswith("proved_seconds"))
    assert "what the checker proved" in proved["made_of"]


def test_every_field_is_there_once_with_its_value(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert seatrial("compile", SUPPORT, "-o", out).code == 0
    path = "kubernetes/triage-deployment.yaml"
    found = fields(SUPPORT, path)
    body = yaml.safe_load((out / path).read_text())
    for one in (value for name, value in found.items() if name):
        at: Any = body
        for step in one["pointer"].split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            at = at[int(key)] if isinstance(at, list) else at[key]
        assert at == one["value"]


def test_the_table_names_file_and_line(spec: Path) -> None:
    said = seatrial("compile", spec, "--explain", "hpa/triage")
    assert said.code == 0
    assert any("spec.maxReplicas" in line and "desk.fleet:11  agents 6..20" in line for line in said.out.splitlines())
    assert not (spec.parent / "out").exists()


@pytest.mark.parametrize("wanted", ["hpa/triag", "hpa", "deployment/", "nowhere.yaml", " ", "../x"])
def test_a_document_that_is_not_there_is_refused_with_names_that_are(spec: Path, wanted: str) -> None:
    said = seatrial("compile", spec, "--explain", wanted)
    assert said.code == 2
    assert "there is no such document" in said.err and "triage" in said.err


def test_without_a_folder_and_without_a_question_it_says_what_is_missing(spec: Path) -> None:
    said = seatrial("compile", spec)
    assert said.code == 2 and "--out" in said.err
