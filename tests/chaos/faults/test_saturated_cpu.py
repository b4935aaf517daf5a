"""A saturated cpu: a process gets what is left of its time, and all of it again after the undo."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaoslib.exceptions import ActivityFailed

from seatrial.chaos.faults.hang import hang_agents
from seatrial.chaos.faults.log import open_entries
from seatrial.chaos.faults.saturate import release_cpu, saturate_cpu
from seatrial.chaos.faults.undo import undo_fault
from seatrial.chaos.local.process import Identity, identify, state
from seatrial.chaos.local.state import AgentRecord, AgentState, FleetState, write_state

pytestmark = pytest.mark.live

_TICKS = "import sys, time\nwhile True:\n    time.sleep(0.005)\n    print('x', end='', flush=True)"


@pytest.fixture
def ticker(tmp_path: Path) -> Iterator[tuple[Identity, Path]]:
    """One agent, a process that writes a letter every five milliseconds that it is let."""
    log = tmp_path / "ticks"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-c", _TICKS], stdout=stream, start_new_session=True)
    try:
        found = identify(process.pid)
        assert found is not None
        agents = (AgentRecord("triage-1", found, 4001, AgentState.READY),)
        write_state(tmp_path, FleetState(time.monotonic(), "127.0.0.1:1", {"a--triage": 1}, {"triage": agents}))
        yield found, log
    finally:
        process.kill()
        process.wait()


def _ticks(log: Path, seconds: float) -> int:
    before = log.stat().st_size
    time.sleep(seconds)
    return log.stat().st_size - before


def _settles(process: Identity, letter: str) -> bool:
    """In this state at fifty looks in a row, a throttle's period and more."""
    seen, end = 0, time.monotonic() + 10
    while seen < 50 and time.monotonic() < end:
        seen = seen + 1 if state(process) == letter else 0
        time.sleep(0.005)
    return seen == 50


def test_an_agent_gets_what_is_left_and_all_of_it_after_the_undo(tmp_path: Path, ticker: tuple[Identity, Path]) -> None:
    process, log = ticker
    while not log.stat().st_size:
        time.sleep(0.01)
    free = _ticks(log, 1.0)
    assert saturate_cpu(str(tmp_path), 3, "triage", "9/10") == {"throttled": ["triage-1"]}
    time.sleep(0.5)
    assert _ticks(log, 1.0) < free / 2
    (entry,) = open_entries(tmp_path)
    assert (entry.what, entry.processes) == ("saturate", (process,))
    release_cpu(str(tmp_path), 3)
    assert open_entries(tmp_path) == ()
    assert not _settles(process, "T")
    time.sleep(0.3)
    assert _ticks(log, 1.0) > free / 2


def test_who_hangs_meanwhile_stays_hung(tmp_path: Path, ticker: tuple[Identity, Path]) -> None:
    process, _ = ticker
    saturate_cpu(str(tmp_path), 0, "triage", "1/2")
    hang_agents(str(tmp_path), 1, "triage", seed=1, count=1)
    assert _settles(process, "T")
    undo_fault(str(tmp_path), 1)
    undo_fault(str(tmp_path), 0)
    assert not _settles(process, "T")


@pytest.mark.parametrize("share", ["0", "1"])
def test_none_or_all_of_the_cpu_is_refused(tmp_path: Path, ticker: tuple[Identity, Path], share: str) -> None:
    with pytest.raises(ActivityFailed):
        saturate_cpu(str(tmp_path), 0, "triage", share)
    assert open_entries(tmp_path) == ()
