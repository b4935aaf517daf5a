"""A spec that spans files: what is said of a part names the part, and a part of another version is not read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from .command import seatrial

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
