"""Where an autoscaler settles, how fast it gets there, and what may be taken away meanwhile."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.disruption import evictions_allowed, min_available, share_of
from seatrial.compiler.semantics.growth import growth, latest_growth, most_waiting
from seatrial.compiler.semantics.hpa_behavior import Behavior, Policy, PolicyType, ScalingRules, Select
from seatrial.compiler.semantics.scaling import (
    behavior_of,
    in_flight,
    replicas_for_busy_share,
    replicas_for_load,
)

from .one_metric import SYNC_MS, writes

POLICIES = st.builds(
    Policy, st.sampled_from(PolicyType), st.integers(1, 100), st.sampled_from([1, 15, 30, 40, 60, 180])
)
RULES = st.builds(
    lambda policies, select: ScalingRules(tuple(policies), select, 0, Fraction(0)),
    st.lists(POLICIES, min_size=1, max_size=3),
    st.sampled_from([Select.MAX, Select.MIN]),
)


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 120), st.integers(1, 120), RULES)
def test_a_rise_at_once_is_followed_as_the_autoscaler_itself_does(start: int, more: int, up: ScalingRules) -> None:
    behavior = Behavior(up)
    found = growth(lambda _: start + more, Fraction(0), start, behavior, startup=Fraction(7))
    assert found is not None
    # The first sync after the rise is a whole period later, and what it asks for starts up.
    ready = [(Fraction(now + SYNC_MS, 1000) + 7, count) for now, count in writes(start, start + more, behavior)]
    assert list(found.rungs) == [(Fraction(0), start), *ready]
    assert found.lag == ready[-1][0]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 20), st.integers(1, 60), RULES, st.integers(0, 40))
def test_a_metric_that_is_late_costs_the_syncs_that_do_not_see_the_rise(
    start: int, more: int, up: ScalingRules, delay: int
) -> None:
    rules, late = Behavior(up), Fraction(delay)
    found = growth(lambda _: start + more, Fraction(0), start, rules, startup=Fraction(7), metric_delay=late)
    assert found is not None
    # The first sync that sees it is later than the metric's age, or a period after the rise.
    first = max(SYNC_MS, (delay * 1000 // SYNC_MS + 1) * SYNC_MS)
    ready = [(Fraction(now + first, 1000) + 7, count) for now, count in writes(start, start + more, rules)]
    assert list(found.rungs[1:]) == ready


def test_doubling_every_fifteen_seconds_reaches_ten_thousand_from_ten_in_ten_writes() -> None:
    behavior = behavior_of(300, 100, 15)
    rungs = writes(10, 10_000, behavior)
    assert rungs[:3] == [(0, 20), (15_000, 40), (30_000, 80)]
    assert len(rungs) == 10
    found = growth(lambda _: 10_000, Fraction(0), 10, behavior, startup=Fraction(30))
    assert found is not None and found.lag == 15 + 135 + 30


def test_a_direction_that_is_disabled_never_arrives() -> None:
    closed = Behavior(up=replace(Behavior().up, select=Select.DISABLED))
    assert growth(lambda _: 4, Fraction(0), 2, closed, startup=Fraction(0)) is None
    assert writes(2, 4, closed) == []


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
@given(st.integers(1, 500), st.integers(0, 500), st.fractions(0, 1, max_denominator=100))
def test_evictions_never_take_more_than_the_share_of_the_minimum(minimum: int, more: int, share: Fraction) -> None:
    available = min_available(minimum, share)
    assert evictions_allowed(minimum, available) <= minimum * share
    assert minimum + more - evictions_allowed(minimum + more, available) >= available
    assert (evictions_allowed(minimum, available) >= 1) == (minimum * share >= 1)


def test_a_percentage_of_a_budget_rounds_up() -> None:
    assert (share_of(7, Fraction(1, 2)), share_of(8, Fraction(1, 2)), share_of(7, Fraction(0))) == (4, 4, 0)


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
