"""The installed command in a child process, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
PROGRAM = Path(sys.executable).with_name("seatrial")

LIMIT_SECONDS = 120.0
"""A command that hangs must not hang the tests."""


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


def environment(**more: str) -> dict[str, str]:
    """The tests' own, without what would colour a command's output or answer it from an earlier run."""
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    return kept | {"SEATRIAL_CACHE_DIR": os.devnull} | more


def seatrial(
    *arguments: str | Path, cwd: Path | None = None, given: bytes = b"", env: Mapping[str, str] | None = None
) -> Said:
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        env=env or environment(),
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def shell(line: str, cwd: Path) -> Said:
    """A line of bash, with `seatrial` on its path."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        env=environment(PATH=f"{PROGRAM.parent}:{os.environ['PATH']}"),
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def content(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
