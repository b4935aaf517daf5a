"""The front door: `seatrial COMMAND`.

A command parses its arguments, calls one function, renders what it gave and maps the exit code. Exit codes: 0 holds,
1 findings or a failed verdict, 2 usage or unreadable input, 3 a bug of ours, 4 inconclusive, 130 interrupted.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The entry point of the installed command."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Answered before anything else is imported: scripts and editors ask this often.
        from seatrial import __version__

        sys.stdout.write(f"seatrial {__version__}\n")
        return
    import signal

    # Whoever stops a command that is still being imported is not shown which import that was.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    from .app import run

    sys.exit(run(arguments))


def _interrupted(_number: int, _frame: object) -> None:
    os._exit(130)
