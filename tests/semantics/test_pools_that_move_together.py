"""Several pools in one course of demand: it is inside each envelope, and what it does is what the controller does."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.envelope import Envelope
from seatrial.compiler.semantics.flapping import there
from seatrial.compiler.semantics.pool_loop import PoolLoop, course
from seatrial.compiler.semantics.pool_loop_fast import resting_agents
from seatrial.compiler.semantics.scaling import behavior_of
from seatrial.compiler.semantics.together import Mover, held_together

from .loops import envelopes, flapping_pods, pool_loops

LOOP = PoolLoop("in flight", 5_000, 2, 20, 100, 15, 300, 10, 100_000, 5_000)
JUMPS = Envelope(100_000, 1_000_000)


@st.composite
def movers(draw: st.DrawFn) -> tuple[Mover, Fraction]:
    loop = draw(pool_loops(ages=(0,)))
    envelope = draw(envelopes(loop).filter(lambda one: one.moves))
    if draw(st.booleans()):
        envelope = replace(envelope, lasts=draw(st.integers(20, 90)), every=draw(st.integers(1, 90)))
    each = draw(st.sampled_from((Fraction(1), Fraction(7), Fraction(3, 2))))
    return Mover(loop, envelope, draw(st.integers(5, 200))), each


WAKES_AT_ONCE = [
    (Mover(PoolLoop("rate", 50, 1, 1, 5, 1, 0, 1, 500, 0), Envelope(1, 2, None), 5), Fraction(1)),
    (Mover(PoolLoop("queue", 2000, 2, 7, 5, 1, 0, 1, 1043, 0), Envelope(3644, 3645, None), 5), Fraction(1)),
]
"""A pool on its queue is never at rest: the first sync takes an agent away."""


@settings(max_examples=80, deadline=None)
@example(WAKES_AT_ONCE, 0)
@given(st.lists(movers(), min_size=1, max_size=4), st.integers(0, 12))
def test_what_is_found_is_allowed_by_all_and_what_the_controller_does(
    pools: list[tuple[Mover, Fraction]], twelfths: int
) -> None:
    most, least = Fraction(0), Fraction(0)
    for (loop, _, grace), each in pools:
        behavior = behavior_of(loop.down_window_s, loop.percent, loop.period_s)
        most += each * flapping_pods(loop.minimum, loop.maximum, behavior, grace)
        least += each * loop.minimum
    limit = least + (most - least) * twelfths / 12
    found = held_together(pools, limit)
    if found is None:
        return
    held = Fraction(0)
    for (mover, each), run in zip(pools, found.runs, strict=True):
        steady, way = mover.envelope.steady, mover.way
        assert mover.envelope.allowed(run.lines)
        # To a thousandth of a request a second all are the same share of their way.
        for line, shares in zip(run.lines, found.shares, strict=True):
            assert all(
                0 <= steady + Fraction(way * s, found.way) - rate < 1 for rate, s in zip(line, shares, strict=True)
            )
        counts = [one.replicas for one in course(mover.loop, run.lines, resting_agents(mover.loop, steady))]
        assert tuple(counts) == run.counts and tuple(there(counts, mover.grace_s)) == run.pods
        held += each * run.pods[found.at]
    assert limit < held <= most


def test_a_pool_alone_goes_in_thousandths_of_a_request() -> None:
    found = held_together([(Mover(LOOP, JUMPS, 35), Fraction(6))], Fraction(180))
    assert found is not None and found.way == 900_000
    assert max(found.runs[0].pods) * 6 > 180


def test_pools_that_are_alike_are_run_once_and_count_as_often_as_they_are() -> None:
    pool = (Mover(LOOP, JUMPS, 35), Fraction(6))
    alone, all_ = held_together([pool], Fraction(185)), held_together([pool] * 50, Fraction(185 * 50))
    assert alone is not None and all_ is not None
    assert all_.runs == alone.runs * 50


def test_a_slope_that_leaves_no_whole_step_shows_nothing() -> None:
    slow = Mover(LOOP, Envelope(100_000, 1_000_000, rise=1), 35)
    assert held_together([(slow, Fraction(6)), (Mover(LOOP, JUMPS, 35), Fraction(6))], Fraction(1)) is None
