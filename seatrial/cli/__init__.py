"""The front door: `seatrial COMMAND`.

A command parses its arguments, calls one function, renders what it gave and maps the exit code. Exit codes: 0 holds,
1 findings or a failed verdict, 2 usage or unreadable input, 3 a bug of ours, 4 inconclusive.
"""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point of the installed command."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Answered before anything else is imported: scripts and editors ask this often.
        from seatrial import __version__

        sys.stdout.write(f"seatrial {__version__}\n")
        return
    from .app import run

    sys.exit(run(arguments))
