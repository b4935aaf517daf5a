"""The command in a child process, as a user types it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from .warm import LONGEST

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
PROGRAM = Path(sys.executable).with_name("seatrial")

LIMIT_SECONDS = 120.0
"""A command that hangs must not hang the tests."""


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def all(self) -> str:
        return self.out + self.err


def environment(**more: str) -> dict[str, str]:
    """The tests' own, without what would colour a command's output or answer it from an earlier run."""
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
    return kept | {"SEATRIAL_CACHE_DIR": os.devnull} | more


@cache
def _warm() -> socket.socket:
    """To an interpreter that has its imports behind it and ends with these tests (`warm.py`)."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        command = [sys.executable, "-P", str(Path(__file__).with_name("warm.py")), str(its.fileno())]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, pass_fds=[its.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def seatrial(*arguments: str | Path, cwd: Path | None = None, given: bytes = b"") -> Said:
    """The command in a process forked from an interpreter that has its imports behind it."""
    warm = _warm()
    words = [str(one) for one in arguments]
    order = {"arguments": words, "cwd": str(Path(cwd or "").absolute()), "env": environment()}
    request = json.dumps(order).encode()
    if len(request) > LONGEST:
        return installed(*arguments, cwd=cwd, given=given)
    with TemporaryFile() as out, TemporaryFile() as err:
        read, write = os.pipe()
        socket.send_fds(warm, [request], [read, out.fileno(), err.fileno()])
        os.close(read)
        pid = int(warm.recv(LONGEST))
        writer = threading.Thread(target=_write, args=(write, given))
        writer.start()
        if not select.select([warm], [], [], LIMIT_SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
            warm.recv(LONGEST)
            raise subprocess.TimeoutExpired(words, LIMIT_SECONDS)
        code = int(warm.recv(LONGEST))
        writer.join()
        for stream in (out, err):
            stream.seek(0)
        return Said(code, out.read().decode(), err.read().decode())


def _write(pipe: int, given: bytes) -> None:
    # A command need not read what it is given.
    with contextlib.suppress(BrokenPipeError), open(pipe, "wb") as stream:
        stream.write(given)


def installed(
    *arguments: str | Path, cwd: Path | None = None, given: bytes = b"", env: Mapping[str, str] | None = None
) -> Said:
    """The installed command in an interpreter of its own, with `env` in place of the tests' environment."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        env=env or environment(),
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def shell(line: str, cwd: Path) -> Said:
    """A line of bash, with `seatrial` on its path."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        env=environment(PATH=f"{PROGRAM.parent}:{os.environ['PATH']}"),
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def content(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
