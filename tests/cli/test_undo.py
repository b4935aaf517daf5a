"""`seatrial undo` after a machine that went down in the middle of a trial: what the log lists is taken back, once."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from seatrial.chaos.faults.log import Entry, open_entry
from seatrial.chaos.local.process import identify, state

from .command import seatrial

pytestmark = pytest.mark.live


def test_a_process_that_hangs_runs_again(tmp_path: Path) -> None:
    agent = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        known = identify(agent.pid)
        assert known is not None
        agent.send_signal(signal.SIGSTOP)
        end = time.monotonic() + 10
        while state(known) != "T" and time.monotonic() < end:
            time.sleep(0.01)
        assert state(known) == "T"
        open_entry(tmp_path, Entry(1, "hang (worker-1)", ("worker-1",), (known,)))
        said = seatrial("undo", tmp_path)
        assert (said.code, said.out) == (0, "undone: hang (worker-1)\n")
        assert state(known) != "T"
        again = seatrial("undo", tmp_path)
        assert (again.code, again.out) == (0, f"{tmp_path}: nothing was in force\n")
    finally:
        agent.kill()
        agent.wait()


def test_a_process_that_is_gone_is_named_as_gone(tmp_path: Path) -> None:
    agent = subprocess.Popen(["sleep", "600"], start_new_session=True)
    known = identify(agent.pid)
    assert known is not None
    agent.kill()
    agent.wait()
    open_entry(tmp_path, Entry(1, "hang (worker-1)", ("worker-1",), (known,)))
    said = seatrial("undo", tmp_path)
    assert (said.code, said.out) == (0, "undone: hang (worker-1) (already gone: worker-1)\n")
