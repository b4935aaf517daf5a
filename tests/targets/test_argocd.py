"""Argo CD is told to leave alone what autoscalers decide, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.compiler.plan import Plan
from seatrial.targets.argocd import applications

from . import plans
from .emitted import CASES, read, write

NAMES = ("kubernetes", "istio", "runtime", "argocd")


def application(plan: Plan) -> Any:
    return read(plan, "argocd/", NAMES)[f"argocd/{plan.fleet}.yaml"]


@pytest.mark.parametrize("names", [NAMES, (*NAMES, "keda", "kueue")])
@pytest.mark.parametrize("case", CASES)
def test_the_field_of_an_autoscaler_is_left_alone_and_a_fixed_size_is_not(case: str, names: tuple[str, ...]) -> None:
    plan = CASES[case]()
    left = {one["name"] for one in application(plan)["spec"].get("ignoreDifferences", ())}
    bodies = read(plan, "kubernetes/", names).values()
    deployments = {body["metadata"]["name"]: body["spec"] for body in bodies if body["kind"] == "Deployment"}
    assert left == {name for name, spec in deployments.items() if "replicas" not in spec}
    for one in application(plan)["spec"].get("ignoreDifferences", ()):
        assert (one["group"], one["kind"], one["jsonPointers"]) == ("apps", "Deployment", ["/spec/replicas"])


def test_what_is_left_alone_is_not_applied_either() -> None:
    """Else the first sync of a Deployment that had `replicas` and now has an autoscaler puts it back to 1."""
    assert "RespectIgnoreDifferences=true" in application(plans.support())["spec"]["syncPolicy"]["syncOptions"]


def test_each_environment_has_a_cluster_of_its_own_and_leaves_alone_what_is_scaled_there() -> None:
    scaled = plans.support()
    fixed = replace(scaled, pools=tuple(replace(pool, scaling=None) for pool in scaled.pools))
    made = {one.path: one.body for one in applications({"prod": scaled, "staging": fixed})}
    prod: Any = made["argocd/support-prod.yaml"]
    staging: Any = made["argocd/support-staging.yaml"]
    assert prod["spec"]["destination"] == {"name": "prod", "namespace": "support"}
    assert staging["spec"]["destination"]["name"] == "staging"
    assert staging["spec"]["source"]["path"] == "deploy/overlays/staging"
    assert prod["spec"]["ignoreDifferences"] and "ignoreDifferences" not in staging["spec"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_an_application_is_no_part_of_what_it_applies(tmp_path: Path) -> None:
    write(plans.support(), tmp_path, NAMES)
    kinds = []
    for folder in (tmp_path, tmp_path / "argocd"):
        done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        kinds.append({one["kind"] for one in yaml.safe_load_all(done.stdout)})
    assert "Application" not in kinds[0]
    assert kinds[1] == {"Application"}
