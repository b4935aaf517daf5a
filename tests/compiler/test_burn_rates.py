"""The alerts of an objective are the workbook's for 30 days, and can always fire."""

from __future__ import annotations

from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.semantics.burn_rate import Urgency, burn_alerts, can_fire, left_out

HOUR, DAY = 3600, 86400


def test_a_month_has_the_windows_of_the_workbook() -> None:
    found = [(float(one.rate), one.long_seconds, one.short_seconds, one.urgency) for one in burn_alerts(F(999, 1000))]
    assert found == [
        (14.4, HOUR, 300, Urgency.PAGE),
        (6.0, 6 * HOUR, 1800, Urgency.PAGE),
        (3.0, DAY, 2 * HOUR, Urgency.TICKET),
        (1.0, 3 * DAY, 6 * HOUR, Urgency.TICKET),
    ]


def test_fourteen_times_needs_more_than_ninety_three_per_cent() -> None:
    assert not can_fire(F(144, 10), F(9305, 10000))
    assert can_fire(F(144, 10), F(9306, 10000))
    assert [float(one.rate) for one in burn_alerts(F(9, 10))] == [6.0, 3.0, 1.0]


def test_of_a_low_objective_nobody_is_woken() -> None:
    assert left_out(F(8, 10))
    assert not left_out(F(9, 10))
    assert left_out(F(999, 1000), 600)


@given(
    objective=st.fractions(min_value=0, max_value=F(99999, 100000)),
    period=st.integers(min_value=60, max_value=400 * DAY),
)
def test_every_alert_can_fire_and_would_end_the_budget_early(objective: F, period: int) -> None:
    for one in burn_alerts(objective, period):
        assert one.rate * (1 - objective) < 1
        assert one.rate >= 1
        assert 60 <= one.short_seconds <= one.long_seconds < period
        assert one.long_seconds % 60 == 0
