"""What waits before agents at the most, against agents that are run request by request."""

from __future__ import annotations

import heapq
import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.latency import LogNormal, fit_mean_p99, fit_moments
from seatrial.compiler.semantics.queueing import Queue
from seatrial.compiler.semantics.rare import rare_backlog, rare_wait
from seatrial.compiler.semantics.two_choices import least_loaded

COUNT = 60_000


def _hold(ratio: float) -> LogNormal:
    found = fit_mean_p99(1.0, ratio)
    assert found is not None
    return found


def _found_waiting(agents: int, slots: int, load: float, ratio: float) -> list[int]:
    """By each request that comes to a gateway, which sends it to the less loaded of two agents."""
    chance, hold = random.Random(f"{agents} {slots} {load} {ratio}"), _hold(ratio)
    has, lines = [0] * agents, [deque[float]() for _ in range(agents)]
    ends: list[tuple[float, int]] = []
    found, now, waiting = list[int](), 0.0, 0
    for _ in range(COUNT):
        now += chance.expovariate(load * agents * slots)
        while ends and ends[0][0] <= now:
            end, agent = heapq.heappop(ends)
            has[agent] -= 1
            if lines[agent]:
                heapq.heappush(ends, (end + lines[agent].popleft(), agent))
                waiting -= 1
        found.append(waiting)
        agent = min(chance.randrange(agents), chance.randrange(agents), key=has.__getitem__)
        takes = chance.lognormvariate(hold.mu, hold.sigma)
        if has[agent] < slots:
            heapq.heappush(ends, (now + takes, agent))
        else:
            lines[agent].append(takes)
            waiting += 1
        has[agent] += 1
    return found[COUNT // 10 :]


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8, 0.95])
@pytest.mark.parametrize("ratio", [1.5, 4, 8])
@pytest.mark.parametrize(("agents", "slots"), [(1, 1), (1, 16), (2, 2), (10, 1), (10, 8), (20, 3)])
def test_hardly_any_request_finds_more_waiting(agents: int, slots: int, ratio: float, load: float) -> None:
    queue = Queue(agents * slots, load * agents * slots, 1.0, 1.0, _hold(ratio).cv2())
    seen = _found_waiting(agents, slots, load, ratio)
    for chance in (1e-2, 1e-3):
        most = max(
            rare_backlog(one, _hold(ratio), queue.arrival_rate, queue.servers // one.servers, chance)
            for one in (least_loaded(queue, slots, 1), queue.wait())
        )
        assert sum(one > most for one in seen) <= chance * len(seen)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.05, 0.97), st.floats(0, 3), st.sampled_from((1e-3, 1e-6)))
def test_what_is_more_seldom_and_what_comes_faster_is_more(
    queues: int, slots: int, load: float, cs2: float, chance: float
) -> None:
    wait, hold, rate = Queue(slots, load * slots, 1.0, 1.0, cs2).wait(), fit_moments(1.0, cs2), load * slots * queues
    most = rare_backlog(wait, hold, rate, queues, chance)
    assert 0 <= rare_backlog(wait, hold, rate / 3, queues, chance) <= most * (1 + 1e-9)
    assert most <= rare_backlog(wait, hold, rate, queues, chance / 10) * (1 + 1e-9)
    assert (most > 0) == (rare_wait(wait, hold, chance) > 0)


def test_nothing_waits_where_nothing_comes_and_all_does_where_more_comes_than_is_done() -> None:
    hold = fit_moments(1.0, 1.0)
    assert rare_backlog(Queue(2, 1.0, 1.0).wait(), hold, 0.0, 3, 1e-6) == 0
    assert rare_backlog(Queue(2, 2.0, 1.0).wait(), hold, 6.0, 3, 1e-6) == float("inf")
