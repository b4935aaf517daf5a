"""How latency, success and cost objectives are judged from the requests alone."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.evidence import Request
from seatrial.chaos.verdict.objectives import judge_cost, judge_latency, judge_success
from seatrial.chaos.verdict.result import Outcome
from seatrial.compiler.model import Period
from seatrial.compiler.plan import CostObjective, LatencyObjective, SuccessObjective

from ..conftest import AT, Trials

P99 = LatencyObjective("latency/tickets/p99", "tickets", F(99, 100), F(2), F(13, 10), AT)
SUCCESS = SuccessObjective("success/tickets", "tickets", F(999, 1000), F(30 * 86400), AT)


def took(*seconds: float) -> list[Request]:
    return [Request("tickets", float(at), at + 0.001, at + one, 200) for at, one in enumerate(seconds)]


def test_fast_requests_pass_with_the_measured_and_the_proved_figure_side_by_side() -> None:
    judged = judge_latency(P99, took(*[0.1] * 1000), 90)
    assert judged.outcome is Outcome.PASS
    assert judged.measured == pytest.approx(0.1)
    assert (judged.limit, judged.proved) == (2.0, 1.3)
    assert (judged.requests, judged.failed) == (1000, 0)


def test_latency_counts_from_when_a_request_was_due_and_not_from_when_it_was_sent() -> None:
    stalled = [Request("tickets", float(at), at + 3.0, at + 3.1, 200) for at in range(1000)]
    assert judge_latency(P99, stalled, 90).outcome is Outcome.FAIL


def test_refusals_do_not_make_the_fleet_look_fast() -> None:
    refused = [replace(one, end=one.due + 0.001, status=503) for one in took(*[0.1] * 100)]
    judged = judge_latency(P99, [*took(*[0.1] * 900), *refused], 90)
    assert judged.outcome is Outcome.FAIL
    assert judged.measured is not None
    assert math.isinf(judged.measured)
    assert judged.details == ("answered requests alone: 100 ms",)


def test_a_timeout_does_not_count_as_answered_at_its_timeout() -> None:
    # Each timed out after one second, well below the limit of two.
    timeouts = [replace(one, status=0, error="timeout") for one in took(*[1.0] * 100)]
    assert judge_latency(P99, [*took(*[0.1] * 900), *timeouts], 90).outcome is Outcome.FAIL


def test_298_fast_requests_are_too_few_for_a_p99_and_299_are_enough() -> None:
    few = judge_latency(P99, took(*[0.1] * 298), 90)
    assert few.outcome is Outcome.INCONCLUSIVE
    assert "at least 299" in few.reason
    assert judge_latency(P99, took(*[0.1] * 299), 90).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("slow", "outcome"),
    [(0, Outcome.PASS), (4, Outcome.PASS), (5, Outcome.INCONCLUSIVE), (15, Outcome.INCONCLUSIVE), (16, Outcome.FAIL)],
)
def test_near_the_limit_a_trial_of_1_000_cannot_tell(slow: int, outcome: Outcome) -> None:
    # P(B <= 4) = 2.9 %, P(B <= 5) = 6.6 %, P(B >= 16) = 4.8 %, P(B >= 15) = 8.2 % for B binomial, 1,000 times 1 %.
    assert judge_latency(P99, took(*[0.1] * (1000 - slow), *[5.0] * slow), 90).outcome is outcome


def test_failures_that_leave_no_bound_are_not_called_near_the_limit(trials: Trials) -> None:
    """Two of 400 that failed leave one rank beyond p99, and five are needed."""
    some = trials.requests()[:400]
    found = judge_latency(P99, trials.spoil(some, 0, 0.02), 90)
    assert found.outcome is Outcome.INCONCLUSIVE and found.high == math.inf
    assert "with 2 failures, which count as later than any time, 400 requests are too few" in found.reason


def test_a_latency_at_its_limit_is_not_below_it() -> None:
    exactly = [Request("tickets", 0.0, 0.0, 2.0, 200)] * 1000
    assert judge_latency(P99, exactly, 90).outcome is Outcome.FAIL


@given(st.lists(st.floats(0.001, 4), min_size=1, max_size=400), st.floats(0.001, 1))
def test_slower_requests_never_improve_a_verdict(times: list[float], more: float) -> None:
    order = [Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.FAIL]
    before = judge_latency(P99, took(*times), 90).outcome
    after = judge_latency(P99, took(*[one + more for one in times]), 90).outcome
    assert order.index(after) >= order.index(before)


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_one_more_failure_never_improves_a_verdict(good: int, bad: int) -> None:
    order = [Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.FAIL]
    if good + bad == 0:
        return
    requests = [Request("tickets", 0.0, 0.0, 0.1, 200)] * good + [Request("tickets", 0.0, 0.0, 0.1, 503)] * bad
    worse = [*requests[1:], Request("tickets", 0.0, 0.0, 0.1, 503)]
    before, after = (judge_success(SUCCESS, some, 90).outcome for some in (requests, worse))
    assert order.index(after) >= order.index(before)


def test_success_without_a_failure_needs_2995_requests_for_three_nines(trials: Trials) -> None:
    assert judge_success(SUCCESS, trials.requests(per_second=10), 90).outcome is Outcome.INCONCLUSIVE
    assert judge_success(SUCCESS, trials.requests()[:2994], 90).outcome is Outcome.INCONCLUSIVE
    assert judge_success(SUCCESS, trials.requests()[:2995], 90).outcome is Outcome.PASS


def test_many_failures_fail_and_are_told_by_cause(trials: Trials) -> None:
    judged = judge_success(SUCCESS, trials.spoil(trials.requests(), 30, 32), 90)
    assert judged.outcome is Outcome.FAIL
    assert judged.measured == pytest.approx(1 - 200 / 9000)
    assert "200 x status 503" in judged.details
    assert any("over the trial's 90 s; the objective is over 30 d" in detail for detail in judged.details)


def test_a_redirect_is_a_success_and_a_client_error_is_not() -> None:
    statuses = [Request("tickets", 0.0, 0.0, 0.1, status) for status in (200, 204, 302, 404, 429, 500, 0)]
    assert [request.ok for request in statuses] == [True, True, True, False, False, False, False]


def test_no_request_is_inconclusive_and_not_a_pass() -> None:
    assert judge_latency(P99, (), 90).outcome is Outcome.INCONCLUSIVE
    assert judge_success(SUCCESS, (), 90).outcome is Outcome.INCONCLUSIVE


def test_an_objective_of_all_requests_fails_on_the_first_failure() -> None:
    every = replace(SUCCESS, share=F(1))
    fine = took(*[0.1] * 50)
    assert judge_success(every, fine, 90).outcome is Outcome.PASS
    assert judge_success(every, [*fine, replace(fine[0], status=500)], 90).outcome is Outcome.FAIL


def test_cost_is_never_passed_by_a_trial() -> None:
    judged = judge_cost(CostObjective("cost", F(1_500_000), Period.MONTH, AT))
    assert judged.outcome is Outcome.UNMEASURED
    assert judged.claim == "cost < $1,500,000 a month"
