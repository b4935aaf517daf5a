"""A trial that is ended from outside leaves no process, no fault and no half-written folder; the old folder stays."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .command import PROGRAM, content, environment, seatrial

pytestmark = pytest.mark.live

SPEC = """language 1

fleet tiny "One pool" {
  demand clicks { steady 20/s }

  pool worker {
    serves clicks { timeout 2s }
    agents 3
    each { concurrency 8; service mean 10ms, p99 40ms; startup 1s }
    health every 1s { fails after 2 }
  }

  guarantee success 80% over 30d

  # Long enough that nothing ends by itself, with agents stopped when the signal comes.
  trial long {
    duration 120s
    hang 2 agents of worker at 1s for 100s
  }
}
"""

MARK = "SEATRIAL_TEST_MARK"


def carrying(mark: str) -> set[int]:
    """Every process with our mark in its environment, which all descendants of the command inherit."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        # A process may end while it is looked at.
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes():
                found.add(int(path.parent.name))
    return found


def stopped(pids: set[int]) -> int:
    """How many of them are stopped, as a hang leaves them."""
    count = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            count += Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return count


def until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("number", "times"),
    [(signal.SIGINT, 1), (signal.SIGINT, 2), (signal.SIGTERM, 1), (signal.SIGKILL, 1)],
    ids=["SIGINT", "SIGINT by an impatient one", "SIGTERM", "SIGKILL"],
)
def test_a_signal_in_the_middle_of_a_trial_ends_all_of_it(number: signal.Signals, times: int, tmp_path: Path) -> None:
    (tmp_path / "tiny.fleet").write_text(SPEC)
    compiled = seatrial("compile", "tiny.fleet", "--out", "out", "--target", "runtime", cwd=tmp_path)
    assert compiled.code == 0, compiled.all
    before = content(tmp_path / "out")
    mark = secrets.token_hex(8)
    with (tmp_path / "told").open("wb") as told:
        command = subprocess.Popen(
            [PROGRAM, "trial", "tiny.fleet", "--out", "out"],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            env=environment(**{MARK: mark}),
        )
    try:
        assert until(lambda: stopped(carrying(mark)) >= 2, 40), (tmp_path / "told").read_text()
        # The command, its reaper, Envoy, three agents, the generator and the Chaos Toolkit.
        assert len(carrying(mark)) >= 8
        for again in range(times):
            # The agents that are stopped are waited for, so the second one comes into the middle of the ending.
            time.sleep(0.3 * again)
            command.send_signal(number)
        code = command.wait(30)
        assert until(lambda: not carrying(mark), 20), "processes are left"
    finally:
        for pid in carrying(mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        command.wait()
    assert content(tmp_path / "out") == before
    left = {path.name for path in tmp_path.iterdir()} - {"tiny.fleet", "told", "out"}
    if number is signal.SIGKILL:
        # Nobody was left to remove the draft; it is not in the place of the result, and the next run removes it.
        assert code == -signal.SIGKILL
        assert all(name.startswith(".out.") for name in left)
    else:
        assert (code, left) == (130, set())
        assert (tmp_path / "told").read_text().endswith("interrupted\n")


def test_a_draft_that_a_killed_command_left_is_removed_by_the_next_one_but_not_a_living_one_s(tmp_path: Path) -> None:
    (tmp_path / "tiny.fleet").write_text(SPEC)
    mark = secrets.token_hex(8)
    running = subprocess.Popen(
        [PROGRAM, "trial", "tiny.fleet", "--out", "out"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(**{MARK: mark}),
    )

    def drafts() -> list[Path]:
        return list(tmp_path.glob(".out.*/.seatrial"))

    def compiles() -> None:
        assert seatrial("compile", "tiny.fleet", "--out", "out", "--target", "runtime", cwd=tmp_path).code == 0

    try:
        assert until(lambda: bool(drafts()), 20)
        compiles()
        assert len(drafts()) == 1, "the draft of a command that runs"
        running.kill()
        running.wait()
        assert until(lambda: not carrying(mark), 20)
        compiles()
        assert drafts() == []
    finally:
        running.kill()
        running.wait()
