"""What flows down a graph of calls and what is held there, against sums over all paths; and the probes' times."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.flow import arriving, callers_first, holding
from seatrial.compiler.semantics.probes import grace, killed_within, restart_after, startup_failures, unready_within

Calls = dict[str, list[tuple[str, Fraction]]]

TIMES = st.fractions(min_value=0, max_value=3, max_denominator=4)
NAMES = [f"p{index}" for index in range(6)]


@st.composite
def graphs(draw: st.DrawFn) -> Calls:
    """Calls go from lower numbers to higher ones, so there is no circle."""
    calls: Calls = {name: [] for name in NAMES}
    for first in range(len(NAMES)):
        for later in range(first + 1, len(NAMES)):
            if draw(st.booleans()):
                calls[NAMES[first]].append((NAMES[later], draw(TIMES)))
    return calls


def total(parts: list[Fraction]) -> Fraction:
    return sum(parts, Fraction(0))


def paths(calls: Calls, start: str, end: str) -> Fraction:
    """The sum over all paths of the product of their factors, by going down each."""
    if start == end:
        return Fraction(1)
    return sum((factor * paths(calls, callee, end) for callee, factor in calls[start]), Fraction(0))


def order_of(calls: Calls) -> tuple[str, ...]:
    return callers_first(calls, [(name, callee) for name, out in calls.items() for callee, _ in out])


@given(graphs(), st.lists(TIMES, min_size=6, max_size=6))
def test_what_arrives_is_the_sum_over_all_paths(calls: Calls, outside: list[Fraction]) -> None:
    given_ = {name: [rate] for name, rate in zip(NAMES, outside, strict=True)}
    found = arriving(order_of(calls), calls, given_, lambda call: call[0], lambda rate, call: rate * call[1], total)
    for name in NAMES:
        assert found[name] == sum(given_[start][0] * paths(calls, start, name) for start in NAMES)


@given(graphs(), st.lists(TIMES, min_size=6, max_size=6))
def test_a_slot_is_held_for_all_the_work_behind_it(calls: Calls, own: list[Fraction]) -> None:
    work = dict(zip(NAMES, own, strict=True))
    held = holding(order_of(calls), calls, work.__getitem__, lambda call, done: call[1] * done[call[0]], total)
    for name in NAMES:
        assert held[name] == sum(work[end] * paths(calls, name, end) for end in NAMES)


def test_a_circle_and_what_is_behind_it_have_no_order() -> None:
    calls = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("outside", "a")]
    assert callers_first(["d", "c", "b", "a"], calls) == ("a",)
    assert callers_first(["d", "c", "b", "a"], calls[:2] + calls[3:]) == ("a", "b", "c", "d")


def test_an_agent_loses_its_traffic_before_it_is_killed() -> None:
    every, fails, drain = Fraction(5), 3, Fraction(61, 2)
    assert restart_after(fails) == 6
    assert unready_within(every, fails) == 20
    # Six failed checks within seven periods, then 31 s to drain and 5 s before that.
    assert killed_within(every, fails, drain) == 35 + 36
    assert grace(drain) == 36
    assert (startup_failures(Fraction(2)), startup_failures(Fraction(21, 2))) == (30, 32)
