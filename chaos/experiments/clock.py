"""The trial's clock, for the steps of an experiment.

Turns "until 30 s" into a sleep. Invariant: times are absolute, so a step that took long delays no later one.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from ..evidence import LOAD


def origin(run_dir: Path) -> float:
    """The trial's origin, an absolute value of CLOCK_MONOTONIC, from the run folder's `load.json`."""
    return float(json.loads((run_dir / LOAD).read_text(encoding="utf-8"))["origin"])


def wait_until(run_dir: str, at_seconds: float) -> float:
    """Sleeps until `at_seconds` after the origin; how late it then is, in seconds, at least 0.

    Returns at once when the time has passed.
    """
    target = origin(Path(run_dir)) + at_seconds
    while (left := target - time.monotonic()) > 0:
        time.sleep(left)
    return max(0.0, time.monotonic() - target)
