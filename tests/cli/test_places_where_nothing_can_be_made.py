"""Whoever names a place where nothing can be made is told what stands in the way, and to name another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, seatrial

STURDY = SPECS / "sturdy.fleet"
WRITERS: dict[str, list[str | Path]] = {
    "init": ["init", "{}/desk.fleet", "--yes"],
    "compile": ["compile", STURDY, "--out", "{}/deploy"],
    "check": ["check", STURDY, "--output", "{}/report.json"],
    "emit-smt": ["check", STURDY, "--emit-smt", "{}/smt"],
    "convert": ["convert", STURDY, "--out", "{}/desk.yaml"],
    "schema": ["schema", "--out", "{}/schema.json"],
    "trial": ["trial", STURDY, "--out", "{}/tried"],
}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder whose files only the kernel makes")
@pytest.mark.parametrize("writer", WRITERS)
def test_a_folder_in_which_only_the_kernel_makes_files(writer: str) -> None:
    said = seatrial(*(str(word).format("/proc") for word in WRITERS[writer]))
    assert said.code == 2 and "No such file" not in said.all, said
    assert said.err.splitlines()[-1].endswith(": no file can be made in /proc; name another place")


@pytest.mark.parametrize("writer", [one for one in WRITERS if one not in ("compile", "emit-smt", "trial")])
def test_a_file_that_is_taken_for_a_folder(writer: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = seatrial(*(str(word).format("file") for word in WRITERS[writer]), cwd=tmp_path)
    assert said.code == 2 and "File exists" not in said.all, said
    assert said.err.splitlines()[-1].endswith(": file is no folder, so nothing can be made in it; name another place")
