"""`seatrial simulate` shows the course that refutes a spec, and what it writes is read back as the same course."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from .command import seatrial

SPEC = """language 1
fleet f {
  demand d { steady 100/s; peak 400/s for 2m every 1d }
  pool p {
    serves d { timeout 5s }
    agents 2..20
    each { concurrency 8; service mean 60ms, p99 200ms; startup 20s }
    scale on busy 50%
  }
  pool fixed { agents 2; each { concurrency 8; service mean 60ms, p99 200ms } }
}
"""


def spec(folder: Path) -> Path:
    path = folder / "f.fleet"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_the_worst_course_is_shown_and_what_it_writes_does_the_same(tmp_path: Path) -> None:
    shown = seatrial("simulate", spec(tmp_path), "--worst", "--format", "json", "--write", tmp_path / "out")
    assert shown.code == 0, shown.err
    rows = shown.json
    assert max(row["longest_wait_seconds"] for row in rows) > 15
    again = seatrial("simulate", spec(tmp_path), "--arrivals", tmp_path / "out" / "d.csv", "--format", "csv")
    read = list(csv.DictReader(again.out.splitlines()))
    assert [int(row["agents"]) for row in read[: len(rows)]] == [row["agents"] for row in rows]


def test_where_no_course_makes_anybody_wait_it_is_said(tmp_path: Path) -> None:
    calm = SPEC.replace("peak 400/s", "peak 120/s")
    said = seatrial("simulate", "-", "--worst", given=calm.encode())
    assert said.code == 0 and "on no course that was tried does a request wait" in said.err
    assert "no course" not in seatrial("simulate", spec(tmp_path), "--worst").err


def test_a_table_tells_what_is_ready_and_what_waits(tmp_path: Path) -> None:
    shown = seatrial("simulate", spec(tmp_path))
    assert shown.out.split()[:6] == ["time", "demand/s", "proposed", "agents", "ready", "waiting"]
    assert "0:30" in shown.out


def test_what_cannot_be_simulated_is_told(tmp_path: Path) -> None:
    path = spec(tmp_path)
    for arguments, words in (
        (("--pool", "fixed"), "no pool fixed with an autoscaler; there are: p"),
        (("--pool", "q"), "no pool q"),
        (("--arrivals", tmp_path / "none.csv"), "none.csv"),
        (("--worst", "--arrivals", path), "leave --worst"),
    ):
        told = seatrial("simulate", path, *arguments)
        assert told.code == 2 and words in told.err, told


def test_recordings_that_are_there_stay(tmp_path: Path) -> None:
    own = tmp_path / "d.csv"
    own.write_text("timestamp\n1\n", encoding="utf-8")
    told = seatrial("simulate", spec(tmp_path), "--write", tmp_path)
    assert told.code == 2 and "is there already" in told.err
    assert own.read_text(encoding="utf-8") == "timestamp\n1\n"
    assert seatrial("simulate", spec(tmp_path), "--write", tmp_path, "--force").code == 0
    assert own.read_text(encoding="utf-8") != "timestamp\n1\n"


@pytest.mark.parametrize("rate", ["nan", "inf", "-inf", "0", "-1", "0.0001", "1e10", "1e300", "many"])
def test_a_rate_that_no_demand_has_is_refused(rate: str, tmp_path: Path) -> None:
    told = seatrial("simulate", spec(tmp_path), f"--constant={rate}")
    assert told.code == 2 and "Invalid value for '--constant'" in told.err and told.out == ""


@pytest.mark.parametrize("rate", ["30", "30/s", "1800/min", "108_000/h"])
def test_a_rate_may_be_written_as_in_a_spec(rate: str, tmp_path: Path) -> None:
    rows = seatrial("simulate", spec(tmp_path), "--constant", rate, "--format", "json").json
    assert {row["demand_per_second"] for row in rows} == {30.0}


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        ("30ms", "'30ms' is not a number; write so many a second, as 30, or a rate, as 30/s"),
        ("30/x", "a rate is per s, min, h"),
    ],
)
def test_what_is_no_rate_is_told_in_words(rate: str, told: str, tmp_path: Path) -> None:
    assert told in seatrial("simulate", spec(tmp_path), "--constant", rate).err


def test_a_spec_may_come_through_a_pipe(tmp_path: Path) -> None:
    shown = seatrial("simulate", "-", given=SPEC.encode())
    assert shown.code == 0 and shown.out == seatrial("simulate", spec(tmp_path)).out
    told = seatrial("simulate", "-", "--stdin-filename", "x.yaml", given=SPEC.encode())
    assert told.code == 2 and "x.yaml: not readable" in told.err


@pytest.mark.parametrize("rate", ["0.001", "1e9"])
def test_the_least_and_the_most_are_simulated_as_they_are(rate: str, tmp_path: Path) -> None:
    rows = seatrial("simulate", spec(tmp_path), "--constant", rate, "--format", "json").json
    assert {row["demand_per_second"] for row in rows} == {float(rate)}


EMPTY = """language 1
fleet f {
  demand d { steady 1/h; peak 2/s for 2m every 1d }
  pool p {
    serves d
    agents 0..6
    each { concurrency 2; service mean 1s, p99 4s; startup 20s }
    scale on queue 5 per agent { down over 1m }
  }
  queue q { feeds p; holds at most 100 }
}
"""


def test_a_pool_that_may_be_empty_is_shown_under_keda(tmp_path: Path) -> None:
    path = tmp_path / "f.fleet"
    path.write_text(EMPTY, encoding="utf-8")
    arrivals = tmp_path / "arrivals.csv"
    arrivals.write_text("timestamp\n" + "".join(f"{second}\n" for second in (20, 21, 22, 600)), encoding="utf-8")
    shown = seatrial("simulate", path, "--arrivals", arrivals, "--format", "json")
    assert shown.code == 0, shown.err
    agents = [row["agents"] for row in shown.json]
    assert agents[0] == 0 and max(agents) > 0
    # Nobody is left a minute after the last of the three, and the fourth waits for somebody.
    assert agents[-1] == 0 and shown.json[-1]["waiting"] == 1
    worst = seatrial("simulate", path, "--worst")
    assert worst.code == 2 and "may be empty" in worst.err


def test_a_table_folds_syncs_that_are_alike(tmp_path: Path) -> None:
    shown = seatrial("simulate", spec(tmp_path), "--constant", "100/s").out.splitlines()
    assert [line.split()[0] for line in shown] == ["time", "0:00", "…", "239:45"]
    assert all(line == line.rstrip() for line in shown)
    assert len(seatrial("simulate", spec(tmp_path), "--constant", "100/s", "--format", "csv").out.splitlines()) == 961
