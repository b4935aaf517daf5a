"""What the steady-state hypothesis looks at.

Turns a run folder into the figures that the Chaos Toolkit compares with its tolerances. Invariant: a probe that cannot
see says so with a figure out of tolerance, never with one inside it.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from ..evidence import REQUESTS, read_requests
from ..load.document import read

CONNECT_SECONDS = 2.0
LOG_DELAY_SECONDS = 2.0
"""The generator writes its log each second, and a request takes time: younger requests may not be in the log yet."""


def entry_reachable(run_dir: str) -> bool:
    """Whether each address that the load goes to accepts a TCP connection within two seconds."""
    addresses = {(url.hostname or "", url.port or 80) for url in (urlsplit(d.url) for d in read(Path(run_dir)).demands)}
    for address in sorted(addresses):
        try:
            socket.create_connection(address, CONNECT_SECONDS).close()
        except OSError:
            return False
    return bool(addresses)


def success_share(run_dir: str, demand: str, over_seconds: float) -> float:
    """The share, 0 to 1, of a demand's requests that succeeded among those that ended in the last `over_seconds`.

    0 when requests were due and none has ended; 1 when none was due.
    """
    load = read(Path(run_dir))
    now = time.monotonic() - load.origin
    requests, _ = read_requests(Path(run_dir) / REQUESTS)
    ended = [request for request in requests if request.demand == demand and now - over_seconds < request.end <= now]
    if ended:
        return sum(request.ok for request in ended) / len(ended)
    due = (time_due for own in load.demands if own.name == demand for time_due in own.due)
    return 0.0 if any(now - over_seconds < time_due <= now - LOG_DELAY_SECONDS for time_due in due) else 1.0
