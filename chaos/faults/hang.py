"""hang: SIGSTOP to some agents of a pool. They keep their connections and accept new ones, and answer nothing.

Invariant: what is stopped stands in the undo log, with its start time, before it is stopped.
"""

from __future__ import annotations

import signal

from ..local.process import send_group
from ..local.records import Json
from .inject import Injection
from .log import Entry, open_entry
from .undo import undo_fault


def hang_agents(
    run_dir: str,
    fault: int,
    pool: str,
    seed: int,
    share: float | str | None = None,
    count: int | None = None,
) -> dict[str, Json]:
    """Stop ceil(share x n) or `count` of a pool's n running agents, chosen by `seed`, until `resume_agents`.

    A Chaos Toolkit action. Raises ActivityFailed when there is nobody to stop.
    """
    injection = Injection(run_dir, fault, "hang")
    chosen = injection.choose(pool, seed, share, count)
    names = tuple(agent.name for agent in chosen)
    open_entry(injection.run_dir, Entry(fault, "hang", names, processes=tuple(agent.process for agent in chosen)))
    injection.struck(names)
    hung = [agent.name for agent in chosen if send_group(agent.process, signal.SIGSTOP)]
    if not hung:
        raise injection.failed("the chosen agents had all exited", names)
    return {"hung": list(hung)}


def resume_agents(run_dir: str, fault: int) -> dict[str, Json]:
    """SIGCONT to what `hang_agents` stopped; agents that were replaced meanwhile are left out."""
    return undo_fault(run_dir, fault)
