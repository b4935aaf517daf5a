"""A pool and what it has in hand -> why nothing is known of its waits: it never rests, or its times vary too much.

Invariant: only of `queue`; the other signals settle where a target leaves slots free (`scaling/POOL/target`).

While nobody waits an autoscaler on the queue asks for nobody and takes agents away until many wait, over and over, but
where its minimum is enough. Source: the HPA's formula, ceil(total / target).
"""

from __future__ import annotations

import math

from ...model import Pool, Signal
from ...semantics.queueing import RARE, Wait, steep
from ..words import counted


def may_be_restless(pool: Pool) -> bool:
    return pool.scaling is not None and pool.scaling.signal is Signal.QUEUE


def unrest(pool: Pool, in_hand: float) -> str:
    """A sentence; "" where the pool comes to rest."""
    slots = pool.each.concurrency.value
    if not may_be_restless(pool) or in_hand < pool.agents_min.value * slots:
        return ""
    if pool.may_be_empty:
        return (
            f"{pool.name} may be empty, so how many agents run and how long what comes meanwhile waits is not known; "
            f"{_enough(in_hand, slots)} would tell"
        )
    return (
        f"while nobody waits the autoscaler of {pool.name}, which goes by the queue, takes agents away, so how many "
        f"run and how long requests wait is not known; {_enough(in_hand, slots)}, or `scale on busy`, would tell"
    )


def _enough(in_hand: float, slots: int) -> str:
    if not math.isfinite(in_hand):
        return "a minimum"
    return f"{counted(math.floor(in_hand / slots) + 1, 'agent')} at the minimum"


def erratic(pool: Pool, wait: Wait, cv2: float) -> str:
    """A sentence; "" where the tail of the wait is known. `cv2` of the time that a request has its slot."""
    if wait.waiting <= RARE or steep(wait.servers, cv2):
        return ""
    each = "each agent" if wait.servers == pool.each.concurrency.value else "it"
    return (
        f"the times of {pool.name} vary so widely that one long request holds up the others at the "
        f"{counted(wait.servers, 'slot')} that {each} has, and how long the slowest 1 in 100 wait is not known; more "
        "slots, or a p99 nearer to the mean, would tell"
    )
