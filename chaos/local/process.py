"""(pid, start time) -> a process that is surely the one that was meant, and signals to it alone.

Invariant: a signal is sent through a pidfd that was opened before the start time was compared, so a pid that was
given to another process in between is never hit.

Source: proc(5), `/proc/PID/stat` field 22 `starttime` (clock ticks after boot) and field 5 `pgrp`; pidfd_open(2),
pidfd_send_signal(2). Linux 5.3 or later.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_STATE, _PGRP, _START = 0, 2, 19
"""Places in the fields of `/proc/PID/stat` that follow the command's name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A process: its pid, and its start in clock ticks after boot, which tells it from a later one of that pid."""

    pid: int
    start: int


def _fields(pid: int) -> list[bytes] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    # The name stands in brackets and may itself hold spaces and brackets: the last one ends it.
    return text[text.rindex(b")") + 2 :].split()


def identify(pid: int) -> Identity | None:
    """The identity of a running process, a zombie included; None when there is none of that pid."""
    fields = _fields(pid)
    return None if fields is None else Identity(pid, int(fields[_START]))


def state(process: Identity) -> str | None:
    """The one-letter state of proc(5) ("R", "S", "T" stopped, "Z" zombie …); None when the process is gone."""
    fields = _fields(process.pid)
    if fields is None or int(fields[_START]) != process.start:
        return None
    return fields[_STATE].decode()


def alive(process: Identity) -> bool:
    """Whether the process is there and not a zombie."""
    return state(process) not in (None, "Z", "X")


def send(process: Identity, number: signal.Signals) -> bool:
    """Send a signal to exactly this process; False when it is gone."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        if not alive(process):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def send_group(leader: Identity, number: signal.Signals) -> bool:
    """Signal the process group that `leader` leads; False when the leader is gone, and the group with it unknown.

    A group's number stays taken while its leader is there, so comparing the leader's start time settles whose it is.
    """
    fields = _fields(leader.pid)
    if fields is None or int(fields[_START]) != leader.start or int(fields[_PGRP]) != leader.pid:
        return False
    try:
        os.killpg(leader.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def running() -> Iterator[Identity]:
    """Every process that is running now, as far as `/proc` shows them."""
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            process = identify(int(entry.name))
            if process is not None:
                yield process


def marked(mark: str) -> tuple[Identity, ...]:
    """The live processes whose environment at their start held `mark` ("NAME=value"), this one left out.

    An environment is inherited, so this finds descendants that left their group and lost their parent.
    """
    wanted = mark.encode()
    found = []
    for process in running():
        if process.pid == os.getpid():
            continue
        try:
            entries = (_PROC / str(process.pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in entries and alive(process):
            found.append(process)
    return tuple(found)
