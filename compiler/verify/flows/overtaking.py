"""Queues of a pool -> why an item may wait while later ones are taken, so that no order bounds how long."""

from __future__ import annotations

from ...model import QueueOrder, WorkQueue
from .analysis import Analysis

_OVERTAKING = (QueueOrder.PRIORITY, QueueOrder.VALUE)


def overtaken(analysis: Analysis, queue: WorkQueue) -> str:
    """A sentence; "" where items are taken in the order in which they came, or of deadlines of one common age."""
    if queue.order.value in _OVERTAKING:
        return f"ordered by {queue.order.value}, an item may be overtaken without end"
    pool = queue.pool.value
    others = [name for name in analysis.kept("queues by pool", lambda: _by_pool(analysis))[pool] if name != queue.name]
    return f"{others[0]} feeds {pool} too, and whose items are taken first is not stated" if others else ""


def _by_pool(analysis: Analysis) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for queue in analysis.fleet.queues:
        found.setdefault(queue.pool.value, []).append(queue.name)
    return found
