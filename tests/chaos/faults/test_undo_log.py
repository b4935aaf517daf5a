"""The undo log: written before a fault strikes, replayed by whoever is left."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaoslib.exceptions import ActivityFailed

from seatrial.chaos.faults.hang import hang_agents, resume_agents
from seatrial.chaos.faults.inject import percent
from seatrial.chaos.faults.kill import kill_agents
from seatrial.chaos.faults.log import UNDO, Entry, open_entries, open_entry
from seatrial.chaos.faults.undo import undo_all
from seatrial.chaos.local.process import Identity, identify, state
from seatrial.chaos.local.records import read
from seatrial.chaos.local.state import AgentRecord, AgentState, FleetState, write_state
from seatrial.chaos.local.tether import Tether

pytestmark = pytest.mark.live


@pytest.fixture
def sleepers(tmp_path: Path) -> Iterator[list[Identity]]:
    """Thirty processes that the folder's `fleet.json` lists as the agents of a pool."""
    processes = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(30)]
    try:
        identities = [found for process in processes if (found := identify(process.pid)) is not None]
        agents = tuple(
            AgentRecord(f"triage-{number}", identity, 4000 + number, AgentState.READY)
            for number, identity in enumerate(identities, 1)
        )
        write_state(tmp_path, FleetState(time.monotonic(), "127.0.0.1:1", {"a--triage": 1}, {"triage": agents}))
        yield identities
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _in_state(identities: list[Identity], letter: str) -> int:
    return sum(state(identity) == letter for identity in identities)


def _settles(identities: list[Identity], letter: str, count: int) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if _in_state(identities, letter) == count:
            return True
        time.sleep(0.02)
    return False


def test_what_hangs_is_logged_first_and_runs_again_after_the_undo(tmp_path: Path, sleepers: list[Identity]) -> None:
    hung = hang_agents(str(tmp_path), 2, "triage", seed=1, count=2)["hung"]
    assert _settles(sleepers, "T", 2)
    (entry,) = open_entries(tmp_path)
    assert (entry.fault, list(entry.targets)) == (2, hung)
    resume_agents(str(tmp_path), 2)
    assert _settles(sleepers, "T", 0)
    assert open_entries(tmp_path) == ()
    assert undo_all(str(tmp_path)) == {"undone": []}


def test_a_tenth_of_thirty_is_three_and_the_same_seed_hits_the_same(tmp_path: Path, sleepers: list[Identity]) -> None:
    first = hang_agents(str(tmp_path), 0, "triage", seed=9, share=0.1)["hung"]
    undo_all(str(tmp_path))
    second = hang_agents(str(tmp_path), 0, "triage", seed=9, share=0.1)["hung"]
    undo_all(str(tmp_path))
    other = hang_agents(str(tmp_path), 0, "triage", seed=10, share=0.1)["hung"]
    assert isinstance(first, list)
    assert len(first) == 3
    assert first == second != other


def test_a_kill_hits_what_it_names_and_nobody_else(tmp_path: Path, sleepers: list[Identity]) -> None:
    killed = kill_agents(str(tmp_path), 0, "triage", seed=1, count=1)["killed"]
    assert _settles(sleepers, "Z", 1)
    (event,) = read(tmp_path / "events.jsonl")
    assert (event["phase"], event["targets"]) == ("injected", killed)
    assert not (tmp_path / UNDO).exists()


def test_a_process_that_has_gone_needs_no_undoing(tmp_path: Path, sleepers: list[Identity]) -> None:
    stranger = Identity(sleepers[0].pid, sleepers[0].start - 1)
    open_entry(tmp_path, Entry(1, "hang", ("triage-1",), (stranger,)))
    assert undo_all(str(tmp_path)) == {
        "undone": [{"fault": 1, "what": "hang", "targets": ["triage-1"], "gone": ["triage-1"]}]
    }


def test_a_fault_that_finds_nobody_fails_aloud(tmp_path: Path, sleepers: list[Identity]) -> None:
    with pytest.raises(ActivityFailed, match="there is no pool nobody"):
        kill_agents(str(tmp_path), 0, "nobody", seed=1, count=1)
    (event,) = read(tmp_path / "events.jsonl")
    assert event["phase"] == "failed"


def test_without_a_fleet_a_fault_fails_aloud(tmp_path: Path) -> None:
    with pytest.raises(ActivityFailed, match="no fleet runs in"):
        kill_agents(str(tmp_path), 0, "triage", seed=1, count=1)


def test_a_line_that_was_cut_short_is_not_read(tmp_path: Path) -> None:
    open_entry(tmp_path, Entry(1, "hang", ("triage-1",)))
    with (tmp_path / UNDO).open("a") as log:
        log.write('{"id": "2", "fault": 2, "what": "ha')
    assert [entry.fault for entry in open_entries(tmp_path)] == [1]


def test_the_reaper_undoes_what_a_killed_command_left(tmp_path: Path, sleepers: list[Identity]) -> None:
    async def run() -> None:
        tether = Tether(tmp_path)
        hang_agents(str(tmp_path), 0, "triage", seed=1, count=3)
        assert _settles(sleepers, "T", 3)
        await tether.close()

    asyncio.run(run())
    assert _settles(sleepers, "T", 0)
    assert _in_state(sleepers, "S") == 30
    assert open_entries(tmp_path) == ()


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.3, "30"),
        (1, "100"),
        ("1/4", "25"),
        (0.005, '{"numerator": 5000, "denominator": "MILLION"}'),
        ("1/3", '{"numerator": 333333, "denominator": "MILLION"}'),
    ],
)
def test_a_share_is_a_whole_per_cent_where_it_is_one_and_millionths_elsewhere(share: float | str, text: str) -> None:
    assert percent(share) == text


def test_signals_of_the_terminal_do_not_end_the_reaper_first(tmp_path: Path) -> None:
    async def run() -> int | None:
        tether = Tether(tmp_path)
        child = tether.spawn("sleep", ["sleep", "600"])
        await asyncio.sleep(0.5)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            tether._reaper.send_signal(number)
        await asyncio.sleep(0.2)
        alive = tether._reaper.poll()
        await tether.close()
        assert child.returncode == -signal.SIGKILL
        return alive

    assert asyncio.run(run()) is None
