"""Bins, spans and axes: nothing is interpolated, nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.evidence import EjectionEvent, ReplicasEvent, Request
from seatrial.chaos.report.chart import Chart, Curve, draw, log_ticks, nice_ticks
from seatrial.chaos.report.series import bin_width, bins, ejection_spans, fault_spans, replica_steps
from seatrial.chaos.verdict.wording import seconds, share

from ..conftest import Trials

requests = st.lists(
    st.builds(
        lambda due, took, status: Request("tickets", due, due, due + took, status),
        st.floats(0, 89.999),
        st.floats(0.001, 5),
        st.sampled_from([200, 503]),
    ),
    max_size=200,
)


@given(requests)
def test_each_request_is_in_one_bin(some: list[Request]) -> None:
    found = bins(some, 90.0)
    assert sum(one.due for one in found) == len(some)
    assert sum(one.ok for one in found) == sum(request.ok for request in some)
    assert (found[0].start, found[-1].end) == (0.0, 90.0)
    assert all(one.p50 is None or (one.p95 or 0) >= one.p50 for one in found)


def test_a_bin_without_requests_has_no_value_and_the_line_breaks_there() -> None:
    some = [Request("tickets", at / 10, at / 10, at / 10 + 0.1, 200) for at in range(900) if not 300 <= at < 500]
    holes = [one for one in bins(some, 90.0) if one.due == 0]
    assert holes
    assert all(one.success is None and one.p99 is None for one in holes)
    points = [(one.middle, one.p99) for one in bins(some, 90.0)]
    drawing = draw(Chart("k", "t", "s", 90.0, [Curve("p99", "three", points)], str))
    line = drawing.split('class="curve three"><path d="')[1].split('"')[0]
    assert line.count("M") == 2


def test_bins_are_wide_enough_for_a_quantile_and_narrow_enough_for_a_fault() -> None:
    assert bin_width(13_500, 90) == 1.0
    assert bin_width(720, 90) == 5.0
    assert 3600 / bin_width(500_000, 3600) <= 120


def test_spans_come_from_what_was_done(trials: Trials) -> None:
    trial = trials.trial(trials.kill(30, every=20), trials.hang(40, 5), trials.delay(50, None))
    spans = fault_spans(trial, trials.fault_events(trial)[:-1])
    assert [(span.row, round(span.start), round(span.end)) for span in spans] == [
        (0, 30, 30),
        (1, 40, 45),
        (0, 50, 50),
        (2, 50, 90),
        (0, 70, 70),
    ]


def test_an_ejection_that_does_not_end_lasts_to_the_end() -> None:
    spans = ejection_spans([EjectionEvent(10.0, "a--b", "h1", "ejected"), EjectionEvent(12.0, "a--b", "h2", "ejected"),
                            EjectionEvent(40.0, "a--b", "h1", "returned")], 90.0)  # fmt: skip
    assert [(span.start, span.end) for span in spans] == [(10.0, 40.0), (12.0, 90.0)]


def test_a_host_that_was_spared_was_never_out() -> None:
    assert ejection_spans([EjectionEvent(10.0, "a--b", "h1", "spared")], 90.0) == ()


def test_replicas_hold_until_they_change() -> None:
    events = [ReplicasEvent(float(at), "triage", 4, 4, 4 if at != 5 else 3) for at in range(10)]
    assert replica_steps(events, 20.0) == {"triage": ((0.0, 4, 4), (5.0, 4, 3), (6.0, 4, 4), (20.0, 4, 4))}


def test_of_the_fleets_start_only_its_result_is_shown() -> None:
    events = [ReplicasEvent(-5.0, "triage", 4, 0, 0), ReplicasEvent(-2.0, "triage", 4, 4, 4)]
    assert replica_steps(events, 20.0) == {"triage": ((0.0, 4, 4), (20.0, 4, 4))}


@given(st.floats(0, 1000), st.floats(0.01, 1000))
def test_ticks_cover_the_range_and_are_few(low: float, span: float) -> None:
    ticks = nice_ticks(low, low + span)
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= low + span - 1e-6
    assert len(ticks) <= 7


@given(st.floats(0.001, 1), st.floats(1.5, 1e5))
def test_a_logarithmic_axis_has_two_ticks_at_least(low: float, ratio: float) -> None:
    assert sum(low / 2 <= tick <= low * ratio * 2 for tick in log_ticks(low, low * ratio)) >= 2


@given(st.floats(0, 1))
def test_a_share_below_one_never_reads_as_all(value: float) -> None:
    text = share(value)
    assert (text == "100 %") == (value == 1)


def test_times_read_as_a_person_writes_them() -> None:
    told = [seconds(value) for value in (0, 0.0123, 0.31, 1, 1.25, 30, 90, 270, 3600, 30 * 86400, float("inf"))]
    assert told == ["0 s", "12.3 ms", "310 ms", "1 s", "1.25 s", "30 s", "90 s", "4 min 30 s", "1 h", "30 d", "never"]
