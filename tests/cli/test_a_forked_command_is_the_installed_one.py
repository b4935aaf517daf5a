"""What most tests of commands run, a fork of an interpreter with its imports behind it, says what a fresh one says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, content, installed, seatrial

REFUTED, STURDY, SUPPORT = (
    str(SPECS / f"{name}.fleet") for name in ("incidents/connection-pools/before", "sturdy", "support")
)


@pytest.mark.parametrize(
    "words",
    [
        ("check", REFUTED, "--format", "sarif"),
        ("check", STURDY, "--format", "junit"),
        ("check", STURDY, "--what-if", "guarantee success 99.9% over 1d"),
        ("check", REFUTED, "--fix", "--diff"),
        ("compile", STURDY, "--out", "made"),
        ("compile", STURDY, "--explain", "runtime/fleet.json"),
        ("convert", STURDY, "--to", "yaml", "--out", "made.yaml"),
        ("headroom", STURDY),
        ("simulate", SUPPORT, "--pool", "triage", "--worst"),
        ("fmt", "--diff", STURDY),
        ("undo", "."),
        ("nonsense",),
    ],
    ids=lambda words: " ".join(Path(one).name for one in words),
)
def test_they_say_and_write_the_same(tmp_path: Path, words: tuple[str, ...]) -> None:
    made = []
    for run in (seatrial, installed):
        folder = tmp_path / run.__name__
        folder.mkdir()
        made.append((run(*words, cwd=folder), content(folder)))
    assert made[0] == made[1]
