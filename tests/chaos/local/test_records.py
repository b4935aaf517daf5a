from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from seatrial.chaos.local.process import Identity
from seatrial.chaos.local.records import EVENTS, Events, append, read, replace
from seatrial.chaos.local.state import AgentRecord, AgentState, FleetState, read_state, write_state

pytestmark = pytest.mark.live


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, {"n": 1})
    append(path, {"n": 2}, durable=True)
    with path.open("a") as log:
        log.write('{"n": 3')
    assert [record["n"] for record in read(path)] == [1, 2]
    assert read(tmp_path / "nothing") == []


def _write_many(path: Path, writer: int) -> None:
    for number in range(200):
        append(path, {"writer": writer, "number": number, "filling": "x" * 500})


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(path, writer)) for writer in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = {(record["writer"], record["number"]) for record in read(path)}
    assert found == {(writer, number) for writer in range(3) for number in range(200)}


def test_moving_the_origin_moves_what_was_told_before_and_after(tmp_path: Path) -> None:
    now = time.monotonic()
    events = Events(tmp_path, now)
    events.add("early", at=1.5)
    events.rebase(now + 10)
    events.add("late")
    early, late = read(tmp_path / EVENTS)
    assert (early["kind"], early["t"]) == ("early", -8.5)
    assert isinstance(late["t"], float)
    assert -10 <= late["t"] < 0


def test_a_replaced_file_leaves_no_draft(tmp_path: Path) -> None:
    replace(tmp_path / "a.json", {"a": 1})
    replace(tmp_path / "a.json", {"a": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_the_fleets_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    agent = AgentRecord("triage-1", Identity(77, 123456), 4000, AgentState.UNREADY)
    state = FleetState(12.5, "127.0.0.1:9901", {"a--triage": 4100}, {"triage": (agent,), "resolver": ()})
    assert read_state(tmp_path) is None
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
