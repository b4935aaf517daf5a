"""The wait at agents of which every proxy takes the less loaded of two, against equations, and request by request."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Iterator
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.latency import fit_mean_p99
from seatrial.compiler.semantics.queueing import Queue, Wait, steep
from seatrial.compiler.semantics.two_choices import _LOADS, _SEEN, least_loaded

_PARTS = 20
"""Of a run, each with its own share of those that wait."""

MANY = 10**6


def _bound(agents: int, slots: int, proxies: int, load: float, cs2: float = 1.0) -> Wait:
    return least_loaded(Queue(agents * slots, load * agents * slots, 1.0, 1.0, cs2), slots, proxies)


def _found_by_one_gateway(load: float) -> list[float]:
    """How likely a request finds so many at its agent: of two, drawn from s(k) = load^(2^k - 1)."""
    tails = [load ** (2**count - 1) for count in range(20)]
    return [tail**2 - after**2 for tail, after in itertools.pairwise([*tails, 0.0])]


def _found_by(proxies: int, load: float) -> list[float]:
    """The same of many proxies that see a binomial part each, by going round until nothing moves."""
    part, here = 1 / proxies, [(1 - load) * load**count for count in range(round(12 / (1 - load)))]
    while True:
        seen = [0.0] * 40
        for share in reversed(here):
            seen = [(1 - part) * one + part * below for one, below in zip(seen, [0.0, *seen], strict=False)]
            seen[0] += share
        above = [sum(seen[count:]) for count in range(len(seen) + 1)]
        # An agent of which a proxy sees so many is taken when the other has more, and half of the times as many.
        drawn = [one + more for one, more in itertools.pairwise(above)]
        rates, after = [], [1.0]
        for _ in here:
            rates.append(drawn[0])
            after.append(after[-1] * load * drawn[0])
            drawn = [(1 - part) * one + part * more for one, more in zip(drawn, [*drawn[1:], 0.0], strict=True)]
        whole = sum(after[: len(here)])
        moved = [share / whole for share in after[: len(here)]]
        if sum(abs(one - was) for one, was in zip(moved, here, strict=True)) < 1e-9:
            come = [share * rate for share, rate in zip(moved, rates, strict=True)]
            return [one / sum(come) for one in come]
        here = [0.7 * one + 0.3 * was for one, was in zip(moved, here, strict=True)]


def _later_than(time: float, found: list[float]) -> float:
    """With one slot who finds k waits for k services; over those that wait."""
    total = sum(found[1:])
    terms, term = [], math.exp(-time)
    for count in range(1, len(found)):
        terms.append(term)
        term *= time / count
    sums, late = 0.0, 0.0
    for share, one in zip(found[1:], terms, strict=True):
        sums += one
        late += share * sums
    return late / total


def _agrees(delay: float, decay: float, found: list[float]) -> None:
    for tail in (0.3, 0.1, 0.03, 0.01, 0.001, 1e-4):
        told = delay + decay * math.log(1 / tail)
        assert _later_than(told, found) <= tail * 1.001
        assert _later_than(told / 1.17, found) > tail


@pytest.mark.parametrize("load", _LOADS)
def test_behind_one_gateway_the_figures_are_those_of_the_closed_form(load: float) -> None:
    delays, decays = _SEEN[1]
    column = _LOADS.index(load)
    _agrees(delays[column], decays[column], _found_by_one_gateway(load))


@pytest.mark.parametrize(
    "load", [0.3, 0.5, 0.7, 0.8, *(pytest.param(load, marks=pytest.mark.slow) for load in (0.6, 0.85, 0.9, 0.95))]
)
@pytest.mark.parametrize("proxies", [2, 4, 8, 16, 32, 64, 128])
def test_behind_more_proxies_they_are_the_fixed_point(proxies: int, load: float) -> None:
    delays, decays = _SEEN[proxies]
    column = _LOADS.index(load)
    _agrees(delays[column], decays[column], _found_by(proxies, load))


def _waits(agents: int, slots: int, proxies: int, load: float, ratio: float, count: int) -> Iterator[float]:
    """Poisson arrivals, each at a proxy drawn at random; agents first come first served. Mean service: a second."""
    chance, hold = random.Random(f"{agents} {slots} {proxies} {load} {ratio}"), fit_mean_p99(1.0, ratio)
    assert hold is not None
    mine = [[0] * agents for _ in range(proxies)]
    busy, lines = [0] * agents, [deque[tuple[float, int]]() for _ in range(agents)]
    ends: list[tuple[float, int, int]] = []
    now = 0.0
    for _ in range(count):
        now += chance.expovariate(load * agents * slots)
        while ends and ends[0][0] <= now:
            end, agent, proxy = heapq.heappop(ends)
            mine[proxy][agent] -= 1
            if lines[agent]:
                came, proxy = lines[agent].popleft()
                yield end - came
                heapq.heappush(ends, (end + chance.lognormvariate(hold.mu, hold.sigma), agent, proxy))
            else:
                busy[agent] -= 1
        sees = mine[proxy := chance.randrange(proxies)]
        agent, other = chance.randrange(agents), chance.randrange(agents)
        if sees[other] < sees[agent]:
            agent = other
        sees[agent] += 1
        if busy[agent] < slots:
            busy[agent] += 1
            yield 0.0
            heapq.heappush(ends, (now + chance.lognormvariate(hold.mu, hold.sigma), agent, proxy))
        else:
            lines[agent].append((now, proxy))


def _cases(*places: tuple[int, int, int]) -> list[tuple[int, int, int, float, float]]:
    found = [(*place, load, ratio) for place in places for load in (0.5, 0.7, 0.8, 0.9, 0.95) for ratio in (1.5, 4, 7)]
    return [(*case[:4], case[4]) for case in found if steep(case[1], _cv2(case[4]))]


def _cv2(ratio: float) -> float:
    hold = fit_mean_p99(1.0, ratio)
    assert hold is not None
    return hold.cv2()


@pytest.mark.parametrize(
    ("agents", "slots", "proxies", "load", "ratio"),
    [
        (2, 1, 1, 0.8, 4.0),
        (5, 2, 5, 0.9, 4.0),
        (10, 1, 2, 0.7, 1.5),
        (20, 1, 20, 0.8, 4.0),
        (20, 4, 1, 0.9, 7.0),
        (50, 1, 10, 0.9, 1.5),
        (3, 16, 3, 0.8, 4.0),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in _cases((2, 1, 1), (3, 2, 4), (5, 1, 5), (5, 16, 1), (10, 4, 2), (20, 1, 20), (50, 2, 10))
        ),
    ],
)
def test_no_larger_share_waits_longer_than_is_told(
    agents: int, slots: int, proxies: int, load: float, ratio: float
) -> None:
    count = 150_000
    seen = list(_waits(agents, slots, proxies, load, ratio, count))[count // 10 :]
    wait = _bound(agents, slots, proxies, load, _cv2(ratio))
    assert sum(seen) / len(seen) <= wait.mean() * 1.02
    for tail in (0.1, 0.05, 0.01):
        # Full agents come in runs: how little is known from so many requests the parts of the run show.
        parts = [seen[len(seen) * part // _PARTS : len(seen) * (part + 1) // _PARTS] for part in range(_PARTS)]
        late = [sum(one > wait.quantile_above(tail) for one in part) / len(part) for part in parts]
        assert fmean(late) - 3 * stdev(late) / _PARTS**0.5 <= tail * 1.03


@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 60), st.floats(0.05, 0.99), st.floats(0.0, 1.0))
def test_more_agents_or_fewer_callers_never_wait_longer(
    agents: int, slots: int, proxies: int, load: float, cs2: float
) -> None:
    rate = load * agents * slots
    here, more, seen = (
        least_loaded(Queue(count * slots, rate, 1.0, 1.0, cs2), slots, callers)
        for count, callers in ((agents, proxies + 1), (agents + 1, proxies + 1), (agents, proxies))
    )
    alone, together = Queue(slots, rate / agents, 1.0, 1.0, cs2).wait(), Queue(agents * slots, rate, 1.0, 1.0, cs2)
    for tail in (0.5, 0.1, 0.01, 0.001):
        told = here.quantile_above(tail)
        assert more.quantile_above(tail) <= told * (1 + 1e-9) or more.quantile_above(tail) <= 1e-9
        assert seen.quantile_above(tail) <= told * (1 + 1e-9)
        assert together.wait().quantile_above(tail) <= told * (1 + 1e-9)
        assert told <= 1.7 * alone.quantile_above(tail) or tail == 0.5 or agents == 1


def test_who_calls_through_very_many_proxies_sends_at_random() -> None:
    assert _bound(20, 4, MANY, 0.8) == Queue(4, 3.2, 1.0).wait()
    assert _bound(1, 4, 1, 0.8) == Queue(4, 3.2, 1.0).wait()
    assert _bound(3, 4, 1, 1.0).endless
