"""The model at the trial's size stands beside what was measured, and is doubted where the quiet contradicts it."""

from __future__ import annotations

from fractions import Fraction as F

from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.surprises import SETTLING_SECONDS, quiet

from ..conftest import Trials

P95 = "latency/tickets/p95"


def test_what_the_model_says_of_this_size_is_kept_with_the_objective(trials: Trials) -> None:
    trial = trials.trial()
    plan = trials.plan(trial)
    verdict = judge(plan, trial, trials.evidence(plan, trial), 1, {}, {P95: F(3, 10)})
    (judged,) = [one for one in verdict.judgements if one.id == P95]
    assert judged.model == 0.3
    assert [doubt.code for doubt in verdict.doubts] == []


def test_a_fleet_slower_at_rest_than_its_model_is_told_and_judged_all_the_same(trials: Trials) -> None:
    trial = trials.trial()
    plan = trials.plan(trial)
    expected = {P95: F(5, 100)}
    verdict = judge(plan, trial, trials.evidence(plan, trial), 1, {}, expected)
    assert [doubt.code for doubt in verdict.doubts] == ["model"]
    assert verdict.outcome is judge(plan, trial, trials.evidence(plan, trial), 1).outcome


def test_what_a_fault_slows_down_is_no_surprise(trials: Trials) -> None:
    trial = trials.trial(trials.delay(at=50, lasting=10))
    plan = trials.plan(trial)
    requests = trials.requests()
    evidence = trials.evidence(plan, trial, requests)
    calm = [one.due for one in quiet(evidence.of("tickets"), evidence)]
    assert calm
    assert not [due for due in calm if 50.02 <= due < 60 + SETTLING_SECONDS]
    assert max(calm) > 60 + SETTLING_SECONDS
