"""Command lines -> children that never outlive this process, however it ends.

Invariant: when this process ends, by a return, an exception or SIGKILL, every process that was started through a
tether, and every descendant of one, is killed. Three lines hold it: the kernel kills each child with its parent
(`leash.py`); each child leads a session of its own, whose group is killed as soon as its leader exits; and a reaper
(`reaper.py`) that sees its pipe close kills the recorded groups, then whatever still carries the tether's mark in its
environment, then undoes the faults that are still in force.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from .process import Identity, identify, marked, send, send_group

MARK = "SEATRIAL_TETHER"
"""The environment variable by which descendants are known."""

_LEASH = Path(__file__).with_name("leash.py")


class TetherUnavailable(Exception):
    """This system has no pidfd or prctl: the local trial needs Linux 5.3 or later."""


class Child:
    """One started process. `exit` is set, and the rest of its group killed, as soon as it has exited."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], identity: Identity) -> None:
        self.name = name
        self.identity = identity
        self._popen = popen
        self._pidfd = os.pidfd_open(popen.pid)
        self._loop = asyncio.get_running_loop()
        self._exited = asyncio.Event()
        self._loop.add_reader(self._pidfd, self._on_exit)

    @property
    def pid(self) -> int:
        return self.identity.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, -N after signal N; None while it runs."""
        return self._popen.returncode

    def _on_exit(self) -> None:
        if self._popen.returncode is not None:
            return
        self._loop.remove_reader(self._pidfd)
        # The leader is still a zombie here, so its pid and with it the group's number cannot be anyone else's.
        send_group(self.identity, signal.SIGKILL)
        self._popen.wait()
        os.close(self._pidfd)
        self._exited.set()

    def send(self, number: signal.Signals) -> None:
        """Signal the process itself, not its group; nothing happens when it has exited."""
        if self._popen.returncode is None:
            signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """SIGKILL the whole group."""
        if self._popen.returncode is None:
            send_group(self.identity, signal.SIGKILL)

    async def wait(self) -> int:
        await self._exited.wait()
        assert self._popen.returncode is not None
        return self._popen.returncode

    async def stop(self, grace_seconds: float) -> int:
        """SIGTERM, then after `grace_seconds` SIGKILL to the group, which also ends a stopped process."""
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            self.kill()
            return await self.wait()


class Tether:
    """Starts children inside a running event loop; `close` ends them all. To be used in the main thread: the kernel
    takes the end of the thread that started a child for the end of its parent.

    `run` is the folder of the trial whose undo log the reaper replays when this process is gone.
    Raises TetherUnavailable where the system cannot keep the promise.
    """

    def __init__(self, run: Path) -> None:
        if not sys.platform.startswith("linux") or not hasattr(os, "pidfd_open"):
            raise TetherUnavailable("the local trial needs Linux 5.3 or later (pidfd_open, PR_SET_PDEATHSIG)")
        self.mark = f"{MARK}={secrets.token_hex(8)}"
        self.children: list[Child] = []
        self._closed = False
        read_end, self._pipe = os.pipe()
        try:
            self._reaper = subprocess.Popen(
                [sys.executable, "-m", "seatrial.chaos.local.reaper", str(read_end), str(run.resolve()), self.mark],
                pass_fds=(read_end,),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        finally:
            os.close(read_end)

    def spawn(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        output: IO[bytes] | int = subprocess.DEVNULL,
        pass_descriptors: Sequence[int] = (),
    ) -> Child:
        """Start `command` in a session of its own; `environment` is added to this process's.

        A command that does not exist exits with 127 and a line on its output.
        """
        mark, _, value = self.mark.partition("=")
        popen = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *command],
            cwd=cwd,
            env={**os.environ, **(environment or {}), mark: value},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=tuple(pass_descriptors),
            start_new_session=True,
        )
        identity = identify(popen.pid)
        # An unreaped child has an entry in /proc even when it has exited already.
        assert identity is not None
        # Without its reaper (somebody killed it) the tether still holds by the kernel and by `close`.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, f"{identity.pid} {identity.start}\n".encode())
        child = Child(name, popen, identity)
        self.children = [one for one in self.children if one.returncode is None]
        self.children.append(child)
        return child

    async def close(self) -> None:
        """SIGKILL every child with its descendants, then let the reaper go. Idempotent."""
        if self._closed:
            return
        self._closed = True
        for child in self.children:
            child.kill()
        for child in self.children:
            await child.wait()
        for process in marked(self.mark):
            send(process, signal.SIGKILL)
        os.close(self._pipe)
        while self._reaper.poll() is None:
            await asyncio.sleep(0.01)
