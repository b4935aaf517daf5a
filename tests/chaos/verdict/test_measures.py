"""What a trial measures besides its objectives, against evidence worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.evidence import Event, Evidence, OtherEvent, ReplicasEvent, Request
from seatrial.chaos.verdict.measures import jain, measures
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan
from seatrial.dsl.source import Source

SPEC = """fleet f {
  demand a { steady 10/s }
  demand b { steady 10/s }
  pool p { serves a; serves b; agents 2; each { price $0.36/h; concurrency 4; service mean 100ms, p99 300ms } }
  pool q { agents 2; each { price $0.36/h; concurrency 4; service mean 100ms, p99 300ms } }
  call p -> q
  queue work { feeds p }
  trial t { duration 10s; tasks 3 in work }
}"""


def _plan(text: str = SPEC) -> tuple[Plan, TrialPlan]:
    made = plan(judge(read(Source("f.fleet", text)), {}), {}, "0")
    assert made is not None
    return made, made.trials[0]


def _request(demand: str, end: float, status: int = 200) -> Request:
    return Request(demand, end - 0.1, end - 0.1, end, status)


def _events() -> tuple[Event, ...]:
    works = (
        {"pool": "p", "agent": "p-1", "arrived": 30, "busy_slot_seconds": 10.0, "seconds": 10.0, "slots": 4},
        {"pool": "p", "agent": "p-2", "arrived": 10, "busy_slot_seconds": 10.0, "seconds": 10.0, "slots": 4},
        {"pool": "p", "agent": "p-3", "arrived": 0, "busy_slot_seconds": 0.0, "seconds": 1.0, "slots": 4},
    )
    return (
        ReplicasEvent(-1.0, "p", 2, 2, 2),
        ReplicasEvent(-1.0, "q", 2, 2, 2),
        ReplicasEvent(5.0, "q", 2, 1, 1),
        *(OtherEvent(10.0, "work", work) for work in works),
        OtherEvent(10.0, "call", {"call": "a--p", "requests": 40}),
        OtherEvent(10.0, "call", {"call": "b--p", "requests": 20}),
        OtherEvent(10.0, "call", {"call": "p--q", "requests": 40}),
    )


def _evidence(tasks: int = 3) -> Evidence:
    good = [_request("a", 0.1 * index) for index in range(1, 41)]
    half = [_request("b", 6 + 0.1 * index, 200 if index % 2 else 503) for index in range(20)]
    done = [_request("queue/work", 7.0 + index) for index in range(tasks)]
    return Evidence((*good, *half, *done), _events(), None, None)


def test_each_figure_is_what_the_evidence_says() -> None:
    found = measures(*_plan(), _evidence())
    assert found.served_per_second == 5.3
    assert found.peak_served_per_second == 8.0
    assert found.latency_p99 == pytest.approx(0.1)
    # Success shares 1 and 1/2: (3/2)^2 / (2 x 5/4).
    assert found.fairness_demands == pytest.approx(0.9)
    # Three requests a second and one: 16 / (2 x 10); who was there for a second does not count.
    assert found.fairness_agents == pytest.approx(0.8)
    assert found.busy_share == pytest.approx(20 / 84)
    # 20 + 15 agent-seconds at $0.0001 each.
    assert found.requests_per_dollar == pytest.approx(53 / 0.0035)
    assert found.coordination_share == 0.4
    assert (found.backlog_tasks, found.backlog_seconds) == (3, 9.0)


def test_tasks_that_are_left_have_no_time_at_which_all_were_done() -> None:
    found = measures(*_plan(), _evidence(tasks=2))
    assert (found.backlog_tasks, found.backlog_seconds) == (2, None)


def test_without_a_price_nothing_is_told_per_dollar() -> None:
    made, trial = _plan(SPEC.replace("price $0.36/h; ", "", 1))
    assert measures(made, trial, _evidence()).requests_per_dollar is None


def test_without_events_what_rests_on_them_is_not_made_up() -> None:
    found = measures(*_plan(), replace(_evidence(), events=()))
    assert (found.fairness_agents, found.busy_share, found.coordination_share) == (None, None, None)
    assert found.requests_per_dollar is None


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=20))
def test_the_index_is_between_one_nth_and_one(values: list[float]) -> None:
    index = jain(values)
    assert index is not None and 1 / len(values) - 1e-9 <= index <= 1 + 1e-9
    assert jain([value * 7 for value in values]) == pytest.approx(index)


def test_the_index_of_one_who_gets_all_is_one_nth() -> None:
    assert jain([5.0, 0, 0, 0]) == 0.25
    assert jain([3.0, 3.0]) == 1
    assert jain([]) is None
    assert jain([0.0]) is None


def test_scale_rounds_the_tasks_up() -> None:
    _, trial = _plan()
    assert trial.backlogs[0].tasks_at(Fraction(1, 2)) == 2
