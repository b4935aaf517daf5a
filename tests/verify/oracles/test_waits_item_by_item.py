"""Items of a queue worked off one by one, while agents start: no item's wait is below what is said of the longest."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.growth import most_waiting
from seatrial.compiler.semantics.piling import least_wait

_PARTS = 400


def _longest(rungs: list[tuple[Fraction, int]], low: Fraction, high: Fraction, until: Fraction) -> Fraction:
    """In small parts of the time: what arrives in each waits until all before it is worked off."""
    step, queued, longest = until / _PARTS, Fraction(0), Fraction(0)
    for part in range(_PARTS):
        now = step * (part + 1)
        ready = max(count for since, count in rungs if since <= now - step)
        queued = max(Fraction(0), queued + (low + (high - low) * now / until - ready) * step)
        left, took = queued, Fraction(0)
        while left > 0:
            speed = max(count for since, count in rungs if since <= now + took)
            end = next((since for since, _ in rungs if since > now + took), None)
            lasts = left / speed if end is None else min(left / speed, end - now - took)
            left, took = left - speed * lasts, took + lasts
        longest = max(longest, took)
    return longest


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 20)), min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(0, 30),
    st.integers(1, 40),
)
def test_the_longest_wait_lies_between_both_bounds(
    steps: list[tuple[int, int]], start: int, more: int, until: int
) -> None:
    rungs, now, count = [(Fraction(0), start)], 0, start
    for after, added in steps:
        now, count = now + after, count + added
        rungs.append((Fraction(now), count))
    low, high, end = Fraction(start), Fraction(start + more), Fraction(until)

    def rate(time: Fraction) -> Fraction:
        return low + (high - low) * min(time, end) / end

    least = least_wait(rungs, rate, Fraction(1), end)
    assert least is not None
    tried = _longest(rungs, low, high, end)
    assert least[1] <= tried + end / _PARTS * high
    _, most = most_waiting(rungs, rate, Fraction(1), end)
    assert least[1] <= most
    if more == 0:
        assert least == (Fraction(0), Fraction(0))


def test_what_nobody_works_off_has_no_wait() -> None:
    assert least_wait([(Fraction(0), 0)], lambda _: Fraction(1), Fraction(1), Fraction(5)) is None
