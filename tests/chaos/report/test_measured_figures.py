"""The table of figures names what was asked for, and says so where there is none."""

from __future__ import annotations

from seatrial.chaos.report.measured import measured_rows
from seatrial.chaos.verdict.measures import Measures

NOTHING = Measures(0.0, 0.0, None, None, None, None, None, None, None, None, None, 0, None)


def test_a_figure_that_was_asked_for_is_told_even_where_there_is_none() -> None:
    rows = {row.name: row for row in measured_rows(NOTHING, ("requests per dollar",))}
    assert rows["Requests per dollar"].asked
    assert rows["Requests per dollar"].value.startswith("not measured")
    assert "Coordination" not in rows


def test_tasks_that_are_left_are_told() -> None:
    rows = measured_rows(Measures(1.0, 2.0, 0.1, 0.2, 0.3, 0.4, 1.0, 0.9, 0.5, 1000.0, 0.25, 7, None), ("fairness",))
    told = {row.name: row.value for row in rows}
    assert told["Tasks that waited"] == "7 done, not all"
    assert told["Fairness between agents"] == "0.900"
    assert [row.name for row in rows if row.asked] == ["Fairness between demands", "Fairness between agents"]


def test_without_a_request_there_is_nothing_to_tell() -> None:
    assert measured_rows(None, ("fairness",)) == []
