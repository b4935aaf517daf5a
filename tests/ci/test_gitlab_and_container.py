"""The GitLab job's script is run; the Containerfile is read, and what it copies is enough to install from."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
TIDY = "fleet f {\n  demand d { steady 5/s }\n  pool p { serves d; agents 3; each { service mean 9ms, p99 30ms } }\n}\n"
REFUTED = TIDY.replace("serves d;", "serves d { break after 3 errors };")


@pytest.mark.parametrize(("text", "code", "failures"), [(TIDY, 0, 0), (REFUTED, 1, 1)])
def test_the_gitlab_job_leaves_its_report_and_fails_where_a_guarantee_does(
    tmp_path: Path, text: str, code: int, failures: int
) -> None:
    job: Any = yaml.safe_load((ROOT / "examples" / "gitlab-ci.yml").read_text(encoding="utf-8"))["seatrial"]
    install, *lines = job["script"]
    assert "pip install" in install
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a.fleet").write_text(text)
    environment = {**os.environ, **job["variables"], "PATH": PATH}
    script = "set -eo pipefail\n" + "\n".join(lines)
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    assert job["artifacts"]["when"] == "always"
    [suite] = ElementTree.parse(tmp_path / job["artifacts"]["reports"]["junit"]).getroot()
    assert suite.get("failures") == str(failures)


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Containerfile, continued lines joined."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_does_not_run_as_root_and_is_the_command() -> None:
    last = len(instructions()) - 1 - [name for name, _ in instructions()][::-1].index("FROM")
    final = dict(instructions()[last:])
    assert final["USER"].split(":")[0].isdecimal() and int(final["USER"].split(":")[0]) > 0
    assert json.loads(final["ENTRYPOINT"]) == ["/opt/seatrial/bin/seatrial"]
    assert final["FROM"].endswith("-slim")


def test_what_the_container_copies_is_enough_to_install_the_command(tmp_path: Path) -> None:
    """The first stage by hand: its copies into a folder, its RUN with /opt and /src moved there."""
    source = tmp_path / "src"
    source.mkdir()
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            *froms, to = shlex.split(rest)
            for one in froms:
                target = source / to / (one if to == "./" else "")
                ignored = shutil.ignore_patterns("__pycache__")
                if (ROOT / one).is_dir():
                    shutil.copytree(ROOT / one, source / to, symlinks=True, ignore=ignored)
                else:
                    shutil.copy(ROOT / one, target)
    [run] = [rest for name, rest in instructions() if name == "RUN"]
    script = run.replace("/opt/", f"{tmp_path}/opt/")
    environment = {**os.environ, "PATH": PATH, "PIP_NO_DEPS": "1"}
    done = subprocess.run(
        ["bash", "-ec", script], cwd=source, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    if "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("no package index to build from")
    assert done.returncode == 0, done.stderr
    told = subprocess.run(
        [f"{tmp_path}/opt/seatrial/bin/seatrial", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("seatrial ")
    packaged = next(
        (tmp_path / "opt").glob("seatrial/lib/python*/site-packages/seatrial/dsl/diagnostics/explain/ST0001.md")
    )
    assert packaged.is_file()
