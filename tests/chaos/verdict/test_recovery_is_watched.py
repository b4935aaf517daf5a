"""Recovery: counted from the strike or the end of a fault, until the fleet is back and stays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

import pytest

from seatrial.chaos.evidence import FaultEvent, Request
from seatrial.chaos.verdict.recovery import episodes, judge_recovery
from seatrial.chaos.verdict.result import Judgement, Outcome
from seatrial.compiler.plan_trials import TrialPlan

from ..conftest import Trials


def judged(
    trials: Trials, trial: TrialPlan, requests: list[Request], events: list[FaultEvent] | None = None
) -> Judgement:
    plan = trials.plan(trial)
    told = trials.fault_events(trial) if events is None else events
    return judge_recovery(plan.recovery[0], plan, trial, {"tickets": requests}, told)


def test_a_kill_that_leaves_no_mark_is_recovered_from_at_once(trials: Trials) -> None:
    found = judged(trials, trials.trial(trials.kill()), trials.requests())
    assert (found.outcome, found.measured) == (Outcome.PASS, 0.0)


@pytest.mark.parametrize("bad_for", [2, 10, 25])
def test_the_time_runs_from_the_kill_to_the_last_window_that_was_out(trials: Trials, bad_for: int) -> None:
    requests = trials.spoil(trials.requests(), 30, 30 + bad_for, every=2)
    found = judged(trials, trials.trial(trials.kill(30)), requests)
    assert found.outcome is Outcome.PASS
    assert found.measured == pytest.approx(bad_for, abs=0.5)


def test_a_recovery_that_takes_longer_than_promised_fails(trials: Trials) -> None:
    requests = trials.spoil(trials.requests(), 30, 65, every=2)
    found = judged(trials, trials.trial(trials.kill(30)), requests)
    assert found.outcome is Outcome.FAIL
    assert found.measured == pytest.approx(35, abs=0.5)


def test_a_fleet_that_never_comes_back_fails(trials: Trials) -> None:
    found = judged(trials, trials.trial(trials.kill(30)), trials.spoil(trials.requests(), 30, 90))
    assert found.outcome is Outcome.FAIL
    assert "not recovered in the 60 s" in found.reason


def test_slowness_counts_like_failures(trials: Trials) -> None:
    requests = trials.spoil(trials.requests(), 30, 75, every=4, latency=2.5)
    assert judged(trials, trials.trial(trials.kill(30)), requests).outcome is Outcome.FAIL


def test_coming_back_for_a_moment_is_not_enough(trials: Trials) -> None:
    requests = trials.spoil(trials.spoil(trials.requests(), 30, 35), 68, 72)
    found = judged(trials, trials.trial(trials.kill(30)), requests)
    assert found.outcome is Outcome.FAIL
    assert found.measured == pytest.approx(42, abs=0.5)


def test_a_fault_that_lasts_is_recovered_from_after_its_end(trials: Trials) -> None:
    requests = trials.spoil(trials.requests(), 40, 52)
    found = judged(trials, trials.trial(trials.hang(40, lasting=10)), requests)
    assert found.outcome is Outcome.PASS
    assert found.measured == pytest.approx(2, abs=0.5)


def test_failures_that_the_objective_allows_are_health(trials: Trials) -> None:
    # One in a hundred fails all the time, which a success objective of 99 % permits.
    requests = trials.spoil(trials.requests(), 0, 90, every=100)
    found = judged(trials, trials.trial(trials.kill(30)), requests)
    assert (found.outcome, found.measured) == (Outcome.PASS, 0.0)


def test_a_kill_near_the_end_is_not_watched_for_long_enough(trials: Trials) -> None:
    found = judged(trials, trials.trial(trials.kill(88)), trials.requests())
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "too short to tell" in found.reason


def test_a_fleet_that_is_still_out_when_the_trial_ends_too_early_is_inconclusive(trials: Trials) -> None:
    requests = trials.spoil(trials.requests(), 75, 90)
    found = judged(trials, trials.trial(trials.kill(75)), requests)
    assert found.outcome is Outcome.INCONCLUSIVE


def test_a_fault_that_lasts_to_the_end_cannot_be_recovered_from(trials: Trials) -> None:
    assert judged(trials, trials.trial(trials.delay(50, None)), trials.requests()).outcome is Outcome.INCONCLUSIVE


def test_a_gap_of_nearly_a_window_is_watched(trials: Trials) -> None:
    trial = trials.trial(trials.hang(40, 5), trials.kill(50))
    events = [replace(one, t=one.t + 0.4) if one.phase == "undone" else one for one in trials.fault_events(trial)]
    found = judged(trials, trial, trials.requests(), events)
    assert (found.outcome, found.measured) == (Outcome.PASS, 0.0)


def test_a_recovery_is_seen_through_the_next_fault_when_that_comes_too_soon(trials: Trials) -> None:
    trial = trials.trial(trials.kill(30), trials.kill(32))
    found = judged(trials, trial, trials.spoil(trials.requests(), 30, 38))
    assert found.outcome is Outcome.PASS
    assert found.measured == pytest.approx(8, abs=0.5)
    assert "through the next fault" in found.reason


def test_a_recovery_that_the_next_fault_hides_for_too_long_is_inconclusive(trials: Trials) -> None:
    trial = trials.trial(trials.kill(10), trials.hang(35, lasting=30))
    found = judged(trials, trial, trials.spoil(trials.requests(), 10, 70))
    assert found.outcome is Outcome.INCONCLUSIVE


def test_faults_that_overlap_are_one_disturbance(trials: Trials) -> None:
    trial = trials.trial(trials.delay(50, 10), trials.kill(55), trials.abort(58, 7))
    (one,) = episodes(trial, trials.fault_events(trial))
    assert (round(one.start), round(one.end)) == (50, 65)
    assert one.what == "delay triage -> resolver 200ms and kill 10% of triage and abort 30% of resolver -> llm"


def test_a_trial_without_faults_measures_no_recovery(trials: Trials) -> None:
    assert judged(trials, trials.trial(), trials.requests()).outcome is Outcome.UNMEASURED


def test_planned_faults_that_never_struck_prove_no_recovery(trials: Trials) -> None:
    assert judged(trials, trials.trial(trials.kill()), trials.requests(), []).outcome is Outcome.INCONCLUSIVE


def test_without_an_objective_there_is_nothing_to_be_back_within(trials: Trials) -> None:
    trial = trials.trial(trials.kill())
    plan = trials.plan(trial, latency=(), success=())
    found = judge_recovery(plan.recovery[0], plan, trial, {"tickets": trials.requests()}, trials.fault_events(trial))
    assert found.outcome is Outcome.INCONCLUSIVE


def test_a_load_too_thin_to_tell_is_inconclusive(trials: Trials) -> None:
    thin = [replace(one, due=at * 20.0) for at, one in enumerate(trials.requests()[:4])]
    assert judged(trials, trials.trial(trials.kill()), thin).outcome is Outcome.INCONCLUSIVE


def test_the_worst_disturbance_decides(trials: Trials) -> None:
    trial = trials.trial(trials.kill(10), trials.kill(50))
    plan = trials.plan(trial)
    objective = replace(plan.recovery[0], within_seconds=F(10))
    requests = trials.spoil(trials.spoil(trials.requests(), 10, 12), 50, 65)
    found = judge_recovery(objective, plan, trial, {"tickets": requests}, trials.fault_events(trial))
    assert found.outcome is Outcome.FAIL
    assert found.measured == pytest.approx(15, abs=0.5)
