"""Every manifest is one that each supported Kubernetes release knows, and the folder one that kustomize builds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from .emitted import CASES, read, write

OLDEST = (1, 29)
VERSIONS = [one for one in all_versions() if tuple(map(int, one.split(".")[:2])) >= OLDEST]


def test_there_are_releases_to_ask() -> None:
    assert len(VERSIONS) >= 8


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("names", [("kubernetes",), ("kubernetes", "istio", "runtime", "keda", "kueue")])
@pytest.mark.parametrize("case", CASES)
def test_manifests_are_valid_in_every_release(case: str, names: tuple[str, ...], version: str) -> None:
    for body in read(CASES[case](), "kubernetes/", names).values():
        kubernetes_validate.validate(body, version, strict=True)


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
