"""An interpreter that has imported what the commands import, and is forked for each: `python warm.py SOCKET`.

Of a command on a small spec four fifths are imports. A child of it is a process with streams, a folder, an
environment and an exit of its own, as the installed command is; what it does not show is that a command imports
what it needs. Invariant: the parent runs no command, so that nothing of one is left for the next.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import socket
import sys

import seatrial
from seatrial.cli import main
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

LONGEST = 60_000
"""Bytes of a request; what is longer than a message of the socket goes to an interpreter of its own."""
APART = ("seatrial.__main__", "seatrial.chaos", "seatrial.lsp", "seatrial.solver.worker")
"""Not imported for their own sake: these run as processes of their own, and of some locust patches sockets and threads.
What a command imports of them comes with it, and starts no thread and no loop."""


def warm() -> None:
    for module in pkgutil.walk_packages(seatrial.__path__, "seatrial."):
        if not module.name.startswith(APART):
            importlib.import_module(module.name)
    parse(Source("warm.fleet", "fleet warm { pool p { agents 3 } }\n"))
    # Else the first collection in a child would touch, and so copy, every page.
    gc.freeze()


def serve(asked: socket.socket) -> None:
    """Answers each request with the child's id and then its exit code; returns in each child, which is the command."""
    while True:
        request, streams, _, _ = socket.recv_fds(asked, LONGEST, 3)
        if not request:
            sys.exit()
        pid = os.fork()
        if pid == 0:
            asked.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            order = json.loads(request)
            os.environ.clear()
            os.environ.update(order["env"])
            os.chdir(order["cwd"])
            sys.argv = ["seatrial", *order["arguments"]]
            return
        for stream in streams:
            os.close(stream)
        asked.sendall(str(pid).encode())
        asked.sendall(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


if __name__ == "__main__":
    warm()
    serve(socket.socket(fileno=int(sys.argv[1])))
    main()
