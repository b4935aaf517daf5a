"""Agents that push back, and queues that are full, in a trial -> why some requests of a demand may be refused.

Invariant: nothing is told where no more than one request in a million finds so many waiting: at its agent, each getting
its part of the requests as they come, for who looks at agents sends fewer to those where many wait; or in its shard,
with a part of the agents. Source: the queue of M/M/c (`semantics.queueing`), and where times vary more what comes while
long requests hold one up (`semantics.rare`). What piles up while a fault leaves them
with more than they do is refused in shares that nobody works out (`turned_away_in`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...model import DelayFault, Demand, Fault, HangFault, KillFault, Pool, Trial, WorkQueue
from ...semantics.latency import fit_moments
from ...semantics.queueing import Queue
from ...semantics.rare import rare_backlog
from ..exact.expression import value
from ..flows.analysis import Analysis, Level
from ..flows.occupancy import Occupied
from ..flows.uneven import by_header, same_header, sharing
from ..flows.used import most_used
from ..words import share
from .again import again_in
from .reach import reached_by, told_of
from .recovering import Unknown, course

_FEW = 1e-6


def refused_for_room(analysis: Analysis, trial: Trial, demand: Demand) -> Iterator[str]:
    bounded = {one.pool.value: one for one in analysis.fleet.queues if one.bound is not None}
    for name in analysis.reached(demand.name):
        pool, queue = analysis.pool(name), bounded.get(name)
        if pool.push_back is None and queue is None:
            continue
        state = analysis.occupancy(Level.BETWEEN).of(pool)
        if isinstance(state, str):
            yield state
            continue
        left = state.agents - sum(_gone(pool, fault) for fault in trial.faults)
        after = f" of {left} that are left in trial {trial.name}" if left < state.agents else ""
        most = pool.push_back.value if pool.push_back is not None else None
        if most is not None and _finds(analysis, pool, state, left, max(1, left), most) > _FEW:
            refuses = f"agents of {name} refuse above {most} pending"
            same = f": {same_header(analysis, name)}" if by_header(analysis, name) else ""
            yield f"{refuses}, and more than one request in a million may find so many at one{after}{same}"
        if queue is not None and queue.bound is not None:
            shards, holds = queue.shards.value, queue.bound.value
            if _finds(analysis, pool, state, left, shards, holds) > _FEW:
                those = f" with {left} agents that are left in trial {trial.name}" if after else ""
                full = f"{queue.name} holds {holds}{' in a shard' if shards > 1 else ''}"
                yield f"{full}, and more than one item in a million may find it full{those}"


def _finds(
    analysis: Analysis, pool: Pool, state: Occupied, agents: int, parts: int, waiting: int, longer: float = 1.0
) -> float:
    """Share of the requests that find so many waiting, where agents and requests are divided into so many parts, and
    each request has its slot for so many times as long. By header all may come to one agent."""
    if by_header(analysis, pool.name):
        agents, parts = sharing(analysis, pool.name, agents), 1
    slots, mean = max(1, agents // parts) * pool.each.concurrency.value, state.held.mean
    if agents <= 0 or not math.isfinite(mean):
        return 1.0
    cv2 = state.held.variance / mean**2
    queue = Queue(slots, float(state.rate) / parts, mean * longer, 1.0, cv2)
    if cv2 > 1 and rare_backlog(queue.wait(), fit_moments(mean * longer, cv2), queue.arrival_rate, 1, _FEW) > waiting:
        return 1.0
    return queue.finds(waiting)


def _gone(pool: Pool, fault: Fault) -> int:
    if not isinstance(fault, KillFault | HangFault) or fault.pool.value != pool.name:
        return 0
    if fault.count is not None:
        return fault.count.value
    return math.ceil(fault.share.value * pool.agents_most.value) if fault.share is not None else 0


def turned_away_in(analysis: Analysis, trial: Trial, demand: Demand) -> Iterator[str]:
    """Why agents or queues on the way of a demand, which hold only so many, may turn some of its requests away: a fault
    leaves a pool with more than it does, for longer than there is room, or so busy that it is no longer seldom."""
    for name in analysis.reached(demand.name):
        pool = analysis.pool(name)
        queues = [one for one in analysis.fleet.queues if one.pool.value == name and one.bound is not None]
        if pool.push_back is None and not queues:
            continue
        for strike, felt in course(analysis, trial, whole=False):
            if name not in reached_by(analysis, strike.fault):
                continue
            leaves = "with more than it does"
            if not isinstance(felt, Unknown):
                filled = felt.filled.get(name, Fraction(0))
                if filled <= 1:
                    if not _too_busy(analysis, pool, strike.fault, filled, queues):
                        continue
                    leaves = f"up to {share(filled)} busy"
                else:
                    comes = value(analysis.rate(Level.PEAK, name)) * again_in(analysis, trial).at(name) * felt.lasts
                    room = min((one.bound.value for one in queues if one.bound is not None), default=0)
                    if pool.push_back is None and comes <= room:
                        continue
            what = f"agents of {name} push back" if pool.push_back is not None else f"{queues[0].name} is full"
            yield (
                f"in trial {trial.name} {told_of(strike.fault)} may leave {name} {leaves}, and how many "
                f"are turned away where {what} is not worked out; more agents, or more room, would decide it"
            )
            break


def _too_busy(analysis: Analysis, pool: Pool, fault: Fault, filled: Fraction, queues: Sequence[WorkQueue]) -> bool:
    """Whether more than one in a million finds no room while as much of the pool as `filled` is in use: requests then
    have their slots for so much longer, or as many fewer are there. Behind a delay what was held back comes besides."""
    state, rest = analysis.occupancy(Level.BETWEEN).of(pool), most_used(analysis, pool.name)
    if isinstance(state, str) or isinstance(rest, str):
        return True
    longer, besides = float(filled / rest) if rest and filled > rest else 1.0, 0.0
    if isinstance(fault, DelayFault) and pool.name in analysis.reached(fault.callee.value):
        longer, besides = 1.0, float(state.rate * fault.delay_seconds.value)
    if longer == 1 and not besides:
        return False
    places = [(state.agents, pool.push_back.value)] if pool.push_back is not None else []
    places += [(one.shards.value, one.bound.value) for one in queues if one.bound is not None]
    if by_header(analysis, pool.name):
        places = [(1, holds) for _, holds in places]
    found = (_with_more(analysis, pool, state, parts, holds, longer, besides / parts) for parts, holds in places)
    return any(one > _FEW for one in found)


def _with_more(
    analysis: Analysis, pool: Pool, state: Occupied, parts: int, holds: int, longer: float, more: float
) -> float:
    """`_finds`, where at random so many more are there in the mean (Poisson)."""
    found, left, chance = 0.0, 1.0, math.exp(-more)
    for count in range(holds + 1 if more else 1):
        found += chance * _finds(analysis, pool, state, state.agents, parts, holds - count, longer)
        left, chance = left - chance, chance * more / (count + 1)
    return found + max(0.0, left)
