"""saturate: the agents of a pool get only what is left of their cpu, as beside a neighbour that takes the rest.

Invariant: what is throttled stands in the undo log, with its start time, before the throttle starts; the throttle runs
only while that entry is open, so whoever undoes the fault ends it.

An agent is stopped for the share of each period of 100 ms, as a container is that has used up its quota: the period of
the kernel's bandwidth control (https://docs.kernel.org/scheduler/sched-bwc.html). So an agent that needs little cpu is
delayed by a tenth of a second at most at a time, and one that is busy gets the rest of its cpu, whatever the machine
has. Agents that start later are not throttled.
"""

from __future__ import annotations

import os
import sys
from fractions import Fraction

from ..local.records import Json
from .inject import Injection
from .log import Entry, close_entry, open_entry
from .undo import undo_fault

_QUIET = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]


def saturate_cpu(run_dir: str, fault: int, pool: str, share: float | str) -> dict[str, Json]:
    """Take `share` (between 0 and 1) of the cpu from every running agent of a pool, until `release_cpu`.

    A Chaos Toolkit action. Raises ActivityFailed when there is nobody to take it from.
    """
    injection = Injection(run_dir, fault, "saturate")
    taken = Fraction(str(share))
    if not 0 < taken < 1:
        raise injection.failed(f"a share between 0 and 1 is wanted, not {share}")
    chosen = injection.choose(pool, 0, 1, None)
    names = tuple(agent.name for agent in chosen)
    entry = Entry(fault, "saturate", names, processes=tuple(agent.process for agent in chosen))
    open_entry(injection.run_dir, entry)
    try:
        # Nobody waits for it: the entry's end is its end, and its parent's end takes what is left of it away.
        command = [sys.executable, "-m", "seatrial.chaos.faults.throttle", run_dir, entry.id, str(float(taken))]
        os.posix_spawn(sys.executable, command, os.environ, file_actions=_QUIET)
    except OSError as error:
        close_entry(injection.run_dir, entry)
        raise injection.failed(str(error), names) from error
    injection.struck(names)
    return {"throttled": list(names)}


def release_cpu(run_dir: str, fault: int) -> dict[str, Json]:
    """Give back what `saturate_cpu` took; the throttle sees it within a period."""
    return undo_fault(run_dir, fault)
