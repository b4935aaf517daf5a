"""A pool at a rate, with so many agents -> how long requests wait for a slot.

Invariant: a bound of the model: requests come at random (Poisson), and every queue is served first come first served.
Which queue that is hangs on who chooses: one before all agents where a `queue` keeps the items, one at each agent where
callers send whatever it has under way, and what proxies make of these where each takes the less loaded of two.
Source: `semantics.queueing` and `semantics.two_choices`. Figures are doubles; seconds and requests per second.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from ...model import CalleeKind, CallerKind, Pool
from ...semantics.divided import parts
from ...semantics.queueing import Queue, Wait
from ...semantics.two_choices import least_loaded
from .analysis import Analysis
from .tried import most_proxies
from .uneven import by_header, sharing

if TYPE_CHECKING:
    from .occupancy import Times


def unseen(analysis: Analysis, pool: Pool) -> bool:
    """Whether some caller sends to its agents whatever they have under way, or does not see what they take of a queue
    besides."""

    def found() -> set[str]:
        sent = {call.callee for call in analysis.fleet.calls if not call.policy.route.value.looks}
        return sent | _called_beside_items(analysis)

    return pool.name in analysis.kept("pools that are sent to unseen", found)


def called_beside_items(analysis: Analysis, name: str) -> bool:
    """Whether a pool works off the items of a demand, and other pools call it."""
    return name in _called_beside_items(analysis)


def _called_beside_items(analysis: Analysis) -> set[str]:
    def found() -> set[str]:
        fed = {queue.pool.value for queue in analysis.fleet.queues}
        return {name for name in fed if len({call.caller_kind for call in analysis.into(name)}) > 1}

    return analysis.kept("pools that are called beside items", found)


def wait_of(analysis: Analysis, pool: Pool, rate: Fraction | float, held: Times, agents: int) -> Wait:
    """That of the skill that waits longest, where its agents are divided; of one agent that gets all by a header."""
    slots, queues = pool.each.concurrency.value, queues_at(analysis, pool, rate, held, agents)
    if by_header(analysis, pool.name):
        waits = [queue.wait() for queue in queues]
    elif unseen(analysis, pool):
        waits = [queue.of_each(slots).wait() for queue in queues]
    elif pulled(analysis, pool):
        waits = [queue.wait() for queue in queues]
    else:
        proxies = _proxies(analysis).get(pool.name, 1)
        waits = [least_loaded(queue, slots, proxies) for queue in queues]
    return reduce(Wait.or_worse, waits)


def pulled(analysis: Analysis, pool: Pool) -> bool:
    """Whether a queue keeps the items of demands, so that each goes to the first agent that is free. Who calls the pool
    sends to its agents, whatever else they take."""

    def found() -> set[str]:
        fed = {queue.pool.value for queue in analysis.fleet.queues}
        return {name for name in fed if all(one.caller_kind is CallerKind.DEMAND for one in analysis.into(name))}

    return pool.name in analysis.kept("pools that work off a queue", found)


def _proxies(analysis: Analysis) -> dict[str, int]:
    """Of each pool that is called: through how many proxies, at the most, each of which sees only what it sends."""

    def counted() -> dict[str, int]:
        found: dict[str, int] = {}
        for call in analysis.fleet.calls:
            if call.callee_kind is CalleeKind.POOL:
                found[call.callee] = found.get(call.callee, 0) + most_proxies(analysis, call)
        return found

    return analysis.kept("proxies that send to pools", counted)


def queues_at(analysis: Analysis, pool: Pool, rate: Fraction | float, held: Times, agents: int) -> list[Queue]:
    """As `queues_of`, where requests come in trains too.

    Who calls a pool again as soon as it has answered comes while it is busy, so that what is in hand there changes as
    slowly as though its times were the whole train's: as in the exponential case, where these make no difference
    (Baskett, Chandy, Muntz and Palacios, "Open, closed, and mixed networks of queues", 1975). Simulated for trains of 2
    and 5 at 1 to 8 slots (tests/verify/oracles/test_trains_of_calls_request_by_request.py).
    """
    found = queues_of(pool, rate, held, agents)
    if by_header(analysis, pool.name):
        alone = _of_agents(pool, rate, held, sharing(analysis, pool.name, agents))
        found = [alone, *found] if pool.divided else [alone]
    if pool.name not in analysis.kept("pools that requests meet again", lambda: _met_again(analysis)):
        return found
    return [queue._replace(cs2=max(1.0, queue.cs2)) for queue in found]


def _met_again(analysis: Analysis) -> set[str]:
    """Those that one request of a demand may come to more than once, by one call or by several."""
    demands = [one.name for one in analysis.fleet.demands]
    of_demands = {name: 1 << index for index, name in enumerate(demands)}
    """As bits: the demands of which something has come to a place so far."""
    found: set[str] = set()
    for index, name in enumerate((*demands, *analysis.names)):
        mine = of_demands.get(name, 0)
        for link in analysis.figures.links.get(name, ()):
            others = of_demands.get(link.callee, 0)
            if name in found or (index >= len(demands) and link.times > 1) or mine & others:
                found.add(link.callee)
            of_demands[link.callee] = mine | others
    return found


def queues_of(pool: Pool, rate: Fraction | float, held: Times, agents: int) -> list[Queue]:
    """Its one queue, or those of its skills."""
    if not pool.divided:
        return [_of_agents(pool, rate, held, agents)]
    return [
        _of_agents(pool, float(rate) * part, held, count)
        for count, part in zip(parts(agents, pool.divided), map(float, pool.divided), strict=True)
    ]


def _of_agents(pool: Pool, rate: Fraction | float, held: Times, agents: int) -> Queue:
    cs2 = held.variance / held.mean**2 if 0 < held.mean < math.inf else 1.0
    return Queue(agents * pool.each.concurrency.value, float(rate), held.mean, 1.0, cs2)
