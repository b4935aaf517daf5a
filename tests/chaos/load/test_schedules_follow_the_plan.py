"""Due times have the planned rate, are decided by the seed alone, and replays begin where the trace is worst."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from fractions import Fraction as F
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.load.schedule import Spacing, due_times, pieces, poisson, replay, uniform, worst_stretch
from seatrial.compiler.plan import DemandPlan
from seatrial.compiler.plan_trials import LoadPlan, LoadPoint, TrialPlan
from seatrial.dsl.source import Source, Span

AT = Span(Source("a.fleet", "fleet a {}"), 0, 1)
DEMAND = DemandPlan("tickets", F(1000), F(1000), None, None, 0, (), AT)
STEADY = LoadPlan("tickets", (LoadPoint(F(0), F(5000)),), replay=False)
TRIAL = TrialPlan("storm", F(1, 50), F(90), (STEADY,), (), AT)
RAMP = (LoadPoint(F(10), F(100)), LoadPoint(F(20), F(300)), LoadPoint(F(20), F(50)))

arrivals = st.lists(st.floats(0, 1000), min_size=1, max_size=60).map(sorted)


def test_a_steady_rate_gives_as_many_requests_as_planned_within_five_standard_deviations() -> None:
    for seed in range(20):
        count = len(due_times(STEADY, DEMAND, TRIAL, seed))
        assert abs(count - 9000) < 5 * math.sqrt(9000)


def test_arrivals_are_as_irregular_as_a_poisson_process() -> None:
    times = due_times(STEADY, DEMAND, TRIAL, 3)
    gaps = [after - before for before, after in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    spread = sum((gap - mean) ** 2 for gap in gaps) / len(gaps) / mean**2
    assert 0.9 < spread < 1.1  # the squared coefficient of variation of an exponential is 1


def test_a_ramp_has_its_requests_where_the_rate_is_high() -> None:
    shape = pieces(RAMP, 1.0, 30.0)
    times = poisson(shape, random.Random(1))
    for start, end, expected in ((0, 10, 1000), (10, 15, 750), (15, 20, 1250), (20, 30, 500)):
        count = sum(start <= due < end for due in times)
        assert abs(count - expected) < 5 * math.sqrt(expected)


def test_the_rate_holds_before_the_first_point_and_after_the_last_and_jumps_between_two_at_one_time() -> None:
    shape = pieces(RAMP, 0.5, 30.0)
    assert [(piece.start, piece.end, piece.first, piece.last) for piece in shape] == [
        (0.0, 10.0, 50.0, 50.0),
        (10.0, 20.0, 50.0, 150.0),
        (20.0, 30.0, 25.0, 25.0),
    ]


def test_points_beyond_the_end_of_the_trial_shape_the_rate_up_to_it() -> None:
    shape = pieces((LoadPoint(F(0), F(0)), LoadPoint(F(100), F(100))), 1.0, 50.0)
    assert [(piece.start, piece.end, piece.first, piece.last) for piece in shape] == [(0.0, 50.0, 0.0, 50.0)]


@given(st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_times_ascending_and_within_the_trial(seed: int) -> None:
    short = replace(TRIAL, duration_seconds=F(2))
    times = due_times(STEADY, DEMAND, short, seed)
    assert times == due_times(STEADY, DEMAND, short, seed)
    assert all(before <= after for before, after in pairwise(times))
    assert all(0 <= due < 2 for due in times)


def test_the_first_times_of_a_seed_never_change() -> None:
    times = due_times(STEADY, DEMAND, TRIAL, 1)
    assert [round(due, 6) for due in times[:4]] == [0.000087, 0.006774, 0.013704, 0.023231]


def test_another_seed_or_another_demand_gives_other_times() -> None:
    other = replace(STEADY, demand="chats")
    first = due_times(STEADY, DEMAND, TRIAL, 1)
    assert first != due_times(STEADY, DEMAND, TRIAL, 2)
    assert first != due_times(other, DEMAND, TRIAL, 1)


def test_uniform_spacing_is_exact_on_a_steady_rate() -> None:
    times = due_times(STEADY, DEMAND, TRIAL, 1, Spacing.UNIFORM)
    assert len(times) == 9000
    assert times[0] == pytest.approx(0.005)
    assert all(after - before == pytest.approx(0.01) for before, after in pairwise(times))


@given(st.lists(st.integers(0, 500), min_size=2, max_size=6), st.integers(1, 60))
def test_uniform_spacing_has_the_area_under_the_rate(rates: list[int], step: int) -> None:
    points = tuple(LoadPoint(F(index * step), F(rate)) for index, rate in enumerate(rates))
    shape = pieces(points, 1.0, float(step * (len(rates) - 1)))
    area = sum(piece.area for piece in shape)
    assert abs(len(uniform(shape)) - area) <= 0.5 + 1e-6 * area


def test_a_rate_of_zero_gives_no_request() -> None:
    assert poisson(pieces((LoadPoint(F(0), F(0)),), 1.0, 60.0), random.Random(1)) == ()


@given(arrivals, st.floats(1, 500))
def test_no_stretch_of_the_trace_has_more_arrivals_than_the_worst(trace: list[float], duration: float) -> None:
    start = worst_stretch(trace, duration)

    def within(begin: float) -> int:
        return sum(begin <= arrival < begin + duration for arrival in trace)

    # A stretch with the most arrivals can begin at an arrival.
    assert within(start) >= max(within(arrival) for arrival in trace) - _rounding(trace, start, duration)


def _rounding(trace: list[float], start: float, duration: float) -> int:
    """Arrivals that stand at the stretch's two ends, up to rounding."""
    return sum(min(abs(arrival - start), abs(arrival - start - duration)) < 1e-9 for arrival in trace)


def test_a_burst_does_not_meet_the_fleet_in_its_first_instant() -> None:
    quiet = [float(second) for second in range(0, 1000, 50)]
    burst = [500.2 + index / 100 for index in range(200)]
    start = worst_stretch(sorted(quiet + burst), 40.0)
    assert 500.2 - start > 10


def test_a_replay_at_full_scale_is_the_trace_itself_from_the_start_of_the_stretch() -> None:
    assert replay([1.0, 5.0, 6.5, 9.0], 5.0, 4.0, 1.0, random.Random(1)) == (0.0, 1.5)


def test_a_replay_is_thinned_by_the_scale_and_keeps_its_shape() -> None:
    trace = tuple(index / 1000 for index in range(60_000))
    demand = replace(DEMAND, arrivals_seconds=trace)
    times = due_times(LoadPlan("tickets", (), replay=True), demand, replace(TRIAL, duration_seconds=F(60)), 1)
    assert abs(len(times) - 1200) < 5 * math.sqrt(1200)
    assert abs(sum(due < 30 for due in times) - 600) < 5 * math.sqrt(600)


def test_a_replay_without_a_trace_is_refused() -> None:
    with pytest.raises(ValueError, match="no trace"):
        due_times(LoadPlan("tickets", (), replay=True), DEMAND, TRIAL, 1)
