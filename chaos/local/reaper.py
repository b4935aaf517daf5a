"""A closed pipe -> no process of the trial left, and no fault in force.

`python -m seatrial.chaos.local.reaper FD RUN MARK`: reads "pid start" lines from FD. End of file means that the process
which held the other end is gone, SIGKILL included. Invariant: it ends only when nothing that carries MARK is alive.

It stands in a session of its own and ignores the terminal's signals, so that Ctrl-C or a hang-up that ends the command
does not end its reaper first.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from ..faults.undo import undo_all
from .process import Identity, marked, send, send_group

_SWEEPS = 100
_PAUSE_SECONDS = 0.05


def reap(leaders: list[Identity], mark: str) -> bool:
    """Kill the recorded groups, then what carries the mark until nothing does; False when something would not die."""
    for leader in leaders:
        send_group(leader, signal.SIGKILL)
    for _ in range(_SWEEPS):
        left = marked(mark)
        if not left:
            return True
        # More than once: a process that forks while it is looked for leaves a child for the next sweep.
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(_PAUSE_SECONDS)
    return False


def read_leaders(descriptor: int) -> list[Identity]:
    """The recorded processes, once the pipe has closed."""
    with os.fdopen(descriptor, "rb") as pipe:
        text = pipe.read().decode()
    return [Identity(int(pid), int(start)) for pid, start in (line.split() for line in text.splitlines())]


def main() -> None:
    descriptor, run, mark = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    leaders = read_leaders(descriptor)
    clean = reap(leaders, mark)
    undo_all(str(run))
    raise SystemExit(0 if clean else 1)


if __name__ == "__main__":
    main()
