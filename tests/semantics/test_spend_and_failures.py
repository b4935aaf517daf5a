"""Money over a horizon and the backlog of an outage, against plain enumeration."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.failures import (
    backlog,
    bunched,
    recovery_bound,
)
from seatrial.compiler.semantics.spend import (
    DAY_S,
    HOUR_S,
    MONTH_S,
    Peak,
    peak_seconds,
    worst_spend,
)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 30))
def test_the_worst_window_is_found_as_by_sliding_it_second_by_second(horizon: int, lasts: int, every: int) -> None:
    on = [second % every < lasts for second in range(horizon + every)]
    worst = max(sum(on[start : start + horizon]) for start in range(every))
    assert peak_seconds(horizon, Peak(Fraction(lasts), Fraction(every))) == worst


def test_a_peak_without_a_length_or_a_pause_may_last_always() -> None:
    for peak in (Peak(), Peak(Fraction(600)), Peak(None, Fraction(600))):
        assert worst_spend(DAY_S, Fraction(1), Fraction(10), peak) == 240


def test_ten_thousand_agents_at_two_cents_an_hour_cost_146_000_dollars_a_month() -> None:
    hourly = 10_000 * Fraction(2, 100)
    assert worst_spend(MONTH_S, hourly, hourly) == 146_000


def test_a_daily_peak_of_ten_minutes() -> None:
    peak = Peak(Fraction(600), Fraction(DAY_S))
    assert worst_spend(HOUR_S, Fraction(60), Fraction(600), peak) == Fraction(50 + 100)
    assert worst_spend(DAY_S, Fraction(60), Fraction(600), peak) == 60 * 24 + 90
    # 730 hours are 30 days and 10 hours: 31 peaks can fall into them.
    assert worst_spend(MONTH_S, Fraction(60), Fraction(600), peak) == 60 * 730 + 31 * 90
    assert worst_spend(HOUR_S, Fraction(60), Fraction(6), peak) == 60


OUTAGE = Fraction(46)


def test_recovery_waits_for_the_backlog_to_drain() -> None:
    found = recovery_bound(OUTAGE, arrival=Fraction(100), capacity=Fraction(120), reduced_capacity=Fraction(80))
    assert found == 46 + Fraction(46 * 20, 20)
    enough = recovery_bound(OUTAGE, arrival=Fraction(100), capacity=Fraction(100), reduced_capacity=Fraction(100))
    assert enough == OUTAGE
    assert recovery_bound(OUTAGE, arrival=Fraction(100), capacity=Fraction(100), reduced_capacity=Fraction(99)) is None


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 100))
def test_a_second_by_second_queue_is_empty_by_the_bound(arrival: int, reduced: int, extra: int, outage: int) -> None:
    capacity = arrival + 1 + extra
    bound = recovery_bound(
        Fraction(outage), arrival=Fraction(arrival), capacity=Fraction(capacity), reduced_capacity=Fraction(reduced)
    )
    assert bound is not None
    queued, second = 0, 0
    while second < outage or queued > 0:
        queued = max(0, queued + arrival - (reduced if second < outage else capacity))
        second += 1
        if second == outage:
            assert queued == backlog(Fraction(arrival), Fraction(reduced), Fraction(outage))
    assert second - 1 < bound <= second or bound == second == outage


@settings(deadline=None)
@given(st.integers(1, 19), st.integers(1, 20), st.lists(st.booleans(), min_size=1, max_size=20))
def test_what_a_delay_held_back_waits_no_longer_than_step_by_step(arrival: int, scale: int, comes: list[bool]) -> None:
    """One step of the delay after the other, in which what was held back `comes` or does not."""
    rate, delay, held_back = Fraction(arrival, 20), Fraction(len(comes), scale), Fraction(sum(comes), scale)
    found = bunched(rate, delay, held_back)
    assert found is not None
    queued, most, time = Fraction(0), Fraction(0), Fraction(0)
    for held in comes:
        queued = max(Fraction(0), queued + ((1 + held) * rate - 1) / scale)
        time += Fraction(1, scale)
        most = max(most, queued)
    assert most <= found[1]
    if queued:
        assert time + queued / (1 - rate) <= found[0]
    if comes == sorted(comes) and queued:
        # Nothing comes before the rest does: no later end is possible.
        assert (time + queued / (1 - rate), most) == found


def test_what_a_delay_held_back_never_drains_where_all_slots_are_in_use() -> None:
    assert bunched(Fraction(1), OUTAGE, OUTAGE) is None
