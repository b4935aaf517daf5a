"""What the solver cannot decide in time is told and counted; a long check says how far it is."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .command import PROGRAM, SPECS, environment, installed, seatrial

pytestmark = pytest.mark.live

MANY = "fleet f {{ {pools} budget agents $1/h }}"
"""All pools are over the budget, and over their demand."""
POOL = (
    "demand d{0} {{ steady 400/s }}; "
    "pool p{0} {{ serves d{0}; agents 3; each {{ concurrency 8; service mean 60ms, p99 200ms; price $1/h }} }}; "
)
IMPATIENT = """
import sys
from seatrial.cli import app, watching
watching.PATIENCE_SECONDS = watching.REDRAW_SECONDS = 0.0
sys.exit(app.run(sys.argv[1:]))
"""
"""The command, for someone who wonders at once what takes so long."""


def test_what_ran_out_of_time_is_unknown_is_named_and_counted() -> None:
    said = seatrial("check", "--solver-seconds", "0.001", SPECS / "playbook-10k.fleet")
    assert said.code == 1
    assert "unknown: 1 unknown, 1 out of time" in said.out
    assert "was stopped, because its time was up" in said.err and "$288_000" not in said.out.splitlines()[-1]


def test_an_answer_that_hung_on_the_clock_is_not_kept(tmp_path: Path) -> None:
    kept = environment(SEATRIAL_CACHE_DIR=str(tmp_path))
    hurried = ("check", "--solver-seconds", "0.001", str(SPECS / "playbook-10k.fleet"))
    assert "out of time" in installed(*hurried, env=kept).out
    assert not list(tmp_path.iterdir())


def test_json_says_which_guarantee_ran_out_of_time() -> None:
    said = seatrial("check", "--format", "json", "--solver-seconds", "0.001", SPECS / "fragile.fleet")
    late = {one["id"]: one["out_of_time"] for one in said.json["guarantees"]}
    assert late["success/tickets"] is True and sum(late.values()) == 1


def test_no_time_at_all_is_a_mistake_in_the_command() -> None:
    for wrong in ("0", "-1", "soon", "nan", "inf", "1e30", ""):
        assert seatrial("check", "--solver-seconds", wrong, SPECS / "fragile.fleet").code == 2


def test_a_long_check_shows_on_a_terminal_how_far_it_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    spec = tmp_path / "many.fleet"
    spec.write_text(MANY.format(pools="".join(POOL.format(number) for number in range(4))))
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, "check", str(spec)],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(),
        close_fds=True,
    ) as checking:
        os.close(theirs)
        seen = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                # Linux: the other side has been closed.
                break
            seen += more
        os.close(ours)
    assert checking.returncode == 1
    drawn = [part for part in seen.split(b"\r\x1b[2K") if part]
    assert any(b"many.fleet: " in part and b" of " in part for part in drawn)
    assert b"\r\x1b[2K\x1b[" in seen or b"\r\x1b[2Ke" in seen, "the line is cleared before the report"


def _solver_of(pid: int) -> int | None:
    """The solver's process of a command, as soon as it has one."""
    for _ in range(2000):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if b"worker.py" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.01)
    return None


def test_ctrl_c_ends_the_command_and_a_solver_that_hangs(tmp_path: Path) -> None:
    spec = tmp_path / "many.fleet"
    spec.write_text(MANY.format(pools="".join(POOL.format(number) for number in range(200))))
    with subprocess.Popen(
        [PROGRAM, "check", "--solver-seconds", "600", spec],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # As a terminal gives each command a group of its own.
        start_new_session=True,
    ) as checking:
        solver = _solver_of(checking.pid)
        assert solver is not None
        # Let it answer some questions; there are thousands.
        time.sleep(0.5)
        os.kill(solver, signal.SIGSTOP)
        os.killpg(checking.pid, signal.SIGINT)
        out, err = checking.communicate(timeout=60)
    assert checking.returncode == 130 and out == b"" and err.strip() == b"interrupted"
    assert not Path(f"/proc/{solver}").exists()


def test_nothing_of_it_goes_to_a_file(tmp_path: Path) -> None:
    spec = tmp_path / "many.fleet"
    spec.write_text(MANY.format(pools="".join(POOL.format(number) for number in range(4))))
    assert "\x1b[2K" not in seatrial("check", spec).all
