"""A pool at a rate, with so many agents -> how long requests wait for a slot.

Invariant: a bound of the model: requests come at random (Poisson), and every queue is served first come first served.
Which queue that is hangs on who chooses: one before all agents where a `queue` keeps the items, one at each agent where
callers send whatever it has under way, and what proxies make of these where each takes the less loaded of two.
Source: `semantics.queueing` and `semantics.two_choices`. Figures are doubles; seconds and requests per second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from ...model import CallerKind, Pool
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

    known: dict[str, bool] = analysis.by_caller("sent to unseen")
    if pool.name not in known:
        sent = any(not call.policy.route.value.looks for call in analysis.into(pool.name))
        known[pool.name] = sent or called_beside_items(analysis, pool.name)
    return known[pool.name]


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
        proxies = _proxies(analysis, pool.name)
        waits = [least_loaded(queue, slots, proxies) for queue in queues]
    return reduce(Wait.or_worse, waits)


def pulled(analysis: Analysis, pool: Pool) -> bool:
    """Whether a queue keeps the items of demands, so that each goes to the first agent that is free. Who calls the pool
    sends to its agents, whatever else they take."""

    def found() -> set[str]:
        fed = {queue.pool.value for queue in analysis.fleet.queues}
        return {name for name in fed if all(one.caller_kind is CallerKind.DEMAND for one in analysis.into(name))}

    return pool.name in analysis.kept("pools that work off a queue", found)


def _proxies(analysis: Analysis, name: str) -> int:
    """Through how many proxies a pool is called, at the most, each of which sees only what it sends."""
    known: dict[str, int] = analysis.by_caller("proxies that send to it")
    if name not in known:
        known[name] = sum(most_proxies(analysis, call) for call in analysis.into(name)) or 1
    return known[name]


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
    if not _met_again(analysis, pool.name):
        return found
    return [queue._replace(cs2=max(1.0, queue.cs2)) for queue in found]


def _met_again(analysis: Analysis, name: str) -> bool:
    """Whether one request of a demand may come to a pool more than once, by one call or by several."""
    known: dict[str, bool] = analysis.by_caller("met again")
    if name not in known:
        # All parts of the fleet that are not known yet.
        demands = [one.name for one in analysis.fleet.demands if one.name not in known]
        known |= _meetings(analysis, demands, [one for one in analysis.names if one not in known])
    return known.get(name, False)


def _meetings(analysis: Analysis, demands: Sequence[str], pools: Sequence[str]) -> dict[str, bool]:
    """By the name of all these, callers first."""
    of_demands = {name: 1 << index for index, name in enumerate(demands)}
    """As bits: the demands of which something has come to a place so far."""
    found: set[str] = set()
    for index, name in enumerate((*demands, *pools)):
        mine = of_demands.get(name, 0)
        for link in analysis.figures.links.get(name, ()):
            others = of_demands.get(link.callee, 0)
            if name in found or (index >= len(demands) and link.times > 1) or mine & others:
                found.add(link.callee)
            of_demands[link.callee] = mine | others
    return {name: name in found for name in (*demands, *pools)}


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
