"""A spec that spans files: what is said of a part names the part, and a part of another version is not read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from .command import environment, installed, seatrial, shell

PARTS = {
    "pools.fleet": "pool p { serves d; agents 3; each { service mean 9ms, p99 30ms } }\n",
    "promises.fleet": "guarantee recovery within 5s\nguarantee latency p95 < 1ms\n",
}


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.fleet").write_text('fleet f {\n  use "parts"\n  demand d { steady 5/s }\n}\n')
    for name, text in PARTS.items():
        (tmp_path / "parts" / name).write_text(text)
    return tmp_path


def test_a_guarantee_of_a_part_is_a_test_of_that_file(team: Path) -> None:
    [suite] = ElementTree.fromstring(seatrial("check", "--format", "junit", "main.fleet", cwd=team).out)
    files = {case.get("name"): case.get("file") for case in suite.iter("testcase")}
    assert suite.get("name") == "main.fleet"
    assert files["latency/d/p95"] == "parts/promises.fleet"
    assert files["capacity/p/peak"] == "parts/pools.fleet"


def test_an_allowance_in_the_wrong_file_is_told_the_right_one(team: Path) -> None:
    wrong = team / "parts" / "promises.fleet"
    wrong.write_text("# seatrial: allow ST1202 because measured elsewhere\n" + PARTS["promises.fleet"])
    said = seatrial("check", "main.fleet", cwd=team)
    assert "it is told of parts/pools.fleet:1: put the comment there" in said.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("language 2", "language 2 is not known"),
        ("language 0", "language 0 is not known"),
        ("language 1.5", "out of range"),
        ("language", "followed by one number"),
    ],
)
def test_a_part_of_another_version_is_not_read_by_the_rules_of_this_one(team: Path, line: str, words: str) -> None:
    part = team / "parts" / "pools.fleet"
    part.write_text(f"{line}\n{PARTS['pools.fleet']}")
    said = seatrial("check", "main.fleet", cwd=team)
    assert said.code == 2
    assert words in said.err and "--> parts/pools.fleet:1:" in said.err


def test_a_part_may_say_its_version(team: Path) -> None:
    part = team / "parts" / "pools.fleet"
    part.write_text(f"language 1\n{PARTS['pools.fleet']}")
    assert seatrial("check", "main.fleet", cwd=team).code == 1


def test_a_newer_file_is_answered_with_what_reads_it() -> None:
    said = seatrial("check", "-", given=b"language 2\nfleet f { pool p { agents 1 } }\n")
    assert said.code == 2
    assert "this seatrial reads language 1" in said.err and "help: a newer seatrial may read it" in said.err


HOLDS = 'fleet f {\n  use "parts"\n  demand d { steady 5/s }\n}\n'


@pytest.fixture
def sound(team: Path) -> Path:
    (team / "parts" / "promises.fleet").write_text("guarantee latency p95 < 1s\n")
    (team / "templates.fleet").write_text("template small { agents 3; each { service mean 9ms, p99 30ms } }\n")
    more = "fleet g {\n  pool q like small\n  call p -> q { timeout 200ms }"
    (team / "other.fleet").write_text('use "templates.fleet"\n' + HOLDS.replace("fleet f {", more))
    (team / ".hidden").mkdir()
    (team / ".hidden" / "x.fleet").write_text("fleet broken {")
    return team


@pytest.mark.parametrize("given", ["*.fleet parts/*.fleet", ".", "parts main.fleet other.fleet templates.fleet"])
def test_parts_are_checked_with_the_specs_that_use_them(sound: Path, given: str) -> None:
    said = shell(f"seatrial check --quiet {given}", sound)
    assert said.code == 0, said.err
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["main.fleet", "other.fleet"]
    assert sorted(said.err.splitlines()) == [
        "parts/pools.fleet: a part of main.fleet and of 1 more, checked there",
        "parts/promises.fleet: a part of main.fleet and of 1 more, checked there",
        "templates.fleet: a part of other.fleet, checked there",
    ]


def test_a_part_that_none_of_the_files_uses_is_an_error_and_the_rest_is_checked(sound: Path) -> None:
    for given in ("parts/pools.fleet", "templates.fleet"):
        said = seatrial("check", given, cwd=sound)
        assert said.code == 2 and "error[ST1002]: no fleet is declared in this file: it is a part" in said.err
    said = seatrial("check", "main.fleet", "templates.fleet", cwd=sound)
    assert said.code == 2 and "main.fleet: feasible" in said.out and "templates.fleet: not readable" in said.err


def test_what_is_wrong_in_a_part_is_told_once_and_in_its_place(sound: Path) -> None:
    (sound / "parts" / "pools.fleet").write_text(PARTS["pools.fleet"].replace("agents", "agnets"))
    said = seatrial("check", "--format", "github", ".", cwd=sound)
    assert said.code == 2
    assert said.out.count("::error file=parts/pools.fleet,line=1") == 1
    alone = seatrial("check", "parts/pools.fleet", cwd=sound)
    assert "error[ST1002]" in alone.err and "did you mean `agents`?" in alone.err


def test_an_answer_that_is_remembered_names_the_parts_too(sound: Path, tmp_path: Path) -> None:
    env = environment(SEATRIAL_CACHE_DIR=str(tmp_path / "kept"))
    first, again = (installed("check", ".", cwd=sound, env=env) for _ in range(2))
    assert first == again and "a part of main.fleet" in again.err
    # A part that is used no more is an answer of its own.
    (sound / "other.fleet").unlink()
    assert installed("check", ".", cwd=sound, env=env).code == 2


def test_all_specs_of_a_folder_are_put_in_style_and_repaired(sound: Path) -> None:
    (sound / "parts" / "pools.fleet").write_text(PARTS["pools.fleet"].replace("agents 3", "agents  3"))
    assert "would reformat parts/pools.fleet" in seatrial("fmt", "--check", "parts", cwd=sound).out
    assert seatrial("fmt", ".", cwd=sound).code == 0
    assert seatrial("check", "--fix", ".", cwd=sound).code == 0
    assert (sound / ".hidden" / "x.fleet").read_text() == "fleet broken {"
