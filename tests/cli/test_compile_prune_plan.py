"""`seatrial compile --prune-plan` names what a folder declared and no longer does; stale files go."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from .command import SPECS, content, seatrial

SUPPORT = (SPECS / "support.fleet").read_text()


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "support.fleet"
    path.write_text(SUPPORT)
    return path


def without_disruption(text: str) -> str:
    lines = text.splitlines(keepends=True)
    first = next(index for index, line in enumerate(lines) if line.strip().startswith("disrupt "))
    return "".join((*lines[:first], *lines[first + 1 :]))


def test_what_is_gone_is_named_with_its_command_and_its_file_is_gone(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", spec, "-o", out).code == 0
    before = set(content(out))
    spec.write_text(without_disruption(SUPPORT))
    said = seatrial("compile", spec, "-o", out, "--prune-plan")
    assert said.code == 0, said.all
    assert before - set(content(out)) == {"kubernetes/triage-disruption.yaml"}
    assert "PodDisruptionBudget triage of namespace support" in said.out
    (command,) = [line.strip() for line in said.out.splitlines() if "kubectl delete" in line]
    assert shlex.split(command)[-1] == "poddisruptionbudget.v1.policy/triage"
    assert "--namespace support" in command


def test_a_dry_run_tells_and_leaves_the_folder(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", spec, "-o", out).code == 0
    before = content(out)
    spec.write_text(without_disruption(SUPPORT))
    said = seatrial("compile", spec, "-o", out, "--prune-plan", "--dry-run", "--format", "json")
    assert said.code == 0 and content(out) == before
    (row,) = said.json["no_longer_emitted"]
    assert (row["kind"], row["namespace"], row["name"]) == ("PodDisruptionBudget", "support", "triage")
    assert seatrial("compile", spec, "-o", tmp_path / "new", "--dry-run").code == 0
    assert not (tmp_path / "new").exists()


def test_where_nothing_is_gone_it_says_so(spec: Path, tmp_path: Path) -> None:
    for _ in range(2):
        said = seatrial("compile", spec, "-o", tmp_path / "deploy", "--prune-plan")
        assert said.code == 0 and "nothing that the folder declared before is gone" in said.out


def test_the_last_made_is_the_first_to_be_deleted(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", spec, "-o", out).code == 0
    said = seatrial("compile", spec, "-o", out, "--prune-plan", "--format", "json", "--target", "runtime")
    rows = said.json["no_longer_emitted"]
    assert rows[-1]["kind"] == "Namespace"
    listed = yaml.safe_load((tmp_path / "deploy/runtime/fleet.json").read_text())
    assert listed["fleet"] and len(rows) > 30


def test_a_folder_that_cannot_be_understood_is_left_alone(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", spec, "-o", out).code == 0
    for broken in ("kind: [", "- 1", "3", "apiVersion: v1\nkind: X\nmetadata: {}\n"):
        (out / "kubernetes/quota.yaml").write_text(broken)
        said = seatrial("compile", spec, "-o", out, "--prune-plan", "--force")
        assert said.code == 2 and "cannot be told" in said.err, broken
        assert (out / "kubernetes/quota.yaml").read_text() == broken


def test_a_name_cannot_become_a_command(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "deploy"
    assert seatrial("compile", spec, "-o", out).code == 0
    path = out / "kubernetes/quota.yaml"
    body = yaml.safe_load(path.read_text())
    body["metadata"]["name"] = "x; rm -rf /"
    path.write_text(yaml.safe_dump(body))
    said = seatrial("compile", spec, "-o", out, "--prune-plan", "--force")
    (command,) = [line for line in said.out.splitlines() if "kubectl delete" in line]
    assert shlex.split(command)[-1] == "resourcequota/x; rm -rf /"


def test_another_folder_of_files_is_still_refused(spec: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    for more in ((), ("--dry-run",), ("--prune-plan",)):
        said = seatrial("compile", spec, "-o", tmp_path / "mine", *more)
        assert said.code == 2 and (tmp_path / "mine/thesis.txt").exists()


ENVIRONMENTS = """
fleet envs {
  demand d { steady 20/s }
  pool p { serves d { timeout 2s }; image "x/f:1"; agents 3..8; each { cpu 1; memory 1Gi; concurrency 4
    service mean 50ms, p99 150ms; startup 5s }; scale on busy 60% { down over 5m }; priority high }
  environment staging { pool p { agents 2..3; priority low } }
  environment prod { pool p { agents 6..20; priority low } }
}
"""


def test_what_an_overlay_had_and_the_folder_still_has_is_not_gone(tmp_path: Path) -> None:
    spec, out = tmp_path / "envs.fleet", tmp_path / "deploy"
    spec.write_text(ENVIRONMENTS)
    shapes: list[tuple[str, ...]] = [("--overlays",), ("--env", "prod"), ("--overlays",), ("--env", "staging")]
    for shape in shapes:
        said = seatrial("compile", spec, "-o", out, "--prune-plan", *shape)
        assert said.code == 0, said.all
        gone = [line for line in said.out.splitlines() if "kubectl delete" in line and "/p" in line]
        assert not gone, (shape, said.out)


def test_what_several_overlays_declared_is_listed_once(tmp_path: Path) -> None:
    spec, out = tmp_path / "envs.fleet", tmp_path / "deploy"
    spec.write_text(ENVIRONMENTS)
    assert seatrial("compile", spec, "-o", out, "--overlays").code == 0
    said = seatrial("compile", spec, "-o", out, "--prune-plan", "--format", "json", "--dry-run")
    (row,) = said.json["no_longer_emitted"]
    assert (row["kind"], row["name"], row["overlays"]) == ("PriorityClass", "envs-low", ["prod", "staging"])
    said = seatrial("compile", spec, "-o", out, "--prune-plan")
    assert "PriorityClass envs-low (overlay prod, staging)" in said.out
    assert said.out.count("kubectl delete") == 1


def test_another_version_of_its_api_is_the_same_object(tmp_path: Path) -> None:
    spec, out = tmp_path / "envs.fleet", tmp_path / "deploy"
    spec.write_text(ENVIRONMENTS)
    assert seatrial("compile", spec, "-o", out).code == 0
    path = out / "kubernetes/p-autoscaler.yaml"
    path.write_text(path.read_text().replace("autoscaling/v2", "autoscaling/v2beta2"))
    said = seatrial("compile", spec, "-o", out, "--prune-plan", "--force")
    assert "nothing that the folder declared before is gone" in said.out, said.all
