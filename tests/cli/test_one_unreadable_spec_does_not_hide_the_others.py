"""Of several specs one that is missing, no text, or without the environment asked for leaves the others told."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

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


@pytest.mark.parametrize("first", ["a.fleet", "none.fleet"])
def test_a_report_for_a_program_tells_of_each_file(folder: Path, first: str) -> None:
    said = seatrial("check", "--format", "json", first, "b.fleet", cwd=folder)
    assert said.code == 2 and said.err == "" and said.json["verdict"] == "unknown"
    [one] = said.json["diagnostics"]
    assert (one["code"], one["file"], one["line"]) == ("ST1042", first, 1)
    assert {one["file"] for one in said.json["guarantees"]} == {"b.fleet"}


def test_each_format_has_a_place_for_what_is_no_text(folder: Path) -> None:
    [run] = seatrial("check", "--format", "sarif", "a.fleet", "b.fleet", cwd=folder).json["runs"]
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert [one["ruleId"] for one in run["results"]] == ["ST1042"]
    junit = seatrial("check", "--format", "junit", "a.fleet", "b.fleet", cwd=folder).out
    assert [one.get("name") for one in fromstring(junit).iter("testsuite")] == ["a.fleet", "b.fleet"]
    assert [one.get("type") for one in fromstring(junit).iter("failure")] == ["ST1042"]
    github = seatrial("check", "--format", "github", "a.fleet", "b.fleet", cwd=folder).out
    assert github.startswith("::error file=a.fleet,line=1,")


def test_an_environment_that_one_of_them_lacks_is_told_in_the_report(folder: Path) -> None:
    said = seatrial("check", "--format", "json", "--env", "prod", "b.fleet", "c.fleet", cwd=folder)
    [one] = said.json["diagnostics"]
    assert (one["code"], one["file"], one["help"]) == ("ST1011", "c.fleet", "there are: test")


def test_standard_input_that_is_no_text_is_told_too(folder: Path) -> None:
    said = seatrial("check", "--format", "json", "-", "b.fleet", cwd=folder, given=b"\xff\xfe\x00\x80")
    [one] = said.json["diagnostics"]
    assert said.code == 2 and (one["code"], one["file"]) == ("ST1042", "<stdin>") and "UTF-16" in one["message"]


def test_fmt_goes_on_too(folder: Path) -> None:
    said = seatrial("fmt", "--check", "a.fleet", "b.fleet", cwd=folder)
    assert said.code == 2 and said.out == "would reformat b.fleet\n" and "a.fleet: not a text" in said.err
