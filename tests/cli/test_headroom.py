"""`seatrial headroom` as a user types it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from .command import SPECS, seatrial

SMALL = """fleet f {
  demand d { steady 100/s; peak 200/s for 5m every 1h }
  pool p { serves d { timeout 2s }; agents 4..20; scale on busy 50%
    each { price $1/h; concurrency 8; service mean 40ms, p99 150ms } }
  budget agents $30/h
}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.fleet"
    path.write_text(SMALL)
    return path


def test_a_table_with_the_tightest_last(spec: Path) -> None:
    said = seatrial("headroom", spec)
    assert said.code == 0 and said.err == ""
    assert "prices of all" in said.out and "+42 %" in said.out and "budget/agents/hour is unknown" in said.out
    assert said.out.splitlines()[-1].startswith("tightest: ")


def test_it_is_said_where_not_each_step_was_tried(spec: Path) -> None:
    said = seatrial("headroom", spec).out
    rows = {row["what"]: row for row in seatrial("headroom", spec, "--format", "json").json["headroom"]}
    assert re.search(r"prices of all +\+42 % +each +budget", said)
    leapt = [row for row in rows.values() if row["tried"] < row["until"]]
    assert leapt and all(f"{row['tried']} of {row['until']}" in said for row in leapt)
    assert "a guarantee may fall at one that was not" in said
    assert "may fall at one that" not in seatrial("headroom", spec, "--of", "prices").out


def test_why_a_guarantee_falls_is_said_in_the_words_of_the_check(spec: Path) -> None:
    said = seatrial("headroom", spec, "--of", "prices").out
    assert "budget/agents/hour is unknown at prices of all +43 %: it may cost $30.13 an hour with what" in said
    (row,) = seatrial("headroom", spec, "--of", "prices", "--format", "json").json["headroom"]
    (line,) = csv.DictReader(io.StringIO(seatrial("headroom", spec, "--of", "prices", "--format", "csv").out))
    dearer = SMALL.replace("price $1/h", "price $1.43/h")
    spec.write_text(dearer)
    (told,) = [one for one in seatrial("check", spec, "--format", "json").json["guarantees"] if one["kind"] == "budget"]
    assert row["why"] == line["why"] == told["reason"] and row["why"] in said


def test_what_is_not_proved_already_is_said_beside_the_table(spec: Path) -> None:
    spec.write_text(SMALL.replace("$30/h", "$1/h"))
    said = seatrial("headroom", spec)
    assert said.code == 0 and "budget/agents/hour is not proved as the spec stands" in said.err


def test_the_same_for_programs(spec: Path) -> None:
    rows = {row["what"]: row for row in seatrial("headroom", spec, "--format", "json").json["headroom"]}
    # 20 agents at $1 of $30, and those that drain while others start.
    prices = rows["prices of all"]
    assert (prices["until"], prices["tried"], prices["returns"]) == (42, 42, False)
    table = list(csv.DictReader(io.StringIO(seatrial("headroom", spec, "--format", "csv").out)))
    assert {row["what"]: int(row["until"]) for row in table} == {name: row["until"] for name, row in rows.items()}


def test_a_picture_that_is_the_same_each_time(spec: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg", "c.png"):
        assert seatrial("headroom", spec, "--of", "prices", "--plot", tmp_path / name).code == 0
    svg = (tmp_path / "a.svg").read_bytes()
    assert b"<svg" in svg and svg == (tmp_path / "b.svg").read_bytes()
    assert b"it may cost $30.13 an hour" in svg
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_agents_are_counted_in_whole_ones_on_a_picture(spec: Path, tmp_path: Path) -> None:
    assert seatrial("headroom", spec, "--of", "agents", "--plot", tmp_path / "a.svg").code == 0
    # Of each label there is a comment beside its outlines.
    labels = re.findall(r"<!-- (\d[^ ]*) -->", (tmp_path / "a.svg").read_text())
    assert labels and all(one.isdigit() for one in labels)


def test_a_spec_may_come_through_a_pipe(spec: Path) -> None:
    said = seatrial("headroom", "-", given=SMALL.encode())
    assert said.code == 0 and said.out == seatrial("headroom", spec).out


def test_where_nothing_may_move_it_is_said(tmp_path: Path) -> None:
    said = seatrial("headroom", "-", given=b"fleet f { }")
    assert said.code == 2 and "<stdin>: nothing in it may move" in said.err


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--plot", "a.gif"), ".svg, .png, .pdf"),
        (("--plot", "nowhere/a.svg"), "no folder"),
        (("--of", "demand of e"), "demand of d"),
        (("--format", "xml"), "xml"),
        (("--env", "moon"), "no environment"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(wrong: tuple[str, ...], told: str, spec: Path) -> None:
    said = seatrial("headroom", spec, *wrong)
    assert said.code == 2 and told in said.err and "Traceback" not in said.all


def test_a_spec_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.fleet").write_text("fleet f { pool p { agnets 2 } }\n")
    said = seatrial("headroom", tmp_path / "bad.fleet")
    assert said.code == 2 and "did you mean `agents`?" in said.err
    assert seatrial("headroom", tmp_path / "none.fleet").code == 2


def test_zones_are_lost_one_by_one() -> None:
    said = seatrial("headroom", SPECS / "support.fleet", "--of", "zones")
    assert "zones lost" in said.out and "1 zone " in said.out
