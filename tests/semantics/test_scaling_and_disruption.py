"""Where an autoscaler settles, how fast it gets there, and what may be taken away meanwhile."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.disruption import (
    drain_can_end,
    evictions_allowed,
    least_minimum_to_drain,
    max_unavailable_of_percent,
    min_available,
    min_available_of_percent,
)
from seatrial.compiler.semantics.growth import growth, latest_growth, most_waiting
from seatrial.compiler.semantics.hpa import HpaState, average_value_spec, step_average_value
from seatrial.compiler.semantics.hpa_behavior import Behavior, Policy, PolicyType, ScalingRules, Select
from seatrial.compiler.semantics.scaling import (
    Rung,
    UpdateBounds,
    behavior_of,
    in_flight,
    ramp,
    ramp_seconds,
    replicas_for_busy_share,
    replicas_for_load,
    time_to_capacity,
    update_bounds,
)

POLICIES = st.builds(
    Policy, st.sampled_from(PolicyType), st.integers(1, 100), st.sampled_from([1, 15, 30, 40, 60, 180])
)
RULES = st.builds(
    lambda policies, select: ScalingRules(tuple(policies), select, 0, Fraction(0)),
    st.lists(POLICIES, min_size=1, max_size=3),
    st.sampled_from([Select.MAX, Select.MIN]),
)


def stepped(start: int, goal: int, behavior: Behavior) -> tuple[Rung, ...]:
    """The writes of the autoscaler itself under a load that asks for `goal` at every sync."""
    spec = average_value_spec(1, 1000, 100, behavior)
    state, replicas, now, rungs = HpaState(), start, 0, []
    while replicas != goal:
        state, decision = step_average_value(spec, state, replicas=replicas, total=goal * 100, now=now)
        if decision.rescale:
            replicas = decision.desired
            rungs.append(Rung(now, replicas))
        now += 15_000
    return tuple(rungs)


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 120), st.integers(1, 120), RULES, RULES)
def test_a_ramp_is_what_the_autoscaler_itself_does(start: int, goal: int, up: ScalingRules, down: ScalingRules) -> None:
    behavior = Behavior(up, down)
    assert ramp(start, goal, behavior) == stepped(start, goal, behavior)


def test_doubling_every_fifteen_seconds_reaches_ten_thousand_from_ten_in_ten_writes() -> None:
    behavior = behavior_of(300, 100, 15)
    rungs = ramp(10, 10_000, behavior)
    assert rungs is not None
    assert [rung.replicas for rung in rungs[:3]] == [20, 40, 80]
    assert len(rungs) == 10
    assert ramp_seconds(10, 10_000, behavior) == 135
    assert time_to_capacity(10, 10_000, behavior, startup=Fraction(30)) == 15 + 135 + 30
    assert time_to_capacity(10, 10, behavior, startup=Fraction(30)) == 45


def test_a_direction_that_is_disabled_never_arrives() -> None:
    closed = Behavior(up=replace(Behavior().up, select=Select.DISABLED))
    assert ramp(2, 4, closed) is None
    assert time_to_capacity(2, 4, closed, startup=Fraction(0)) is None
    assert ramp(0, 4, Behavior()) is None


def test_the_clause_becomes_one_percent_policy_each_way_and_a_window_down() -> None:
    behavior = behavior_of(300, 100, 15)
    assert behavior.up == ScalingRules((Policy(PolicyType.PERCENT, 100, 15),), window_s=0)
    assert behavior.down == ScalingRules((Policy(PolicyType.PERCENT, 100, 15),), window_s=300)


def test_targets_settle_at_exact_ceilings() -> None:
    assert replicas_for_load(Fraction(1000), Fraction(100)) == 10
    assert replicas_for_load(Fraction(10001, 10), Fraction(100)) == 11
    assert in_flight(Fraction(1000), Fraction(12, 100)) == 120
    assert replicas_for_busy_share(Fraction(120), 8, Fraction(3, 4)) == 20


@settings(deadline=None)
@given(st.integers(1, 2000), st.integers(0, 100), st.integers(0, 100))
def test_a_rolling_update_always_can_move(replicas: int, surge: int, unavailable: int) -> None:
    bounds = update_bounds(replicas, surge_percent=surge, unavailable_percent=unavailable)
    assert bounds.most > replicas or bounds.available < replicas
    assert bounds.most - replicas >= Fraction(replicas * surge, 100)
    if (replicas * unavailable) // 100:
        assert replicas - bounds.available <= Fraction(replicas * unavailable, 100)


def test_ten_replicas_surge_to_thirteen_and_keep_eight() -> None:
    assert update_bounds(10) == UpdateBounds(13, 8)


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(0, 500), st.fractions(0, 1, max_denominator=100))
def test_evictions_never_take_more_than_the_share_of_the_minimum(minimum: int, more: int, share: Fraction) -> None:
    available = min_available(minimum, share)
    assert evictions_allowed(minimum, available) <= minimum * share
    assert minimum + more - evictions_allowed(minimum + more, available) >= available
    assert drain_can_end(minimum, available) == (minimum * share >= 1)


@pytest.mark.parametrize("percent", range(1, 101))
def test_the_least_minimum_that_drains_is_exact(percent: int) -> None:
    share = Fraction(percent, 100)
    least = least_minimum_to_drain(share)
    assert drain_can_end(least, min_available(least, share))
    assert least == 1 or not drain_can_end(least - 1, min_available(least - 1, share))


def test_percentages_of_a_budget_round_up_both_ways() -> None:
    assert (min_available_of_percent(7, 50), max_unavailable_of_percent(7, 50)) == (4, 4)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 20), st.integers(0, 60), st.integers(5, 300), st.integers(15, 120), st.integers(0, 40))
def test_an_autoscaler_follows_a_rise_at_once_in_the_time_to_capacity(
    start: int, more: int, percent: int, period: int, delay: int
) -> None:
    rules = behavior_of(300, percent, period)
    old = Fraction(delay)
    found = growth(lambda _: start + more, Fraction(0), start, rules, startup=Fraction(7), metric_delay=old)
    whole = time_to_capacity(start, start + more, rules, startup=Fraction(7), metric_delay=old)
    assert found is not None and whole is not None
    assert found.lag <= (whole if more else 0)
    # Syncs are 15 s apart: the metric's age counts in whole ones, and a rule's period too.
    assert not more or whole - 15 < found.lag
    assert found.rungs[-1] == (found.lag, start + more)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 10),
    st.integers(1, 40),
    st.integers(1, 200),
    st.integers(10, 200),
    st.integers(0, 1499),
    st.booleans(),
)
def test_no_beginning_of_a_slope_is_followed_later_than_the_bound(
    start: int, more: int, ends: int, percent: int, begins: int, share: bool
) -> None:
    rules, full = behavior_of(300, percent, 30), Fraction(1, 2) if share else None

    def needed(time: Fraction) -> int:
        return start + int(more * min(time, Fraction(ends)) / ends)

    bound = latest_growth(needed, Fraction(ends), start, rules, startup=Fraction(5), full_share=full)
    late = Fraction(begins, 100)
    one = growth(
        lambda time: needed(max(Fraction(0), time - late)),
        ends + late,
        start,
        rules,
        startup=Fraction(5),
        full_share=full,
    )
    assert bound is not None and one is not None
    assert one.lag <= bound.lag
    # Nor are there ever fewer agents than the bound's ladder has.
    for since, count in bound.rungs:
        assert max(there for at, there in one.rungs if at - late <= since) >= count


def test_the_queue_of_a_growing_pool_by_hand() -> None:
    # 30/s against 10 and 20 for ten seconds each, then 40: 200 + 100, and the last of 300 waits 300 / 20 s.
    rungs = ((Fraction(0), 1), (Fraction(10), 2), (Fraction(20), 4))
    assert most_waiting(rungs, lambda _: Fraction(30), Fraction(10), Fraction(0)) == (Fraction(300), Fraction(20))
