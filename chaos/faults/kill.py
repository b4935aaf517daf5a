"""kill: SIGKILL to some agents of a pool, as when their pods or their node are lost.

Invariant: only processes that the fleet started are hit. There is nothing to undo: the fleet replaces what died.
"""

from __future__ import annotations

import signal

from ..local.process import send_group
from ..local.records import Json
from .inject import Injection


def kill_agents(
    run_dir: str,
    fault: int,
    pool: str,
    seed: int,
    share: float | str | None = None,
    count: int | None = None,
) -> dict[str, Json]:
    """Kill ceil(share x n) or `count` of a pool's n running agents, chosen by `seed`. A Chaos Toolkit action.

    `share` may be a number or a text such as "1/10". Raises ActivityFailed when there is nobody to kill.
    """
    injection = Injection(run_dir, fault, "kill")
    chosen = injection.choose(pool, seed, share, count)
    names = tuple(agent.name for agent in chosen)
    # The event comes first: the fleet's own events of the exits must not stand before their cause.
    injection.struck(names)
    killed = [agent.name for agent in chosen if send_group(agent.process, signal.SIGKILL)]
    if not killed:
        raise injection.failed("the chosen agents had all exited", names)
    return {"killed": list(killed)}
