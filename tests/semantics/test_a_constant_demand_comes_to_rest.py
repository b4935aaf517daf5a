"""At a demand that does not change a pool whose target leaves slots free does not go to and fro, and nobody waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.pool_loop import PoolLoop
from seatrial.compiler.semantics.pool_loop_fast import tried
from seatrial.compiler.semantics.resting import least_window_s

from .loops import pool_loops

SYNCS, LAST = 1_500, 400
"""Six hours, of which the last one and two thirds are looked at."""


def _shows_when_full(loop: PoolLoop) -> int:
    """The signal of an agent without a free slot, in thousandths."""
    return {"rate": loop.answers_milli, "busy": 1_000, "in flight": loop.concurrency * 1_000}[loop.signal]


def _least_window_s(loop: PoolLoop) -> int:
    return least_window_s(loop.signal, loop.minimum, loop.maximum, loop.percent, loop.period_s)


@settings(max_examples=60, deadline=None)
@given(pool_loops(("rate", "busy", "in flight")), st.data())
def test_a_target_below_full_by_more_than_the_tolerance_settles(loop: PoolLoop, data: st.DataObject) -> None:
    # `scaling/POOL/target`, and a window that outlasts readings of the sync before.
    assume(loop.target_milli * 111 < _shows_when_full(loop) * 100 and loop.down_window_s >= _least_window_s(loop))
    rate = data.draw(st.integers(1, loop.maximum * loop.answers_milli * 9 // 10))
    assume(loop.maximum * loop.target_milli * loop.answers_milli > rate * _shows_when_full(loop))
    start = data.draw(st.integers(loop.minimum, loop.maximum))
    found = tried(loop, ((rate, rate),) * SYNCS, start)
    last = found.replicas[-LAST:]
    assert list(last) == sorted(last, reverse=True)
    assert not any(found.queued[-LAST:])


@pytest.mark.parametrize(
    ("loop", "rate", "start"),
    [
        (PoolLoop("in flight", 1_810, 1, 41, 20, 15, 30, 2, 4_000, 5_000, age=1), 17_150, 9),
        (PoolLoop("in flight", 1_810, 1, 41, 70, 16, 30, 2, 160_000, 0, age=1), 2_293_632, 10),
        (PoolLoop("in flight", 3_600, 5, 205, 100, 15, 45, 4, 320_000, 5_000, age=1), 1_995_840, 5),
        (PoolLoop("in flight", 3_620, 2, 42, 30, 15, 75, 4, 80_000, 45_000, age=1), 326_825, 2),
    ],
)
def test_old_readings_ask_for_too_few_after_each_step_down(loop: PoolLoop, rate: int, start: int) -> None:
    # Run apart: a replay of the rules that shares no code does the same.
    last = tried(loop, ((rate, rate),) * SYNCS, start).replicas[-LAST:]
    assert list(last) != sorted(last, reverse=True) and list(last) != sorted(last)
    least = _least_window_s(loop)
    assert loop.down_window_s < least
    at_rest = tried(replace(loop, down_window_s=least), ((rate, rate),) * SYNCS, start).replicas[-LAST:]
    assert len(set(at_rest)) == 1


def test_a_target_that_fills_every_slot_goes_to_and_fro() -> None:
    loop = PoolLoop("in flight", 3_765, 3, 29, 100, 15, 60, 3, 27_774, 5_000)
    found = tried(loop, ((396_330, 396_330),) * SYNCS, 20)
    last = found.replicas[-LAST:]
    assert list(last) != sorted(last, reverse=True) and any(found.queued[-LAST:])


def test_an_autoscaler_on_the_queue_lets_go_of_agents_while_nobody_waits() -> None:
    loop = PoolLoop("queue", 5_000, 2, 40, 100, 15, 60, 4, 20_000, 20_000)
    found = tried(loop, ((210_000, 210_000),) * SYNCS, 20)
    assert min(found.replicas[-LAST:]) == loop.minimum and max(found.queued[-LAST:]) > 0
