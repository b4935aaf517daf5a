"""Of several specs one that is missing, no text, or without the environment asked for leaves the others told."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import seatrial

TEXT = """fleet f {
  pool p { agents 2; each { price $1/h } }
  budget agents $9/h;
  environment prod { budget agents $8/h }
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.fleet").write_bytes(b"\xff\xfe\x00\x80")
    (tmp_path / "b.fleet").write_text(TEXT)
    (tmp_path / "c.fleet").write_text(TEXT.replace("prod", "test"))
    return tmp_path


def test_the_others_are_checked_and_the_exit_code_is_that_of_the_unreadable(folder: Path) -> None:
    for names in (["a.fleet", "b.fleet"], ["none.fleet", "b.fleet"], ["."]):
        said = seatrial("check", *names, cwd=folder)
        assert said.code == 2 and "b.fleet: feasible" in said.out, said.all
        assert "not a text in UTF-8" in said.err or "none.fleet: no such file" in said.err


def test_one_without_the_environment_is_told_beside_those_that_have_it(folder: Path) -> None:
    said = seatrial("check", "-q", "--env", "prod", "b.fleet", "c.fleet", cwd=folder)
    assert said.code == 2 and "c.fleet: declares no environment prod" in said.err and "b.fleet: feasible" in said.out


def test_where_all_are_unreadable_each_is_named(folder: Path) -> None:
    said = seatrial("check", "none.fleet", "a.fleet", cwd=folder)
    assert said.code == 2 and said.out == "" and "none.fleet: no such file" in said.err and "a.fleet: not a" in said.err


def test_a_report_for_a_program_is_whole_or_there_is_none(folder: Path) -> None:
    said = seatrial("check", "--format", "json", "a.fleet", "b.fleet", cwd=folder)
    assert said.code == 2 and said.out == "" and "a.fleet" in said.err


def test_fmt_goes_on_too(folder: Path) -> None:
    said = seatrial("fmt", "--check", "a.fleet", "b.fleet", cwd=folder)
    assert said.code == 2 and said.out == "would reformat b.fleet\n" and "a.fleet: not a text" in said.err
