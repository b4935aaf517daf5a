"""`--set` with a value of another dimension: every command that takes it tells what is wrong, and at which place."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import seatrial

SPEC = """language 1
let top = 400/s
fleet f {
  # seatrial: allow ST1202 because it starts in no time
  demand d { steady 100/s; peak $top for 2m every 1d }  # the peak of last year
  pool p {
    serves d { timeout 5s }
    agents 2..20
    each { concurrency 8; service mean 60ms, p99 200ms; startup 20s }
    scale on busy 50%
  }
}
"""
COMMANDS = {
    "check": ["check"],
    "headroom": ["headroom"],
    "simulate": ["simulate"],
    "compile": ["compile", "--out", "deploy"],
    "compile --overlays": ["compile", "--overlays", "--out", "deploy"],
    "convert": ["convert", "--to", "yaml"],
    "diff": ["diff", "--manifests", "."],
    "trial": ["trial"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_value_of_another_dimension_is_told_where_it_stands(command: str, tmp_path: Path) -> None:
    (tmp_path / "f.fleet").write_text(SPEC, encoding="utf-8")
    said = seatrial(*COMMANDS[command], "f.fleet", "--set", "top=3s", cwd=tmp_path)
    assert said.code == 2, said
    assert "error[ST1102]: a rate is wanted here, `3s` is a duration" in said.err
    assert "--> --set top:1:5" in said.err and "::: f.fleet:5:33" in said.err
    assert said.out == "" or command == "check"


def test_what_is_put_together_tells_which_comments_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "f.fleet").write_text(SPEC, encoding="utf-8")
    said = seatrial("convert", "f.fleet", "--to", "fleet", "--set", "top=300/s", cwd=tmp_path)
    assert said.code == 0 and "peak 300/s for 2m every 1d" in said.out and "#" not in said.out
    assert "2 comments left out, what they allow too" in said.err
    whole = seatrial("convert", "f.fleet", "--to", "fleet", cwd=tmp_path)
    assert whole.err == "" and whole.out.count("#") == 2
