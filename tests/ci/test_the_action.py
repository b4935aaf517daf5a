"""action.yml: its shell lines run as the runner runs them, in a folder with a runner's files and variables."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from seatrial.dsl.exchange import notation_of, write
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

ROOT = Path(__file__).parents[2]
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, Any] = {step["name"]: step for step in ACTION["runs"]["steps"]}
PROVED = "fleet f { demand d { steady 5/s }; pool p { serves d; agents 3; each { service mean 9ms, p99 30ms } } }\n"
REFUTED = PROVED.replace("serves d;", "serves d { break after 3 errors };")
BROKEN = PROVED.replace("agents", "agnets")


class Runner:
    """A folder with what a GitHub runner gives a step."""

    def __init__(self, folder: Path) -> None:
        self.temp, self.work = folder / "temp", folder / "work"
        for one in (self.temp, self.work):
            one.mkdir()
        self.files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_PATH")}

    def run(self, step: str, **environment: str) -> subprocess.CompletedProcess[str]:
        # `shell: bash` is run so: docs.github.com, "Workflow syntax", jobs.<job_id>.steps[*].shell.
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        usual = {"PATH": path, "RUNNER_TEMP": str(self.temp), "ACTION_PATH": str(ROOT)}
        given = {**os.environ, **usual, **environment}
        given |= {name: str(file) for name, file in self.files.items()}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]]
        return subprocess.run(
            command, cwd=self.work, env=given, capture_output=True, text=True, timeout=300, check=False
        )

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.files["GITHUB_OUTPUT"].read_text().splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_every_input_is_used_and_none_is_written_into_a_script() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name in ACTION["inputs"]:
        assert f"inputs.{name}" in text
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
    assert set(re.findall(r"steps\.check\.outputs\.([a-z-]+)", text)) == set(ACTION["outputs"])


@pytest.mark.parametrize(("text", "code"), [(PROVED, "0"), (REFUTED, "1"), (BROKEN, "2")])
def test_the_verdict_of_the_step_is_that_of_the_check(runner: Runner, text: str, code: str) -> None:
    (runner.work / "deep" / "er").mkdir(parents=True)
    (runner.work / "deep" / "er" / "a b.fleet").write_text(text)
    done = runner.run("Check", SPEC="**/*.fleet", FORMAT="github sarif junit", ARGUMENTS="")
    assert done.returncode == 0, done.stderr
    assert ("::error file=deep/er/a b.fleet,line=1" in done.stdout) == (code != "0")
    assert runner.outputs["exit-code"] == code
    assert Path(runner.outputs["sarif"]).is_file() and Path(runner.outputs["junit"]).is_file()
    assert runner.run("Verdict", CODE=code).returncode == int(code)


def test_parts_are_checked_with_what_uses_them_and_the_action_s_own_specs_are_not_the_user_s(runner: Runner) -> None:
    own = runner.work / "tools" / "seatrial"
    (own / "specs").mkdir(parents=True)
    (own / "specs" / "refuted.fleet").write_text(REFUTED)
    (runner.work / "parts").mkdir()
    (runner.work / "parts" / "part.fleet").write_text("guarantee latency p95 < 1s\n")
    (runner.work / "a.fleet").write_text(PROVED.replace("fleet f {", 'fleet f { use "parts/part.fleet";'))
    path = f"{runner.work}/./tools/seatrial"
    done = runner.run("Check", SPEC="**/*.fleet", FORMAT="text", ARGUMENTS="", ACTION_PATH=path)
    assert runner.outputs["exit-code"] == "0", done.stderr
    assert "parts/part.fleet: a part of a.fleet, checked there" in done.stderr
    # Named, they are checked.
    runner.run("Check", SPEC="tools/seatrial/specs", FORMAT="text", ARGUMENTS="", ACTION_PATH=path)
    assert runner.outputs["exit-code"] == "1"


@pytest.mark.parametrize("name", ["a.fleet", "deep/a.fleet", "a.fleet.yaml", "deep/a.fleet.yml", "a.fleet.json"])
def test_what_is_checked_where_nothing_is_said_is_a_spec_in_any_form(runner: Runner, name: str) -> None:
    file = runner.work / name
    file.parent.mkdir(exist_ok=True)
    parsed, _ = parse(Source("a.fleet", PROVED))
    assert parsed is not None
    written = write(parsed, notation_of(name))
    assert isinstance(written, str)
    file.write_text(written)
    done = runner.run("Check", SPEC=ACTION["inputs"]["spec"]["default"], FORMAT="text", ARGUMENTS="")
    assert runner.outputs["exit-code"] == "0" and f"{name}: feasible" in done.stdout, done.stderr


def test_where_no_spec_matches_the_action_fails_and_says_so(runner: Runner) -> None:
    done = runner.run("Check", SPEC="**/*.fleet", FORMAT="github", ARGUMENTS="")
    assert "::error::no spec" in done.stdout
    assert runner.outputs["exit-code"] == "2"


def test_an_unknown_format_fails(runner: Runner) -> None:
    (runner.work / "a.fleet").write_text(PROVED)
    runner.run("Check", SPEC="a.fleet", FORMAT="carrier-pigeon", ARGUMENTS="")
    assert runner.outputs["exit-code"] == "2"


def test_further_arguments_reach_the_check(runner: Runner) -> None:
    (runner.work / "a.fleet").write_text(PROVED)
    done = runner.run("Check", SPEC="a.fleet", FORMAT="text", ARGUMENTS="--show-defaults  --quiet")
    assert "drain 30s" in done.stdout
    assert "proved  " not in done.stdout


@pytest.mark.parametrize("evil", ["$(touch gone)", "`touch gone`", "a.fleet; touch gone", "--format=json"])
def test_an_input_is_never_run(runner: Runner, evil: str) -> None:
    (runner.work / "a.fleet").write_text(PROVED)
    runner.run("Check", SPEC=evil, FORMAT=evil, ARGUMENTS="")
    runner.run("Check", SPEC=evil, FORMAT="text", ARGUMENTS="")
    assert [path.name for path in runner.work.iterdir()] == ["a.fleet"]


def test_the_action_installs_itself_and_puts_the_command_on_the_path(runner: Runner) -> None:
    # Without the packages that it depends on: the version is told without any of them.
    done = runner.run("Install seatrial", VERSION="", ACTION_PATH=str(ROOT), PIP_NO_DEPS="1")
    if "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("no package index to build from")
    assert done.returncode == 0, done.stderr
    [folder] = runner.files["GITHUB_PATH"].read_text().splitlines()
    told = subprocess.run(
        [f"{folder}/seatrial", "--version"], cwd=runner.work, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("seatrial ")
