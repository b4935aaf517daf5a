"""Queues of a pool -> why an item may wait while later ones are taken, so that no order bounds how long."""

from __future__ import annotations

from ...model import CallerKind, QueueOrder, WorkQueue
from .analysis import Analysis

_OVERTAKING = (QueueOrder.PRIORITY, QueueOrder.VALUE)


def overtaken(analysis: Analysis, queue: WorkQueue) -> str:
    """A sentence; "" where items are taken in the order in which they came, or of deadlines of one common age.

    Items go to whichever agent is free, calls to one that is chosen before it is: it may be busy with items, of which
    the caller's proxy sees nothing, while others are idle.
    """
    if queue.order.value in _OVERTAKING:
        return f"ordered by {queue.order.value}, an item may be overtaken without end"
    pool = queue.pool.value
    into = analysis.into(pool)
    if len({call.caller_kind for call in into}) > 1:
        return called_besides(analysis, queue)
    others = [name for name in analysis.kept("queues by pool", lambda: _by_pool(analysis))[pool] if name != queue.name]
    return f"{others[0]} feeds {pool} too, and whose items are taken first is not stated" if others else ""


def called_besides(analysis: Analysis, queue: WorkQueue) -> str:
    """A sentence; "" where no pool calls its agents."""
    pool = queue.pool.value
    callers = [call.caller for call in analysis.into(pool) if call.caller_kind is CallerKind.POOL]
    if not callers:
        return ""
    return f"{callers[0]} calls {pool} besides, and whether an item of {queue.name} waits for that is not stated"


def _by_pool(analysis: Analysis) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for queue in analysis.fleet.queues:
        found.setdefault(queue.pool.value, []).append(queue.name)
    return found
