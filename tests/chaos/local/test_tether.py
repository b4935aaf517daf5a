"""What a tether starts dies with it, whatever ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seatrial.chaos.local.process import Identity, alive, identify, marked, send, send_group
from seatrial.chaos.local.tether import MARK, Tether

from .survivors import survivors

pytestmark = pytest.mark.live

# A child, its own child, and a grandchild that left session and parent as a daemon does.
_FAMILY = "sleep 600 & setsid sleep 600 & (setsid sleep 600 &) ; wait"

_PARENT = f"""
import asyncio, sys
from pathlib import Path
from seatrial.chaos.local.tether import Tether

async def main():
    tether = Tether(Path(sys.argv[1]))
    tether.spawn("family", ["sh", "-c", {_FAMILY!r}])
    print(tether.mark, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def _until(condition: object, seconds: float = 20.0) -> bool:
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_parent_that_is_killed_leaves_no_process_behind_not_even_a_daemon(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    mark = parent.stdout.readline().strip()
    assert mark.startswith(MARK)
    assert _until(lambda: len(marked(mark)) >= 4), "the shell and its three sleeps"
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _until(lambda: not marked(mark))


def test_closing_a_tether_leaves_no_process_behind(tmp_path: Path) -> None:
    async def run() -> tuple[int, tuple[Identity, ...]]:
        tether = Tether(tmp_path)
        tether.spawn("family", ["sh", "-c", _FAMILY])
        await asyncio.sleep(0.3)
        before = len(survivors(tether))
        await tether.close()
        return before, survivors(tether)

    before, after = asyncio.run(run())
    assert before >= 3
    assert after == ()


def test_what_a_child_started_ends_with_the_child(tmp_path: Path) -> None:
    async def run() -> tuple[int, int]:
        tether = Tether(tmp_path)
        child = tether.spawn("shell", ["sh", "-c", "sleep 600 & sleep 0.2; exit 3"])
        returncode = await child.wait()
        left = len(survivors(tether))
        await tether.close()
        return returncode, left

    assert asyncio.run(run()) == (3, 0)


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    async def run() -> int:
        tether = Tether(tmp_path)
        child = tether.spawn("stubborn", ["sh", "-c", "trap '' TERM; sleep 600"])
        await asyncio.sleep(0.3)
        returncode = await child.stop(0.3)
        await tether.close()
        return returncode

    assert asyncio.run(run()) == -signal.SIGKILL


def test_a_command_that_does_not_exist_exits_with_127(tmp_path: Path) -> None:
    async def run() -> int:
        tether = Tether(tmp_path)
        with (tmp_path / "log").open("wb") as log:
            child = tether.spawn("nothing", ["no-such-command-anywhere"], output=log)
        returncode = await child.wait()
        await tether.close()
        return returncode

    assert asyncio.run(run()) == 127
    assert "no-such-command-anywhere" in (tmp_path / "log").read_text()


def test_a_pid_that_was_given_to_another_process_is_not_signalled() -> None:
    other = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        now = identify(other.pid)
        assert now is not None
        earlier = Identity(now.pid, now.start - 1)
        assert not send(earlier, signal.SIGKILL)
        assert not send_group(earlier, signal.SIGKILL)
        assert alive(now)
        assert send(now, signal.SIGKILL)
    finally:
        other.kill()
        other.wait()


def test_a_name_with_brackets_and_spaces_does_not_confuse_the_start_time(tmp_path: Path) -> None:
    program = tmp_path / "a) b (c"
    program.symlink_to(Path("/bin/sleep").resolve())
    process = subprocess.Popen([str(program), "600"])
    try:
        assert _until(lambda: b"a) b" in Path(f"/proc/{process.pid}/stat").read_bytes(), 5)
        found = identify(process.pid)
        assert found is not None
        own = identify(os.getpid())
        assert own is not None
        assert found.start >= own.start
    finally:
        process.kill()
        process.wait()
