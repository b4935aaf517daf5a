"""Items that agents take in batches, begun one by one: none is begun, or done, later than is said of all of them.

An agent with a free slot and nothing left of its last batch takes the next; what it has not begun waits for it alone.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from fractions import Fraction

import pytest

from seatrial.compiler.verify.check import statuses
from seatrial.compiler.verify.finding import Status
from seatrial.compiler.verify.flows.analysis import Analysis, Level
from seatrial.compiler.verify.flows.emptying import Work, emptied_within

from ..specs import fleet_of

_FLEET = """
fleet f {{
  demand tasks {{ steady {rate}/s }}
  pool worker {{ serves tasks; agents {agents}; each {{ concurrency {slots}; service mean {mean}ms, p99 {p99}ms }} }}
  queue work {{ feeds worker; holds at most 5_000; age at most 1d; batch up to {batch} }}
  guarantee latency p99 < 30s
  guarantee success 10% over 30d
  guarantee recovery within 1h
  trial t {{ duration 1h; tasks 10 in work; kill 1 agent of worker at 30m }}
}}
"""


def _run(
    dice: random.Random, agents: int, slots: int, batch: int, items: int, times: tuple[float, float]
) -> tuple[float, float]:
    """Of items that all wait at first: when the last one is begun and done. Who is first is drawn."""
    mu, sigma = times
    free = [(dice.random() * 1e-6, agent) for agent in range(agents) for _ in range(slots)]
    heapq.heapify(free)
    own: list[deque[int]] = [deque() for _ in range(agents)]
    left, begun, done = items, 0.0, 0.0
    while left or any(own):
        now, agent = heapq.heappop(free)
        if not own[agent] and left:
            size = min(batch, left)
            own[agent].extend(range(size))
            left -= size
        if own[agent]:
            own[agent].popleft()
            begun = max(begun, now)
            end = now + dice.lognormvariate(mu, sigma)
            done = max(done, end)
            heapq.heappush(free, (end, agent))
        # One without work stays idle: nothing more comes.
    return begun, done


@pytest.mark.parametrize("runs", [60, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_item_is_later_than_is_said(runs: int) -> None:
    dice, longer = random.Random(20), 0
    for _ in range(runs):
        agents, slots, batch = dice.randint(1, 6), dice.randint(1, 4), dice.choice([1, 2, 5, 20, 100])
        items, mean = dice.randint(1, 150), dice.choice([100, 400])
        p99 = mean * dice.choice([1, 2, 4])
        fleet = fleet_of(_FLEET.format(rate=1, agents=agents, slots=slots, mean=mean, p99=p99, batch=batch))
        analysis = Analysis(fleet)
        pool = analysis.pool("worker")
        state = analysis.occupancy(Level.STEADY).held(pool)
        assert not isinstance(state, str)
        sigma = math.sqrt(math.log1p(state.variance / state.mean**2))
        times = (math.log(state.mean) - sigma * sigma / 2, sigma)
        begun = emptied_within(analysis, pool, Level.STEADY, Work(Fraction(items), at_once=batch))
        done = emptied_within(analysis, pool, Level.STEADY, Work(Fraction(items), in_hand=slots, at_once=batch))
        alone = emptied_within(analysis, pool, Level.STEADY, Work(Fraction(items), in_hand=slots))
        assert not isinstance(begun, str) and not isinstance(done, str) and not isinstance(alone, str)
        for _ in range(3):
            last, end = _run(dice, agents, slots, batch, items, times)
            assert last <= begun and end <= done
            longer += end > alone
    assert longer, "one by one they would have been as late: the batches say nothing"


def test_what_hangs_on_waits_is_open() -> None:
    alone, taken = (
        statuses(fleet_of(_FLEET.format(rate=30, agents=5, slots=4, mean=400, p99=900, batch=batch)))
        for batch in (1, 50)
    )
    assert {id for id, status in alone.items() if status is not Status.PROVED} <= {"success/tasks"}
    changed = {id for id in alone if alone[id] is Status.PROVED and taken[id] is not Status.PROVED}
    assert changed >= {"latency/tasks/p99", "recovery"}
    assert all(taken[id] is Status.UNKNOWN for id in changed)
