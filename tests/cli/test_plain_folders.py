"""A Kustomize folder that changes nothing is read as Kustomize would build it; any other is Kustomize's to build."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.cli.plain_folder import plain_folder

from .command import SPECS, seatrial

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")


def read(folder: Path) -> list[tuple[str, str]] | None:
    return plain_folder(folder, folder / "kustomization.yaml")


def by_name(bodies: list[Any]) -> dict[tuple[str, str], Any]:
    """What kustomize generates has a hash behind its name, also where it is referred to."""
    texts = [re.sub(r"fleet-runtime-[0-9a-z]{10}", "fleet-runtime", json.dumps(one)) for one in bodies]
    return {(one["kind"], one["metadata"]["name"]): one for one in map(json.loads, texts)}


@needs_kubectl
def test_a_compiled_folder_reads_as_kustomize_builds_it(tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    assert seatrial("compile", SPECS / "support.fleet", "--out", folder).code == 0
    texts = read(folder)
    assert texts is not None
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, timeout=60, check=True)
    assert by_name([yaml.safe_load(text) for _, text in texts]) == by_name(list(yaml.safe_load_all(done.stdout)))


@pytest.mark.parametrize(
    "more",
    [
        "namePrefix: x-",
        "replicas: [{name: api, count: 4}]",
        "patches: [{path: p.yaml}]",
        "resources: [../elsewhere]",
        "resources: [https://example.org/a.yaml]",
        "resources: [one.yaml, one.yaml]",
        "resources: [gone.yaml]",
        "resources: one.yaml",
        "resources: [one.yaml]\nconfigMapGenerator: [{name: c, literals: [a=b]}]",
        "resources: [one.yaml]\nconfigMapGenerator: [{name: c, files: [a=one.yaml]}]",
        "resources: [one.yaml]\nconfigMapGenerator: [{name: c, files: [one.yaml], behavior: merge}]",
        "resources: [one.yaml]\nconfigMapGenerator: [3]",
        "- resources",
        "a: [",
    ],
)
def test_what_could_change_an_object_is_kustomizes_to_build(more: str, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    (tmp_path / "kustomization.yaml").write_text(more)
    assert read(tmp_path) is None
