"""`python -m seatrial.chaos.faults.throttle RUN_DIR ENTRY SHARE`: stops processes for a share of each period.

Turns an open entry of the undo log into SIGSTOP and SIGCONT, over and over. Invariant: nobody is stopped once the entry
is closed, nor whom another open entry has stopped for good, and whatever this process stopped runs again when it ends
in order. The standard library only.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from ..local.process import Identity, send_group
from .log import open_entries

PERIOD_SECONDS = 0.1


def throttle(run_dir: Path, entry: str, share: float) -> None:
    """Returns when the entry is closed, or none of its processes is left."""
    next_at = time.monotonic()
    while True:
        processes = _mine(run_dir, entry)
        stopped = [process for process in processes if send_group(process, signal.SIGSTOP)]
        if not stopped:
            return
        try:
            time.sleep(share * PERIOD_SECONDS)
        finally:
            held = _held_by_others(run_dir, entry)
            for process in stopped:
                if process not in held:
                    send_group(process, signal.SIGCONT)
        next_at = max(next_at + PERIOD_SECONDS, time.monotonic() + (1 - share) * PERIOD_SECONDS / 2)
        time.sleep(max(0.0, next_at - time.monotonic()))


def _mine(run_dir: Path, entry: str) -> list[Identity]:
    held = _held_by_others(run_dir, entry)
    return [
        process for one in open_entries(run_dir) if one.id == entry for process in one.processes if process not in held
    ]


def _held_by_others(run_dir: Path, entry: str) -> set[Identity]:
    return {process for one in open_entries(run_dir) if one.id != entry for process in one.processes}


def main() -> None:
    # Ends in order on SIGTERM, so that nobody stays stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    throttle(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))


if __name__ == "__main__":
    main()
