"""A pool and the requests it has in hand -> why its autoscaler never comes to rest, if it does not.

Invariant: only of `queue`; the other signals settle where a target leaves slots free (`scaling/POOL/target`).

While nobody waits an autoscaler on the queue asks for nobody and takes agents away until many wait, over and over, but
where its minimum is enough. Source: the HPA's formula, ceil(total / target).
"""

from __future__ import annotations

import math

from ...model import Pool, Signal


def unrest(pool: Pool, in_hand: float) -> str:
    """A sentence; "" where the pool comes to rest."""
    slots = pool.each.concurrency.value
    if pool.scaling is None or pool.scaling.signal is not Signal.QUEUE or in_hand < pool.agents_min.value * slots:
        return ""
    enough = f"{math.floor(in_hand / slots) + 1:,} agents at the minimum" if math.isfinite(in_hand) else "a minimum"
    return (
        f"while nobody waits the autoscaler of {pool.name}, which goes by the queue, takes agents away, so how many "
        f"run and how long requests wait is not known; {enough}, or `scale on busy`, would tell"
    )
