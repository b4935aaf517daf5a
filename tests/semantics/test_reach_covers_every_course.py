"""What is proved of a loop for ever covers each state of each course inside its envelope, and what the search finds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics import pool_loop_reach
from seatrial.compiler.semantics.controller import SYNC_PERIOD_MS
from seatrial.compiler.semantics.envelope import Envelope
from seatrial.compiler.semantics.pool_loop import PoolLoop, course, queue_after
from seatrial.compiler.semantics.pool_loop_fast import tried
from seatrial.compiler.semantics.pool_loop_reach import Element, reach, resting_element, surely_waits_less
from seatrial.compiler.semantics.worst_trace import drawn, worst_trace

from .loops import bases_inside, envelopes, jumps_inside, pool_loops, together

FOLLOWED = ("rate", "busy", "in flight", "queue")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_state_of_every_allowed_course_is_covered(data: st.DataObject) -> None:
    loop = data.draw(pool_loops(FOLLOWED, ages=(0,)))
    envelope = data.draw(envelopes(loop))
    reached = reach(loop, envelope, data.draw(st.sampled_from((500, 5_000, 60_000))), most=200)
    assume(reached.wait_ms is not None)
    assert reached.wait_ms is not None
    first = resting_element(loop, envelope)
    start = data.draw(st.integers(first.asked[0], loop.maximum))
    base = data.draw(bases_inside(envelope))
    lines = together(base, data.draw(jumps_inside(envelope)))
    assert envelope.allowed(lines)
    moments = course(loop, lines, start)
    asked, proposed = [start] * len(first.asked), [start] * len(first.proposed)
    queued = 0
    for moment, (level, _) in zip(moments, base, strict=True):
        asked = [moment.replicas, *asked[:-1]]
        if moment.at_ms:
            proposed = [moment.proposed or 0, *proposed[:-1]]
        highest = [max(proposed[: count + 1]) for count in range(len(proposed))]
        state = Element(level, queued, tuple(asked), tuple(highest))
        assert any(one.covers(state) for one in reached.worst), moment
        assert moment.wait_ms <= reached.wait_ms
        queued = moment.queued


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_of_what_comes_in_a_line_no_less_is_answered_and_no_more_waits_than_is_said(data: st.DataObject) -> None:
    loop = data.draw(pool_loops())
    envelope = data.draw(envelopes(loop))
    base = data.draw(bases_inside(envelope, syncs=6))
    for (level, after), (begin, end) in zip(base, together(base, data.draw(jumps_inside(envelope, 6))), strict=True):
        capacity = data.draw(st.integers(1, 2 * envelope.peak))
        came, most, mean = (begin + end) * SYNC_PERIOD_MS // 2, envelope.above(level), -(-(begin + end) // 2)
        waits = queue_after(0, begin, end, capacity, SYNC_PERIOD_MS)
        assert envelope.answered((begin + end) // 2, most, capacity) * SYNC_PERIOD_MS <= came - waits + 1
        assert waits <= max((mean - capacity) * SYNC_PERIOD_MS, envelope.excess(level, mean, capacity)) + 1
        assert mean <= envelope.mean(level) + 1 and end <= most and after <= envelope.end(level, mean)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_what_is_proved_survives_the_search(data: st.DataObject) -> None:
    loop = data.draw(pool_loops(FOLLOWED, ages=(0,)))
    envelope = data.draw(envelopes(loop))
    reached = reach(loop, envelope, 30_000, most=200)
    assume(reached.wait_ms is not None)
    assert reached.wait_ms is not None
    assert worst_trace(loop, envelope, lambda found: found.wait_ms, most=150).harm <= reached.wait_ms


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_coarser_cuts_tell_nothing_that_finer_ones_do_not(data: st.DataObject) -> None:
    loop = data.draw(pool_loops(FOLLOWED, ages=(0,)))
    envelope = data.draw(envelopes(loop))
    limit_ms = data.draw(st.sampled_from((500, 5_000, 60_000)))
    found = reach(loop, envelope, limit_ms)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool_loop_reach, "COARSE", ())
        assert reach(loop, envelope, limit_ms).wait_ms == found.wait_ms
    quickest = loop.answers_milli * data.draw(st.integers(100, 300)) // 100
    if surely_waits_less(loop, envelope, limit_ms, quickest):
        assert found.wait_ms is not None
        for answers in {loop.answers_milli, (loop.answers_milli + quickest) // 2, quickest}:
            one = replace(loop, answers_milli=answers)
            assert worst_trace(one, envelope, lambda tried: tried.wait_ms, most=60).harm <= limit_ms


@pytest.mark.parametrize("startup_ms", [0, 5_000, 15_000, 20_000, 45_000, 60_000, 90_000])
def test_start_ups_of_several_syncs_and_a_window_of_five_minutes_converge(startup_ms: int) -> None:
    loop = PoolLoop("busy", 400, 2, 40, 100, 15, 300, 8, 100_000, startup_ms)
    gentle = Envelope(400_000, 2_000_000, 50_000)
    reached = reach(loop, gentle, 2_000)
    assert reached.wait_ms == 0
    assert worst_trace(loop, gentle, lambda found: found.wait_ms).harm == 0


def test_what_is_found_is_allowed_and_does_what_it_says() -> None:
    loop = PoolLoop("busy", 600, 2, 40, 100, 15, 300, 8, 100_000, 45_000)
    envelope = Envelope(400_000, 2_000_000, 200_000)
    worst = worst_trace(loop, envelope, lambda found: found.wait_ms)
    assert envelope.allowed(worst.lines)
    assert max(one.wait_ms for one in course(loop, worst.lines, worst.start)) == worst.harm > 10_000
    assert reach(loop, envelope, worst.harm - 1).wait_ms is None


def test_the_search_is_the_same_each_time_and_goes_beyond_the_plain_ramp() -> None:
    loop = PoolLoop("busy", 600, 2, 40, 100, 15, 300, 8, 100_000, 20_000)
    envelope = Envelope(400_000, 2_000_000, 200_000)
    first, second = (worst_trace(loop, envelope, lambda found: found.wait_ms) for _ in range(2))
    assert first == second
    ramp = drawn(((400_000, 2), (2_000_000, 40)), envelope)
    assert first.harm > tried(loop, ramp, first.start).wait_ms


def test_an_envelope_knows_what_it_allows() -> None:
    envelope = Envelope(100, 400, 100, lasts=5, every=20)
    assert envelope.allowed([(100, 100), (100, 200), (200, 300), (100, 100)])
    assert not envelope.allowed([(100, 201)])
    assert not envelope.allowed([(100, 200), (250, 250)])
    assert not envelope.allowed([(100, 200), *[(200, 200)] * 5])
    pulse = [(100, 200), (100, 100)]
    assert not envelope.allowed([*pulse, *pulse])
    assert envelope.allowed([*pulse, *[(100, 100)] * 18, *pulse])
    assert not envelope.allowed([(99, 100)])
    assert not envelope.allowed([(400, 401)])


def test_a_line_to_the_peak_waits_though_it_could_be_steeper() -> None:
    """From 87.6/s to 154.2/s in 15 s before agents that answer 97.6/s."""
    waits = queue_after(0, 87_554, 154_245, 97_563, SYNC_PERIOD_MS)
    envelope, mean = Envelope(79_000, 155_000, 72_869), -(-(87_554 + 154_245) // 2)
    assert waits <= max((mean - 97_563) * SYNC_PERIOD_MS, envelope.excess(87_554, mean, 97_563))


def test_what_may_jump_comes_on_top_of_a_base_that_rises() -> None:
    envelope = Envelope(100, 700, 100, jump=300)
    assert envelope.allowed([(100, 100), (400, 500), (200, 600), (300, 700), (400, 100), (400, 100)])
    assert not envelope.allowed([(100, 100), (401, 401)])
    # All of the jump is used, and the base was at 200.
    assert not envelope.allowed([(100, 200), (500, 601)])
    # Here it was 300 at the most, and fell.
    assert not envelope.allowed([(100, 200), (500, 600), (100, 100), (500, 500)])
    assert envelope.highest == 400


def test_agents_that_double_each_half_minute_meet_a_slope_before_anybody_gives_up() -> None:
    """Four agents of 0.76 requests a second at 2/s, that goes to 17/s by 4/s a minute; the worst course known
    makes 3.1 s."""
    loop = PoolLoop("busy", 700, 4, 60, 100, 15, 600, 4, 761, 20_000)
    found = reach(loop, Envelope(2_000, 17_000, 1_000), 50_000)
    assert found.wait_ms is not None
    assert 3_100 < found.wait_ms < 40_000
