"""KEDA's polls as they are documented, and what of a pool from zero is said to be there by when."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.activation import Activity, cooldown_s, first_ready_s, grown_from_zero_s, polled
from seatrial.compiler.semantics.controller import SYNC_PERIOD_MS
from seatrial.compiler.semantics.pool_loop import Line, Moment, PoolLoop
from seatrial.compiler.semantics.pool_loop_empty import course_of_empty
from seatrial.compiler.semantics.scaling import behavior_of

SYNC_S = 15
LOOP = PoolLoop(
    signal="queue",
    target_milli=5_000,
    minimum=1,
    maximum=8,
    percent=100,
    period_s=15,
    down_window_s=60,
    concurrency=1,
    answers_milli=1_000,
    startup_ms=20_000,
)


@pytest.mark.parametrize(
    ("last", "replicas", "waiting", "after", "remembered"),
    [
        (None, 0, 0, 0, None),
        (None, 0, 1, 1, 100_000),
        # One that is new, or was scaled by somebody else, is emptied at once.
        (None, 7, 0, 0, None),
        (99_000, 7, 3, 7, 100_000),
        (99_000, 7, 0, 7, 99_000),
        # Of the cooldown, the very end still counts.
        (40_000, 7, 0, 7, 40_000),
        (39_999, 7, 0, 0, 39_999),
    ],
)
def test_a_poll_does_what_keda_documents(
    last: int | None, replicas: int, waiting: int, after: int, remembered: int | None
) -> None:
    activity, wanted = polled(Activity(last), replicas, waiting, 100_000, 60_000)
    assert (activity.last_active, wanted) == (remembered, after)


def test_the_first_agent_comes_with_the_poll_and_its_start_and_all_go_after_the_cooldown() -> None:
    lines: list[Line] = [(0, 0), (100, 100), *[(0, 0)] * 14]
    moments = course_of_empty(LOOP, 60_000, lines, 3)
    assert [one.replicas for one in moments] == [0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    # 1.5 items come in the second sync; the agent is there 20 s after the poll that follows, and needs 1.5 s for them.
    assert [one.queued for one in moments[:5]] == [0, 1_500_000, 1_500_000, 0, 0]
    assert moments[1].wait_ms == pytest.approx(20_000 + 1_500, abs=10_000)


def test_what_is_not_served_by_the_end_waits_as_long_as_the_last_agents_take() -> None:
    # 100/s come, and one agent does 1/s of them: who comes at the end of the n-th sync is the 1,500 n-th.
    moments = course_of_empty(replace(LOOP, maximum=1), 60_000, [(100_000, 100_000)] * 40, 1)
    waits = [one.wait_ms for one in moments]
    assert waits == sorted(waits)
    last = moments[-1].queued // 1000
    assert waits[-1] == pytest.approx(last, abs=SYNC_PERIOD_MS) and last > 40 * SYNC_PERIOD_MS
    # With nobody there it is told that it waits to the end at least.
    nobody = course_of_empty(replace(LOOP, startup_ms=600_000), 60_000, [(100_000, 100_000)] * 4, 0)
    assert [one.wait_ms for one in nobody] == [45_000, 30_000, 15_000, 0]


def test_a_cooldown_is_whole_seconds_and_no_shorter_than_stated() -> None:
    assert [cooldown_s(Fraction(60)), cooldown_s(Fraction(121, 2))] == [60, 61]


def test_a_per_cent_of_one_agent_is_an_agent() -> None:
    """And of none it would be none: the first one is KEDA's."""
    assert grown_from_zero_s(2, behavior_of(0, 1, 15), Fraction(0)) == 30 + 15 + 15
    assert first_ready_s(Fraction(20)) == 50


@st.composite
def loops(draw: st.DrawFn) -> PoolLoop:
    return replace(
        LOOP,
        target_milli=draw(st.sampled_from([1_000, 5_000, 40_000])),
        maximum=draw(st.integers(1, 30)),
        percent=draw(st.sampled_from([10, 100, 400])),
        period_s=draw(st.sampled_from([15, 60, 120])),
        down_window_s=draw(st.sampled_from([1, 30, 300])),
        startup_ms=draw(st.sampled_from([0, 4_000, 15_000, 50_000])),
        answers_milli=draw(st.sampled_from([50, 1_000])),
        age=draw(st.integers(0, 1)),
    )


def stretches(moments: tuple[Moment, ...], least: Fraction) -> list[tuple[int, int]]:
    """From when to when, in syncs, more than `least` items wait all the time."""
    found, begin = [], None
    for index, one in enumerate(moments):
        if one.queued > least * 10**6:
            begin = index if begin is None else begin
        elif begin is not None:
            found.append((begin, index))
            begin = None
    return [*found, *([(begin, len(moments))] if begin is not None else [])]


@settings(max_examples=150, deadline=None)
@given(loops(), st.data())
def test_while_something_waits_as_many_are_there_as_is_said(loop: PoolLoop, data: st.DataObject) -> None:
    """Whatever went before: agents that were added and taken away again slow the next growth, as long as a period."""
    levels = st.sampled_from([0, 0, 100, 3_000, 60_000])
    spells = data.draw(st.lists(st.tuples(levels, st.integers(1, 12)), min_size=2, max_size=14))
    lines = [(level, level) for level, syncs in spells for _ in range(syncs)]
    moments = course_of_empty(loop, loop.down_window_s * 1000, lines, data.draw(st.integers(0, 3)))
    startup = Fraction(loop.startup_ms, 1000)
    behavior = behavior_of(loop.down_window_s, loop.percent, loop.period_s)
    for count in {1, 2, loop.maximum}:
        there = first_ready_s(startup) if count == 1 else grown_from_zero_s(count, behavior, startup)
        assert there is not None
        shown = Fraction(0) if count == 1 else Fraction(loop.target_milli, 1000) * count * Fraction(11, 10)
        for begin, end in stretches(moments, shown):
            # It may have begun to wait at any time in the sync before.
            by = begin + 1 + math.ceil(there / SYNC_S)
            assert all(moments[index].ready >= min(count, loop.maximum) for index in range(by, end))
