"""The most pods of a pool whose autoscaler shrinks and grows it: every course of metrics, sync by sync."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.controller import SYNC_PERIOD_MS
from seatrial.compiler.semantics.flapping import syncs_of, there
from seatrial.compiler.semantics.hpa import HpaSpec, HpaState, Recommendation, Seen, step
from seatrial.compiler.semantics.hpa_behavior import Behavior, ScaleEvent, percent_down, percent_up
from seatrial.compiler.semantics.hpa_metrics import ExternalAverageValue, ExternalReading
from seatrial.compiler.semantics.pool_loop_empty import course_of_empty
from seatrial.compiler.semantics.pool_loop_fast import tried
from seatrial.compiler.semantics.scaling import behavior_of

from .loops import any_lines, flapping_pods, pool_loops

Counts = tuple[int, ...]


class _At(NamedTuple):
    """What decides all that follows: the count, what the controller remembers, and when what leaves was told to."""

    agents: int
    state: HpaState
    leaving: tuple[tuple[int, int], ...]


def _forgotten(state: HpaState, behavior: Behavior) -> HpaState:
    """A sync later, without what no window and no period reaches any more; pools this small have no tolerance."""
    window = (behavior.down.window_s or 0) * 1000
    kept = tuple(
        Recommendation(one.at - SYNC_PERIOD_MS, one.replicas)
        for one in state.recommendations or ()
        if one.at - SYNC_PERIOD_MS > -window
    )

    def events(all: tuple[ScaleEvent, ...], period_s: int) -> tuple[ScaleEvent, ...]:
        moved = (replace(one, at=one.at - SYNC_PERIOD_MS, outdated=False) for one in all)
        return tuple(one for one in moved if one.at > -period_s * 1000)

    return HpaState(
        kept,
        events(state.added, behavior.up.longest_period_s),
        events(state.deleted, behavior.down.longest_period_s),
    )


def _reached(minimum: int, maximum: int, behavior: Behavior, grace_s: int) -> int:
    """The most pods at a time over all that the metric may ask for, sync after sync, until nothing new is met."""
    spec = HpaSpec(minimum, maximum, (ExternalAverageValue("asked", 1000),), behavior)
    first = [_At(count, HpaState(), ()) for count in range(minimum, maximum + 1)]
    met, waiting, most = set(first), first, 0
    while waiting:
        count, state, leaving = waiting.pop()
        for asked in range(minimum, maximum + 1):
            seen = Seen(count, count, (ExternalReading((asked * 1000,)),))
            after, decision = step(spec, state, seen, 0)
            gone = max(0, count - decision.desired)
            still = (*leaving, *([(0, gone)] if gone else []))
            most = max(most, decision.desired + sum(pods for _, pods in still))
            rest = tuple((at + 15, pods) for at, pods in still if at + 15 < grace_s)
            found = _At(decision.desired, _forgotten(after, behavior), rest)
            if found not in met:
                met.add(found)
                waiting.append(found)
    return most


def _small() -> Iterator[tuple[int, int, int, int, int, int]]:
    """(minimum, maximum, grace, window, per cent, period)."""
    for grace, window, percent, period in product((15, 30, 35, 50), (0, 15, 30, 45), (20, 50, 100, 200), (15, 30, 40)):
        if window <= 30 or period <= 30:
            yield 1, 4, grace, window, percent, period
    for grace, percent in product((25, 45, 65), (50, 100)):
        yield 1, 8, grace, 0, percent, 15
        yield 3, 8, grace, 15, percent, 15


@pytest.mark.parametrize("of", list(_small()), ids=str)
def test_no_course_of_metrics_has_more_pods_there(of: tuple[int, int, int, int, int, int]) -> None:
    minimum, maximum, grace, window, percent, period = of
    behavior = behavior_of(window, percent, period)
    reached, bound = _reached(minimum, maximum, behavior, grace), flapping_pods(minimum, maximum, behavior, grace)
    assert reached <= bound
    pause = max(1, syncs_of(window))
    if syncs_of(grace) <= pause + 2:
        # Room for one cycle: some course comes to it.
        assert reached == bound


def _once_and_back(minimum: int, maximum: int, percent: int, period: int, spell: int) -> int:
    """A pool that was long at its maximum goes down and up once, by every course of counts that the steps allow."""
    most = maximum
    # The counts of a period, whether it grows again -> the most that were removed.
    states: dict[tuple[Counts, bool], int] = {((maximum,) * period, False): 0}
    for _ in range(spell):
        after: dict[tuple[Counts, bool], int] = {}
        for (counts, grows), removed in states.items():
            now, base = counts[-1], counts[0]
            lowest = now if grows else max(minimum, min(now, percent_down(base, percent)))
            highest = min(maximum, max(now, percent_up(base, percent)))
            for count in range(lowest, highest + 1):
                gone = removed + max(0, now - count)
                most = max(most, count + gone)
                key = ((*counts[1:], count), grows or count > now)
                after[key] = max(gone, after.get(key, 0))
        states = after
    return most


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_larger_pools_come_to_the_bound_from_their_maximum(data: st.DataObject) -> None:
    period = data.draw(st.integers(1, 3))
    maximum = data.draw(st.integers(2, {1: 80, 2: 25, 3: 10}[period]))
    minimum = data.draw(st.integers(1, maximum))
    percent = data.draw(st.sampled_from((1, 3, 5, 10, 20, 33, 50, 75, 100, 130, 400)))
    spell = data.draw(st.integers(1, 6))
    bound = flapping_pods(minimum, maximum, behavior_of(600, percent, period * 15), spell * 15)
    assert bound == _once_and_back(minimum, maximum, percent, period, spell)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_course_of_demand_has_more_pods_there(data: st.DataObject) -> None:
    loop = data.draw(pool_loops())
    lines, start = data.draw(any_lines(loop)), data.draw(st.integers(loop.minimum, loop.maximum))
    grace = data.draw(st.integers(5, 200))
    behavior = behavior_of(loop.down_window_s, loop.percent, loop.period_s)
    counts = (start, *tried(loop, lines, start).replicas)
    assert max(there(counts, grace)) <= flapping_pods(loop.minimum, loop.maximum, behavior, grace)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_course_of_demand_has_more_pods_of_a_pool_that_may_be_empty_there(data: st.DataObject) -> None:
    loop = replace(data.draw(pool_loops(signals=("queue",))), minimum=1)
    lines = data.draw(any_lines(loop))
    lines = lines + [(0, 0)] * data.draw(st.integers(1, 30)) + lines
    grace, cooldown = data.draw(st.integers(5, 200)), loop.down_window_s * 1000
    counts = [one.replicas for one in course_of_empty(loop, cooldown, lines, 0)]
    behavior = behavior_of(loop.down_window_s, loop.percent, loop.period_s)
    assert max(there(counts, grace)) <= flapping_pods(0, loop.maximum, behavior, grace)


def test_a_pool_that_may_be_empty_may_lose_all_agents_and_have_them_all_again() -> None:
    assert flapping_pods(0, 20, behavior_of(300, 100, 15), 35) == 40
    assert flapping_pods(0, 20, behavior_of(300, 100, 15), 15) == 20


def test_the_removals_of_a_grace_period_are_there_beside_what_is_added() -> None:
    counts = (12, 12, 3, 6, 12, 12)
    assert there(counts, 15) == [12, 12, 12, 6, 12, 12]
    assert there(counts, 30) == [12, 12, 12, 15, 12, 12]
    assert there(counts, 45) == [12, 12, 12, 15, 21, 12]
    assert there((12, 6, 3, 12), 45) == [12, 12, 12, 21]
    assert there((), 45) == []


@pytest.mark.parametrize(
    ("grace", "percent", "period", "most"),
    [
        (15, 100, 15, 100),  # who was told to leave is gone as the next sync adds
        (30, 100, 15, 150),  # from 50, doubled once
        (35, 100, 15, 175),  # from 25, doubled twice
        (75, 100, 15, 190),  # from 10, which is the minimum
        (30, 100, 60, 190),  # the period's beginning had 100: all may come back at once
        (35, 10, 15, 110),  # one step down to 90, one up to 99, one to 100
        (30, 50, 15, 133),  # from 67, up by a half
    ],
)
def test_longer_drains_and_larger_steps_let_more_be_there(grace: int, percent: int, period: int, most: int) -> None:
    assert flapping_pods(10, 100, behavior_of(300, percent, period), grace) == most


def test_a_window_shorter_than_the_drain_lets_a_pool_go_to_and_fro() -> None:
    assert flapping_pods(10, 100, behavior_of(0, 100, 15), 65) == 100 + 2 * 90
    assert flapping_pods(10, 100, behavior_of(60, 100, 15), 65) == 190


def test_a_pool_that_cannot_move_has_no_more_than_it_has() -> None:
    assert flapping_pods(8, 8, behavior_of(0, 100, 15), 600) == 8
