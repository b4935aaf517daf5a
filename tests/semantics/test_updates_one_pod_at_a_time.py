"""Rolling updates, pod by pod, as the Deployment's controller does them: what terminates is counted nowhere."""

from __future__ import annotations

import heapq
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.probes import grace
from seatrial.compiler.semantics.updates import (
    deadline_seconds,
    leaving_pods,
    most_pods,
    ready_seconds,
    surge,
    updated_seconds,
)


def _most_alive(replicas: int, starts: list[int], drains: list[int], min_ready: int) -> int:
    """Pods that exist at the worst moment: the i-th new pod starts within starts[i], the i-th old one leaves within
    drains[i]. The controller keeps at most replicas + maxSurge pods that are not terminating, and never fewer than
    `replicas` that are available."""
    return _alive(replicas, starts, drains, min_ready)[0]


def _alive(replicas: int, starts: list[int], drains: list[int], min_ready: int) -> tuple[int, int]:
    """And the pod-seconds beside those of `replicas` pods."""
    most_allowed = replicas + -(-replicas // 4)
    active_old, started, available_new, leaving, most, more = replicas, 0, 0, 0, replicas, 0
    # What leaves at a moment has left before what becomes available at it is seen.
    events: list[tuple[int, int]] = []
    now = 0
    while True:
        while started < replicas and active_old + started < most_allowed:
            heapq.heappush(events, (now + starts[started] + min_ready, 1))
            started += 1
        most = max(most, active_old + started + leaving)
        if not events:
            return most, more
        before = now
        now, what = heapq.heappop(events)
        more += (active_old + started + leaving - replicas) * (now - before)
        if what == 0:
            leaving -= 1
            continue
        available_new += 1
        while active_old and active_old + available_new > replicas:
            heapq.heappush(events, (now + drains[replicas - active_old], 0))
            active_old, leaving = active_old - 1, leaving + 1
        most = max(most, active_old + started + leaving)


@settings(deadline=None, max_examples=400)
@given(st.integers(1, 40), st.integers(0, 30), st.data())
def test_no_update_has_more_pods_however_long_each_start_and_each_drain(
    replicas: int, drain: int, data: st.DataObject
) -> None:
    starts = data.draw(st.lists(st.integers(0, 60), min_size=replicas, max_size=replicas))
    drains = data.draw(st.lists(st.integers(0, grace(drain)), min_size=replicas, max_size=replicas))
    assert _most_alive(replicas, starts, drains, ready_seconds(drain)) <= most_pods(replicas)


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 40), st.integers(0, 60), st.integers(0, 30), st.integers(0, 90), st.data())
def test_no_update_is_there_for_longer_than_each_start_pause_and_drain(
    replicas: int, startup: int, drain: int, warming: int, data: st.DataObject
) -> None:
    starts = data.draw(st.lists(st.integers(0, startup), min_size=replicas, max_size=replicas))
    drains = data.draw(st.lists(st.integers(0, grace(drain)), min_size=replicas, max_size=replicas))
    ready = ready_seconds(drain, warming)
    bound = updated_seconds(replicas, Fraction(startup), ready, grace(drain))
    assert _alive(replicas, starts, drains, ready)[1] <= bound
    assert _alive(replicas, [startup] * replicas, [grace(drain)] * replicas, ready)[1] == bound


@pytest.mark.parametrize("replicas", range(1, 200))
def test_equal_starts_and_whole_drains_come_to_the_bound(replicas: int) -> None:
    starts, drains = [3] * replicas, [grace(20)] * replicas
    assert _most_alive(replicas, starts, drains, ready_seconds(20)) == most_pods(replicas)


def test_without_the_pause_nearly_all_old_pods_drain_beside_the_new_ones() -> None:
    assert _most_alive(120, [2] * 120, [25] * 120, 0) == 240
    assert most_pods(120) == 180


@given(st.integers(0, 2000))
def test_at_least_one_starts_and_a_pool_is_never_more_than_doubled(replicas: int) -> None:
    assert surge(replicas) >= Fraction(replicas, 4)
    assert 0 <= leaving_pods(replicas) <= surge(replicas)
    assert most_pods(replicas) <= 2 * replicas
    assert most_pods(replicas + 1) > most_pods(replicas)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_an_update_is_given_longer_than_a_pod_must_be_ready(drain: int, warming: int) -> None:
    # The API refuses a Deployment whose progressDeadlineSeconds does not exceed its minReadySeconds.
    ready = ready_seconds(drain, warming)
    assert deadline_seconds(ready) > ready >= max(drain, warming)
