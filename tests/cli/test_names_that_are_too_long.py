"""A name that no file can have is told as the user's, in every place that takes one, and never as a bug of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, seatrial

STURDY = SPECS / "sturdy.fleet"
LONG = "n" * 300
TAKERS: dict[str, list[str | Path]] = {
    "check": ["check", f"{LONG}.fleet"],
    "fmt": ["fmt", f"{LONG}.fleet"],
    "import": ["import", LONG],
    "diff": ["diff", STURDY, "--manifests", LONG],
    "check --manifests": ["check", "--manifests", LONG],
    "undo": ["undo", LONG],
    "init": ["init", f"{LONG}.fleet", "--yes"],
    "init into a folder": ["init", f"{LONG}/", "--yes"],
    "compile --out": ["compile", STURDY, "--out", LONG],
    "simulate --arrivals": ["simulate", SPECS / "recorded.fleet", "--arrivals", LONG],
    "simulate --write": ["simulate", SPECS / "recorded.fleet", "--write", LONG],
    "check --trace": ["check", SPECS / "recorded.fleet", "--trace", f"completions={LONG}"],
}


@pytest.mark.parametrize("taker", TAKERS)
def test_a_name_that_is_too_long_is_told(taker: str, tmp_path: Path) -> None:
    said = seatrial(*TAKERS[taker], cwd=tmp_path)
    assert said.code == 2, said
    assert "File name too long" in said.err.splitlines()[-1]


@pytest.mark.parametrize("name", [f"{LONG}.fleet", LONG, f"{LONG}/common.fleet"])
def test_a_use_of_such_a_file_is_told_at_its_place(name: str, tmp_path: Path) -> None:
    (tmp_path / "desk.fleet").write_text(f'use "{name}"\nfleet desk {{\n  pool triage {{ agents 3 }}\n}}\n')
    said = seatrial("check", "desk.fleet", cwd=tmp_path)
    assert said.code == 2, said
    assert "error[ST1042]" in said.err and "cannot be read: File name too long" in said.err
    assert "--> desk.fleet:1:5" in said.err
