"""What the recorded syncs never hit exactly: samples, events and pods on the edge of a window."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from seatrial.compiler.semantics.hpa import (
    HpaSpec,
    HpaState,
    Recommendation,
    Seen,
    step,
)
from seatrial.compiler.semantics.hpa_behavior import (
    DEFAULT_UP,
    Behavior,
    Policy,
    PolicyType,
    ScaleEvent,
    ScalingRules,
    Select,
    limit_down,
    limit_up,
    percent_down,
    percent_up,
    store_event,
)
from seatrial.compiler.semantics.hpa_metrics import (
    CpuUtilization,
    ExternalReading,
    ExternalValue,
    Phase,
    Pod,
    PodsAverageValue,
    PodsReading,
    Tolerance,
)

from .one_metric import average_value_spec, milli, step_average_value

FOUR_A_MINUTE = ScalingRules((Policy(PolicyType.PODS, 4, 60),), window_s=0)


@pytest.mark.parametrize(("age_ms", "kept"), [(300_000, 8), (300_001, 2)])
def test_without_behavior_a_sample_exactly_300_s_old_still_counts(age_ms: int, kept: int) -> None:
    spec = average_value_spec(1, 20, 100)
    state = HpaState((Recommendation(0, 8),))
    _, decision = step_average_value(spec, state, replicas=8, total=200, now=age_ms)
    assert decision.desired == kept


@pytest.mark.parametrize(("age_ms", "kept"), [(299_999, 8), (300_000, 2)])
def test_with_behavior_a_sample_exactly_300_s_old_is_gone(age_ms: int, kept: int) -> None:
    spec = average_value_spec(1, 20, 100, Behavior())
    state = HpaState((Recommendation(0, 8),))
    _, decision = step_average_value(spec, state, replicas=8, total=200, now=age_ms)
    assert decision.desired == kept


@pytest.mark.parametrize(("now", "limit"), [(59_999, 12), (60_000, 16)])
def test_an_event_exactly_one_period_old_no_longer_limits(now: int, limit: int) -> None:
    assert limit_up(12, (ScaleEvent(0, 4),), (), FOUR_A_MINUTE, now) == limit


def test_deletions_inside_the_period_may_be_added_back_but_the_limit_never_reverses() -> None:
    assert limit_up(10, (), (ScaleEvent(0, 3),), FOUR_A_MINUTE, 1) == 17
    assert limit_up(10, (ScaleEvent(0, 9),), (), FOUR_A_MINUTE, 1) == 10
    assert limit_down(10, (), (ScaleEvent(0, 9),), FOUR_A_MINUTE, 1) == 10
    assert limit_down(10, (), (), replace(FOUR_A_MINUTE, select=Select.DISABLED), 1) == 10


def test_a_new_event_takes_the_place_of_one_outdated_in_its_own_direction() -> None:
    old = (ScaleEvent(0, 1), ScaleEvent(50_000, 2))
    assert store_event(old, 3, FOUR_A_MINUTE, 60_000) == (*old, ScaleEvent(60_000, 3))
    assert store_event(old, 3, FOUR_A_MINUTE, 60_001) == (ScaleEvent(60_001, 3), ScaleEvent(50_000, 2))


def test_percentages_round_up_growing_and_truncate_what_remains_shrinking() -> None:
    sizes = [20]
    while sizes[-1] > 9:
        sizes.append(percent_down(sizes[-1], 10))
    assert sizes == [20, 18, 16, 14, 12, 10, 9]
    assert percent_up(1, 10) == 2
    # The controller computes in doubles, where 100 x 1.1 is a little more than 110.
    assert percent_up(100, 10) == 111


def test_the_first_sync_steps_from_one_to_four_without_behavior_and_to_five_with_it() -> None:
    for behavior, expected in ((None, 4), (Behavior(), 5)):
        spec = average_value_spec(1, 50, 100, behavior)
        _, decision = step_average_value(spec, HpaState(), replicas=1, total=10_000, now=15_000)
        assert (decision.desired, decision.proposed, decision.limited) == (expected, 100, "ScaleUpLimit")


def test_a_scale_down_of_a_new_autoscaler_waits_a_whole_window() -> None:
    spec = average_value_spec(1, 20, 100, Behavior())
    state, replicas, changed = HpaState(), 10, []
    for now in range(15_000, 400_000, 15_000):
        state, decision = step_average_value(spec, state, replicas=replicas, total=300, now=now)
        if decision.rescale:
            changed.append((now, decision.desired))
            replicas = decision.desired
    assert changed == [(315_000, 3)]


def test_a_missing_metric_keeps_the_count() -> None:
    spec = average_value_spec(1, 20, 100)
    state, decision = step_average_value(spec, HpaState(), replicas=5, total=None, now=0)
    assert (decision.desired, decision.rescale, decision.active) == (5, False, "FailedGetExternalMetric")
    assert state.recommendations == (Recommendation(0, 5),)


def test_outside_the_bounds_it_jumps_without_metrics_and_remembers_the_event() -> None:
    spec = average_value_spec(3, 6, 100, Behavior())
    state, decision = step_average_value(spec, HpaState(), replicas=9, total=None, now=0)
    assert (decision.desired, state.deleted) == (6, (ScaleEvent(0, 3),))
    state, decision = step_average_value(spec, HpaState(), replicas=1, total=None, now=0)
    assert (decision.desired, state.added) == (3, (ScaleEvent(0, 2),))
    assert not step_average_value(spec, HpaState(), replicas=0, total=900, now=0)[1].rescale


def test_tolerance_is_inclusive_at_both_ends() -> None:
    assert Tolerance().covers(1.1) and Tolerance().covers(0.9)
    assert not Tolerance().covers(1.1000000000000003) and not Tolerance().covers(0.8999999999999999)
    wide = Behavior(up=replace(DEFAULT_UP, tolerance=Fraction(1, 2)))
    spec = average_value_spec(1, 50, 100, wide)
    assert step_average_value(spec, HpaState(), replicas=10, total=1500, now=0)[1].desired == 10
    assert step_average_value(spec, HpaState(), replicas=10, total=1501, now=0)[1].desired == 16


def test_the_cpu_percentage_is_truncated_before_it_is_compared() -> None:
    # 66.8 % of the request against 60 %: 66 / 60 is within the tolerance of 0.1, 66.8 / 60 would not be.
    spec = HpaSpec(1, 20, (CpuUtilization(60),))
    pods = {f"p{i}": Pod(cpu_request_milli=500) for i in range(5)}
    reading = PodsReading(dict.fromkeys(pods, 334), sampled=10**6)
    _, decision = step(spec, HpaState(), Seen(5, 5, (reading,), pods), 10**6)
    assert decision.proposed == 5


def test_a_terminating_pod_counts_for_a_value_but_not_for_a_pods_metric() -> None:
    pods = {"a": Pod(), "b": Pod(), "c": Pod(terminating=True), "d": Pod(Phase.RUNNING, ready=False)}
    value = HpaSpec(1, 20, (ExternalValue("q", milli(100)),))
    _, decision = step(value, HpaState(), Seen(3, 3, (ExternalReading((milli(200),)),), pods), 0)
    assert decision.proposed == 6
    each = HpaSpec(1, 20, (PodsAverageValue("rps", milli(50)),))
    samples = PodsReading({"a": milli(100), "b": milli(100), "c": milli(1000), "d": milli(100)})
    _, decision = step(each, HpaState(), Seen(3, 3, (samples,), pods), 0)
    assert decision.proposed == 6


def test_as_many_readings_as_metrics_are_demanded() -> None:
    with pytest.raises(ValueError, match="0 readings for 1 metrics"):
        step(average_value_spec(1, 2, 1), HpaState(), Seen(1, 1, ()), 0)
