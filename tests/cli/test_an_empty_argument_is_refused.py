"""A shell's variable that is not set must not become this folder, or no environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, seatrial

SPEC = str(SPECS / "sturdy.fleet")


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["check", ""], "after check"),
        (["check", SPEC, "--env", ""], "after --env"),
        (["check", SPEC, "--env="], "in --env="),
        (["compile", SPEC, "--out", ""], "after --out"),
        (["simulate", SPEC, "--write", ""], "after --write"),
        (["fmt", ""], "after fmt"),
        (["init", ""], "after init"),
    ],
)
def test_it_is_told_where_it_stands_and_nothing_is_done(words: list[str], place: str, tmp_path: Path) -> None:
    (tmp_path / "here.fleet").write_bytes(b"fleet   here { }\n")
    said = seatrial(*words, cwd=tmp_path)
    assert said.code == 2 and f"The argument {place} is empty" in said.err and said.out == ""
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"fleet   here { }\n"]


def test_an_empty_value_inside_a_word_is_the_commands_own_matter() -> None:
    said = seatrial("check", SPEC, "--set", "most=")
    assert said.code == 2 and "write it as NAME=VALUE" in said.err
