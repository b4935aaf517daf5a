"""The loop for searching does, sync by sync, what the controller's own rules do."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.pool_loop import Moment, PoolLoop, course, queue_after
from seatrial.compiler.semantics.pool_loop_fast import Tried, resting_agents, tried

from .loops import any_lines, pool_loops

STEPPED = PoolLoop(
    signal="busy",
    target_milli=500,
    minimum=2,
    maximum=40,
    percent=100,
    period_s=15,
    down_window_s=60,
    concurrency=8,
    answers_milli=100_000,
    startup_ms=45_000,
)


def summary(moments: Sequence[Moment]) -> Tried:
    return Tried(
        tuple(one.replicas for one in moments),
        tuple(one.ready for one in moments),
        tuple(one.queued for one in moments),
        max((one.wait_ms for one in moments), default=0),
    )


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_the_fast_loop_equals_the_controller_at_every_sync(data: st.DataObject) -> None:
    loop = data.draw(pool_loops())
    lines = data.draw(any_lines(loop))
    start = data.draw(st.integers(loop.minimum, loop.maximum))
    assert tried(loop, lines, start) == summary(course(loop, lines, start))


def test_agents_are_ready_after_their_start_up_and_full_ones_ask_for_twice_as_many() -> None:
    # 200 a second are 2 agents at all they have: the target of a half asks for 4 while 2 show anything.
    moments = course(STEPPED, [(100_000, 100_000)] * 2 + [(200_000, 200_000)] * 8, 2)
    assert [one.replicas for one in moments] == [2, 2, 2, 4, 4, 4, 4, 4, 4, 4]
    assert [one.ready for one in moments] == [2, 2, 2, 2, 2, 2, 4, 4, 4, 4]
    assert all(one.queued == 0 for one in moments)


def test_what_is_more_than_the_agents_answer_waits_until_more_are_ready() -> None:
    moments = course(STEPPED, [(100_000, 100_000)] * 2 + [(300_000, 300_000)] * 8, 2)
    # 100 a second more than two agents answer wait: 15 s of it at each sync, until four are ready.
    assert [one.queued // 10**6 for one in moments[2:7]] == [1500, 3000, 4500, 6000, 4500]
    assert max(one.wait_ms for one in moments) == 30_000


def test_a_rate_that_passes_the_capacity_on_its_way_leaves_what_came_above() -> None:
    # From 0 to 20 in 10 s at a capacity of 10: 25 came above it, after 25 below it that cannot be saved up.
    assert queue_after(0, 0, 20_000, 10_000, 10_000) == 25_000_000
    assert queue_after(0, 20_000, 0, 10_000, 10_000) == 0
    assert queue_after(30_000_000, 20_000, 0, 10_000, 10_000) == 30_000_000


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_agents_at_rest_stay_and_are_enough_where_the_bounds_let_them(data: st.DataObject) -> None:
    loop = data.draw(pool_loops(("rate", "busy", "in flight"), ages=(0,)))
    rate = data.draw(st.integers(1, loop.maximum * loop.answers_milli))
    count = resting_agents(loop, rate)
    moments = course(loop, [(rate, rate)] * 8, count)
    assert moments[-1].queued == 0
    assert all(one.replicas == count for one in moments if one.at_ms < loop.down_window_s * 1000)


def test_a_large_maximum_leaves_the_start_exact() -> None:
    wide = PoolLoop("busy", 600, 10, 1_700, 100, 15, 300, 10, 50_000, 10_000)
    # 200 busy slots of 10 each: 20 agents would be full, 30 at most a tenth above 60 % of theirs.
    count = resting_agents(wide, 1_000_000)
    assert count == 31
    assert course(wide, [(1_000_000, 1_000_000)] * 2, count - 1)[0].proposed == 34
