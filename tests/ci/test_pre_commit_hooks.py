"""The hooks, run by pre-commit itself on a repository with specs that hold, that do not, and that are untidy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
TIDY = "fleet f {\n  demand d { steady 5/s }\n  pool p { serves d; agents 3; each { service mean 9ms, p99 30ms } }\n}\n"
REFUTED = TIDY.replace("serves d;", "serves d { break after 3 errors };")
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    author = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    given = {**outside, **author, "PATH": f"{BIN}:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(cwd.parent / "cache")}
    return subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, timeout=900, check=False)


def repository(folder: Path, **files: str) -> Path:
    repo = folder / "repo"
    repo.mkdir()
    for name, text in files.items():
        (repo / name.replace("_", ".")).write_text(text)
    run("git", "init", "-q", cwd=repo)
    run("git", "add", "-A", cwd=repo)
    return repo


def hooks_of_this_machine(repo: Path) -> None:
    """The hooks as they are shipped, but for the environment: the installed command instead of a new one."""
    hooks: Any = [{**hook, "language": "system"} for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))]
    (repo / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
    run("git", "add", "-A", cwd=repo)


def test_the_manifest_is_one_for_pre_commit(tmp_path: Path) -> None:
    done = run("pre-commit", "validate-manifest", str(MANIFEST), cwd=repository(tmp_path))
    assert done.returncode == 0, done.stdout


def test_what_holds_and_is_tidy_passes_and_other_files_are_left_alone(tmp_path: Path) -> None:
    repo = repository(tmp_path, a_fleet=TIDY, b_txt="pool {")
    hooks_of_this_machine(repo)
    done = run("pre-commit", "run", "--all-files", cwd=repo)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Passed") == 2


def test_what_is_refuted_stops_the_commit_and_says_why(tmp_path: Path) -> None:
    repo = repository(tmp_path, a_fleet=REFUTED)
    hooks_of_this_machine(repo)
    done = run("pre-commit", "run", "seatrial-check", "--all-files", cwd=repo)
    assert done.returncode == 1
    assert "error[ST4301]" in done.stdout


def test_a_part_that_is_changed_is_checked_with_the_specs_that_use_it(tmp_path: Path) -> None:
    repo = repository(tmp_path, a_fleet=TIDY.replace("fleet f {", 'fleet f {\n  use "b.fleet"'), b_fleet="")
    hooks_of_this_machine(repo)
    run("git", "commit", "-qm", "all", cwd=repo)
    for promised, code in (("5s", 0), ("5ms", 1)):
        (repo / "b.fleet").write_text(f"guarantee latency p95 < {promised}\n")
        run("git", "add", "-A", cwd=repo)
        # As `git commit` does: on what is changed alone.
        done = run("pre-commit", "run", "seatrial-check", cwd=repo)
        assert done.returncode == code, done.stdout


@pytest.mark.parametrize(("name", "hooks"), [
    ("a.fleet", 2), ("a.fleet.yaml", 2), ("a.fleet.yml", 2), ("a.fleet.json", 2), ("a.csv", 1), ("a.yaml", 0),
    ("fleet", 0), ("a.fleet.txt", 0),
])  # fmt: skip
def test_the_hooks_run_for_specs_in_any_form_and_the_check_for_traces(name: str, hooks: int) -> None:
    manifest: Any = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert sum(re.search(hook["files"], name) is not None for hook in manifest) == hooks


def test_what_is_untidy_is_rewritten_and_stops_the_commit(tmp_path: Path) -> None:
    repo = repository(tmp_path, a_fleet=TIDY.replace("  ", "     "))
    hooks_of_this_machine(repo)
    done = run("pre-commit", "run", "seatrial-fmt", "--all-files", cwd=repo)
    assert done.returncode == 1
    assert "files were modified by this hook" in done.stdout
    assert (repo / "a.fleet").read_text() == TIDY
    assert run("pre-commit", "run", "seatrial-fmt", "--all-files", cwd=repo).returncode == 0


@pytest.mark.slow
def test_pre_commit_installs_the_hooks_from_the_repository(tmp_path: Path) -> None:
    """With an environment of its own, as a user's first commit makes one."""
    source = tmp_path / "seatrial"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if not name.startswith(("tests/", "benchmarks/")) and (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name, follow_symlinks=False)
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "all")):
        assert run("git", *command, cwd=source).returncode == 0
    repo = repository(tmp_path, a_fleet=TIDY)
    done = run("pre-commit", "try-repo", str(source), "--all-files", cwd=repo)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2
