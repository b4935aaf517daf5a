"""Queues of a pool -> why an item may wait while later ones are taken, or while agents are idle, so that neither order
nor load bounds how long."""

from __future__ import annotations

from ...model import CallerKind, Demand, QueueOrder, WorkQueue
from ..words import number
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


def taken_together(analysis: Analysis, name: str) -> str:
    """Why an item may wait for agents of a pool while others of them are idle; "" where it may not."""
    queue = analysis.kept("queues taken in batches", lambda: _in_batches(analysis)).get(name)
    if queue is None:
        return ""
    return (
        f"an agent of {name} may take up to {number(queue.batch.value)} items of {queue.name} at once, which then wait "
        "for it while others are idle"
    )


def taken_together_on(analysis: Analysis, demand: Demand) -> str:
    """The same of the first such pool on a demand's way."""
    return next(filter(None, (taken_together(analysis, name) for name in analysis.reached(demand.name))), "")


def _in_batches(analysis: Analysis) -> dict[str, WorkQueue]:
    largest = sorted(analysis.fleet.queues, key=lambda one: one.batch.value)
    return {one.pool.value: one for one in largest if one.batch.value > 1}


def _by_pool(analysis: Analysis) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for queue in analysis.fleet.queues:
        found.setdefault(queue.pool.value, []).append(queue.name)
    return found
