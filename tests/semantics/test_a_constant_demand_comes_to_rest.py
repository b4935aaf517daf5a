"""At a demand that does not change a pool whose target leaves slots free does not go to and fro, and nobody waits."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.pool_loop import PoolLoop
from seatrial.compiler.semantics.pool_loop_fast import tried

from .loops import pool_loops

SYNCS, LAST = 1_500, 400
"""Six hours, of which the last one and two thirds are looked at."""


def _shows_when_full(loop: PoolLoop) -> int:
    """The signal of an agent without a free slot, in thousandths."""
    return {"rate": loop.answers_milli, "busy": 1_000, "in flight": loop.concurrency * 1_000}[loop.signal]


@settings(max_examples=60, deadline=None)
@given(pool_loops(("rate", "busy", "in flight")), st.data())
def test_a_target_below_full_by_more_than_the_tolerance_settles(loop: PoolLoop, data: st.DataObject) -> None:
    # `scaling/POOL/target`, and a window that outlasts a reading of the sync before.
    assume(loop.target_milli * 111 < _shows_when_full(loop) * 100 and loop.down_window_s >= 30)
    rate = data.draw(st.integers(1, loop.maximum * loop.answers_milli * 9 // 10))
    assume(loop.maximum * loop.target_milli * loop.answers_milli > rate * _shows_when_full(loop))
    start = data.draw(st.integers(loop.minimum, loop.maximum))
    found = tried(loop, ((rate, rate),) * SYNCS, start)
    last = found.replicas[-LAST:]
    assert list(last) == sorted(last, reverse=True)
    assert not any(found.queued[-LAST:])


def test_a_target_that_fills_every_slot_goes_to_and_fro() -> None:
    loop = PoolLoop("in flight", 3_765, 3, 29, 100, 15, 60, 3, 27_774, 5_000)
    found = tried(loop, ((396_330, 396_330),) * SYNCS, 20)
    last = found.replicas[-LAST:]
    assert list(last) != sorted(last, reverse=True) and any(found.queued[-LAST:])


def test_an_autoscaler_on_the_queue_lets_go_of_agents_while_nobody_waits() -> None:
    loop = PoolLoop("queue", 5_000, 2, 40, 100, 15, 60, 4, 20_000, 20_000)
    found = tried(loop, ((210_000, 210_000),) * SYNCS, 20)
    assert min(found.replicas[-LAST:]) == loop.minimum and max(found.queued[-LAST:]) > 0
