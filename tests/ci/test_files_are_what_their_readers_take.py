"""The files for others' services, by the schemas that these publish: GitHub's, GitLab's and pre-commit's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.cli.ci_files import SYSTEMS, ci_file

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
GITLAB = "examples/gitlab-ci.yml"
SCHEMAS = {"github": "github-workflows", "gitlab": "gitlab-ci"}


def _complaints(schema: str, file: Path) -> str:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "name"), [("github-actions", "action.yml"), ("gitlab-ci", "examples/gitlab-ci.yml")]
)
def test_what_is_shipped(schema: str, name: str) -> None:
    assert _complaints(schema, ROOT / name) == ""


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_init_writes(system: str, tmp_path: Path) -> None:
    place, content = ci_file(system, tmp_path / "a desk.fleet")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    if system in SCHEMAS:
        assert _complaints(SCHEMAS[system], place) == ""
    else:
        done = subprocess.run([BIN / "pre-commit", "validate-config", place], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_file_that_they_would_not_take_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("seatrial:\n  script: [seatrial check]\n  rules:\n    - chnages: [x]\n")
    assert "chnages" in _complaints("gitlab-ci", tmp_path / "a.yml")
