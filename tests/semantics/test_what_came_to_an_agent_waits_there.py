"""Agents that come later take nothing over of what waits at those that were there: these are followed one by one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.controller import SYNC_PERIOD_MS
from seatrial.compiler.semantics.growth import most_waiting, piled_up
from seatrial.compiler.semantics.pool_loop import Line, PoolLoop, course, queue_after
from seatrial.compiler.semantics.pool_loop_reach import reach, resting_element

from .loops import bases_inside, envelopes, jumps_inside, pool_loops, together

_RUNGS = ((Fraction(0), 2), (Fraction(50), 4), (Fraction(95), 20))


def test_who_is_there_first_goes_on_being_sent_its_part() -> None:
    # 150/s for agents of 10/s: 65 too many a second at each of two for 50 s, then 27.5 at each of four for 45 s.
    rates = lambda _: Fraction(150)  # noqa: E731
    old, later = 65 * 50 + Fraction(55, 2) * 45, Fraction(55, 2) * 45
    waits = most_waiting(_RUNGS, rates, Fraction(10), Fraction(0), apart=True)
    assert waits == (2 * old + 2 * later, old / 10)
    assert most_waiting(_RUNGS, rates, Fraction(10), Fraction(0)) == (Fraction(6500 + 110 * 45), Fraction(325))
    # Of 20 each is sent 7.5 a second, and works off 2.5 of what waits.
    assert piled_up(_RUNGS, rates, Fraction(10), Fraction(0), apart=True).over == 95 + old / Fraction(5, 2)


def _longest_ms(loop: PoolLoop, lines: list[Line], start: int) -> int:
    """At an agent that was always there and is sent an even part; a rate is read alike wherever requests wait."""
    asked, waits, longest = [start] * (loop.startup_syncs + 2), 0, 0
    rest = loop.startup_rest_ms
    for moment, (rate, after) in zip(course(loop, lines, start), lines, strict=True):
        asked = [moment.replicas, *asked[:-1]]
        last = min(asked[: loop.startup_syncs + 1])
        first = min(asked)
        middle = rate + (after - rate) * rest // SYNC_PERIOD_MS
        waits = queue_after(waits, rate // first, middle // first, loop.answers_milli, rest)
        longest = max(longest, waits // loop.answers_milli)
        waits = queue_after(waits, middle // last, after // last, loop.answers_milli, SYNC_PERIOD_MS - rest)
        longest = max(longest, waits // loop.answers_milli)
    return longest


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_agent_lets_wait_for_longer_than_was_proved_of_every_course(data: st.DataObject) -> None:
    loop = replace(data.draw(pool_loops(("rate",), ages=(0,))), apart=True)
    envelope = data.draw(envelopes(loop))
    reached = reach(loop, envelope, data.draw(st.sampled_from((5_000, 60_000, 600_000))), most=200)
    assume(reached.wait_ms is not None)
    assert reached.wait_ms is not None
    start = data.draw(st.integers(resting_element(loop, envelope).asked[0], loop.maximum))
    lines = together(data.draw(bases_inside(envelope)), data.draw(jumps_inside(envelope)))
    assert _longest_ms(loop, lines, start) <= reached.wait_ms + 1


def test_a_course_of_all_agents_together_is_no_bound_of_theirs() -> None:
    loop = PoolLoop("rate", 5_000, 2, 40, 100, 15, 300, 10, 10_000, 20_000)
    rises = [(10_000, 10_000), *[(150_000, 150_000)] * 30]
    waits = _longest_ms(loop, rises, 2)
    assert waits > 1.1 * max(one.wait_ms for one in course(loop, rises, 2))
