"""A command line -> the same command, that the kernel kills when the process that started it dies.

`python -I -S leash.py PARENT_PID COMMAND…` asks for PR_SET_PDEATHSIG and then becomes COMMAND. Invariant: COMMAND never
runs after its parent has died: a parent that died before the request was made is seen by `getppid`.

A small program of its own, not a `preexec_fn`: running Python between fork and exec may deadlock in a parent that has
threads (docs.python.org/3/library/subprocess.html). It imports nothing of the project, for it starts once a process.
Source: prctl(2) PR_SET_PDEATHSIG: kept across execve, cleared by fork, tied to the *thread* that forked.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, command = int(arguments[0]), arguments[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        raise SystemExit("the parent died before its child could be tied to it")
    # Python ignores SIGPIPE, and an ignored signal stays so in the program that takes its place.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        raise SystemExit(127) from None


if __name__ == "__main__":
    main(sys.argv[1:])
