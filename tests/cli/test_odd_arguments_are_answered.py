"""What is said twice, set with blanks, or names nothing: one line that says what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, seatrial

SPEC = """fleet desk {
  let n = 3
  demand tickets { steady 5/s }
  pool triage {
    serves tickets { timeout 2s }
    agents $n
    each { concurrency 8; service mean 30ms, p99 120ms }
  }
}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "desk.fleet"
    path.write_text(SPEC)
    return path


def test_of_two_changes_of_one_clause_none_counts_for_nothing(spec: Path) -> None:
    both = ("--what-if", "pool triage agents 4", "--what-if", "pool triage agents 1")
    said = seatrial("check", spec, *both)
    assert said.code == 2 and "error[ST1003]: `agents 1` says once more" in said.err and "<change 1>" in said.err
    apart = ("--what-if", "pool triage agents 4", "--what-if", "demand tickets steady 6/s")
    assert seatrial("check", spec, *apart).code == 0


def test_a_name_is_set_with_blanks_around_it_as_a_let_is_written(spec: Path) -> None:
    assert seatrial("check", spec, "--set", "n = 4").code == 0
    assert "write it as NAME=VALUE" in seatrial("check", spec, "--set", "n = ").err


def test_headroom_says_why_there_is_nothing_to_move(tmp_path: Path) -> None:
    (tmp_path / "empty.fleet").write_text("")
    said = seatrial("headroom", tmp_path / "empty.fleet")
    assert said.code == 2 and "error[ST1002]: no fleet is declared in this file" in said.err


def test_undo_tells_a_folder_that_is_not_there_from_one_without_a_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "no such folder; name that of a trial" in seatrial("undo", tmp_path / "gone").err
    assert "is no folder; name that of a trial" in seatrial("undo", tmp_path / "file").err
    assert "holds no undo log" in seatrial("undo", tmp_path).err


def test_one_document_is_one(tmp_path: Path) -> None:
    said = seatrial("compile", SPECS / "support.fleet", "--target", "envoy", "--out", tmp_path / "o", "--dry-run")
    assert "would write 1 document to" in said.out


def test_what_is_no_name_of_anything_gets_no_far_fetched_one(spec: Path) -> None:
    assert "there are: demand of" in seatrial("headroom", spec, "--of", "nosuch").err
    assert "did you mean --of 'demand'?" in seatrial("headroom", spec, "--of", "demnd").err
    assert "did you mean" not in seatrial("explain", "ST9999").err


def test_a_code_is_known_by_its_number() -> None:
    assert seatrial("explain", "2101").out.startswith("# ST2101")
