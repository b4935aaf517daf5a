"""Every manifest is one that each supported Kubernetes release knows, and the folder one that kustomize builds.

The schemas are kubernetes-validate's own, of each release, compiled: tens of microseconds a document and not 14 ms, so
that every document of every release is looked at.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from . import plans
from .emitted import CASES, OTHERS, read, write

OLDEST = (1, 29)
VERSIONS = [one for one in all_versions() if tuple(map(int, one.split(".")[:2])) >= OLDEST]
SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
MAKERS = {**CASES, "shared": plans.shared}
NAMES = (("kubernetes",), ("kubernetes", "istio", "runtime", "keda", "kueue"), OTHERS)


@cache
def registry(version: str) -> jsonschema_rs.Registry:
    definitions = json.loads((SCHEMAS / f"v{version}-local-strict" / "_definitions.json").read_text())
    return jsonschema_rs.Registry([(definitions["$id"], definitions)])


@cache
def validator(kind: str, api_version: str, version: str) -> jsonschema_rs.Draft202012Validator:
    """The strict schema of a kind, in which an unknown field is an error."""
    group, _, last = api_version.rpartition("/")
    name = f"{kind.lower()}-{group.partition('.')[0]}-{last}" if group else f"{kind.lower()}-{last}"
    schema = json.loads((SCHEMAS / f"v{version}-local-strict" / f"{name}.json").read_text())
    return jsonschema_rs.Draft202012Validator(schema, registry=registry(version))


def judged(body: Any, version: str) -> bool:
    return validator(body["kind"], body["apiVersion"], version).is_valid(body)


def test_there_are_releases_to_ask() -> None:
    assert len(VERSIONS) >= 8


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("names", NAMES, ids=["alone", "operators", "others"])
@pytest.mark.parametrize("case", MAKERS)
def test_manifests_are_valid_in_every_release(case: str, names: tuple[str, ...], version: str) -> None:
    bodies = read(MAKERS[case](), "kubernetes/", names).values()
    assert bodies
    for body in bodies:
        validator(body["kind"], body["apiVersion"], version).validate(body)


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_the_compiled_schemas_judge_as_kubernetes_validate_does(version: str) -> None:
    """On sound documents, and on each with a field too many somewhere."""
    for body in read(plans.support(), "kubernetes/", ("kubernetes",)).values():
        for broken in (body, {**body, "notAField": 1}, {**body, "metadata": {**body["metadata"], "notAField": 1}}):
            try:
                kubernetes_validate.validate(broken, version, strict=True)
                said = True
            except kubernetes_validate.ValidationError:
                said = False
            assert judged(broken, version) is said is (broken is body)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize(
    "names", [("kubernetes",), ("istio",), ("kubernetes", "istio", "runtime", "envoy"), ("kubernetes", "keda", "kueue")]
)
@pytest.mark.parametrize("case", CASES)
def test_kustomize_builds_the_folder(case: str, names: tuple[str, ...], tmp_path: Path) -> None:
    plan = CASES[case]()
    write(plan, tmp_path, names)
    run = subprocess.run(["kubectl", "kustomize", tmp_path], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    built = list(yaml.safe_load_all(run.stdout))
    emitted = [
        body for folder in ("kubernetes", "istio", "keda", "kueue") for body in read(plan, f"{folder}/", names).values()
    ]
    generated = [one for one in built if one["kind"] == "ConfigMap"]
    assert len(built) == len(emitted) + len(generated)
    assert len(generated) == int({"kubernetes", "runtime"} <= set(names))
    if generated:
        # The hash in the name has reached the pods, so that a changed document rolls them.
        for pods in (one["spec"]["template"]["spec"] for one in built if one["kind"] == "Deployment"):
            assert pods["volumes"][0]["configMap"]["name"] == generated[0]["metadata"]["name"]
