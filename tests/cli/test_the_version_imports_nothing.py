"""`seatrial --version` is asked often, by scripts and editors: it imports the package and no library."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from seatrial import __version__

TOLD = """
import sys
before = set(sys.modules)
sys.argv = ["seatrial", {flag!r}]
from seatrial.cli import main
main()
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}))
"""
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_it_imports_this_package_and_what_python_itself_has(flag: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOLD.format(flag=flag)], capture_output=True, text=True, timeout=60, check=True
    )
    version, imported = done.stdout.splitlines()
    assert version == f"seatrial {__version__}"
    assert set(imported.split()) - sys.stdlib_module_names == {"seatrial"}
    assert not set(imported.split()) & {"click", "lark", "z3", "yaml", "rich", "pygls", "json", "re", "typing"}


def test_the_project_has_libraries_that_it_could_import() -> None:
    """Else the test above would say nothing."""
    assert {"click", "lark", "z3-solver"} <= {
        one.partition(">")[0].partition("=")[0] for one in PROJECT["dependencies"]
    }
