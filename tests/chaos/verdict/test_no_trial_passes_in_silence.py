"""Each way in which a trial could pass or fail without having been tried: it is inconclusive, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from seatrial.chaos.evidence import Activity, Evidence, FaultEvent, Generator, Journal
from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import Outcome, Verdict
from seatrial.compiler.plan_trials import LoadPlan, LoadPoint, TrialPlan

from ..conftest import Trials


@pytest.fixture
def trial(trials: Trials) -> TrialPlan:
    return trials.trial(trials.kill(20), trials.hang(50, 5))


def verdict(trials: Trials, trial: TrialPlan, spoil: Callable[[Evidence], Evidence]) -> Verdict:
    plan = trials.plan(trial)
    return judge(plan, trial, spoil(trials.evidence(plan, trial)), seed=1)


def journal(evidence: Evidence) -> Journal:
    assert evidence.journal is not None
    return evidence.journal


def generator(evidence: Evidence) -> Generator:
    assert evidence.generator is not None
    return evidence.generator


def codes(found: Verdict) -> set[str]:
    return {doubt.code for doubt in found.doubts}


def of_phase(evidence: Evidence, phase: str, /, **changes: object) -> Evidence:
    events = [
        replace(event, **changes) if isinstance(event, FaultEvent) and event.phase == phase else event  # type: ignore[arg-type]
        for event in evidence.events
    ]
    return replace(evidence, events=tuple(events))


def without(evidence: Evidence, phase: str) -> Evidence:
    kept = (event for event in evidence.events if not (isinstance(event, FaultEvent) and event.phase == phase))
    return replace(evidence, events=tuple(kept))


def failed_step(evidence: Evidence, func: str) -> Evidence:
    run = tuple(
        replace(one, status="failed", error="RuntimeError: gone") if one.func == func else one
        for one in journal(evidence).run
    )
    return replace(evidence, journal=replace(journal(evidence), run=run))


def test_a_good_trial_passes_without_a_doubt(trials: Trials, trial: TrialPlan) -> None:
    found = verdict(trials, trial, lambda evidence: evidence)
    assert found.outcome is Outcome.PASS
    assert found.doubts == ()


SPOILT: dict[str, tuple[str, Callable[[Evidence], Evidence]]] = {
    "the runner was killed and left no journal": (
        "journal-missing",
        lambda evidence: replace(evidence, journal=None),
    ),
    "the runner was killed in the middle": (
        "journal-status",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), status=None)),
    ),
    "the experiment was interrupted": (
        "journal-status",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), status="interrupted")),
    ),
    "the experiment was aborted": (
        "journal-status",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), status="aborted")),
    ),
    "the hypothesis was off before, so that the method never ran, though the journal says completed": (
        "steady-state-before",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), before=False, after=None, run=())),
    ),
    "nothing looked at the fleet before the faults": (
        "steady-state-unseen",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), before=None)),
    ),
    "nothing looked at the fleet after the faults": (
        "steady-state-unseen",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), after=None)),
    ),
    "the method is empty": (
        "method-empty",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), run=())),
    ),
    "an action raised, though the journal says completed": (
        "step-failed",
        lambda evidence: failed_step(evidence, "kill_agents"),
    ),
    "an undo raised": ("step-failed", lambda evidence: failed_step(evidence, "resume_agents")),
    "a rollback raised": (
        "step-failed",
        lambda evidence: replace(
            evidence,
            journal=replace(journal(evidence), rollbacks=(Activity("undo", "action", "undo_all", "failed", ""),)),
        ),
    ),
    "a dry run recorded its actions as succeeded": (
        "journal-dry",
        lambda evidence: replace(evidence, journal=replace(journal(evidence), dry="actions")),
    ),
    "a fault was never injected": ("fault-missing", lambda evidence: without(evidence, "injected")),
    "a kill hit nobody": ("fault-without-target", lambda evidence: of_phase(evidence, "injected", targets=())),
    "a fault reported a failure": ("fault-failed", lambda evidence: of_phase(evidence, "injected", phase="failed")),
    "a hang was never undone": ("fault-not-undone", lambda evidence: without(evidence, "undone")),
    "a fault struck far from its time": ("fault-untimely", lambda evidence: of_phase(evidence, "undone", t=80.0)),
    "the generator was killed": ("generator-missing", lambda evidence: replace(evidence, generator=None)),
    "the generator was stopped": (
        "generator-unfinished",
        lambda evidence: replace(evidence, generator=replace(generator(evidence), finished=False)),
    ),
    "the generator was late": (
        "generator-late",
        lambda evidence: replace(evidence, generator=replace(generator(evidence), lateness_p99_seconds=0.5)),
    ),
    "less load was sent than scheduled": (
        "requests-missing",
        lambda evidence: replace(evidence, requests=evidence.requests[:-100]),
    ),
    "no load was scheduled": (
        "load-empty",
        lambda evidence: replace(evidence, requests=(), generator=replace(generator(evidence), scheduled={})),
    ),
    "the request log is damaged": ("log-damaged", lambda evidence: replace(evidence, damaged_lines=3)),
}


@pytest.mark.parametrize("case", SPOILT)
def test_it_does_not_pass_when(trials: Trials, trial: TrialPlan, case: str) -> None:
    code, spoil = SPOILT[case]
    found = verdict(trials, trial, spoil)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert code in codes(found)


def test_each_doubt_that_can_arise_has_its_case() -> None:
    from pathlib import Path

    from seatrial.chaos.verdict import doubts

    text = Path(doubts.__file__).read_text(encoding="utf-8")
    raised = {part.split('"')[1] for part in text.split("Doubt(")[1:] if part.startswith('"')}
    assert raised == {code for code, _ in SPOILT.values()}


def test_a_failed_objective_stands_although_a_fault_was_missing(trials: Trials, trial: TrialPlan) -> None:
    def spoil(evidence: Evidence) -> Evidence:
        bad = trials.spoil(evidence.requests, 10, 30)
        return without(replace(evidence, requests=tuple(bad)), "injected")

    found = verdict(trials, trial, spoil)
    assert found.outcome is Outcome.FAIL
    assert "fault-missing" in codes(found)


@pytest.mark.parametrize(
    "case", ["the generator was late", "a hang was never undone", "the runner was killed and left no journal"]
)
def test_a_failed_objective_does_not_stand_when_the_harness_may_have_caused_it(
    trials: Trials, trial: TrialPlan, case: str
) -> None:
    _, spoil = SPOILT[case]
    bad = verdict(
        trials,
        trial,
        lambda evidence: spoil(replace(evidence, requests=tuple(trials.spoil(evidence.requests, 10, 30)))),
    )
    assert bad.outcome is Outcome.INCONCLUSIVE
    success = next(one for one in bad.judgements if one.kind == "success")
    assert success.reason.startswith("would fail (")


def test_a_fleet_out_of_its_steady_state_at_the_end_fails(trials: Trials, trial: TrialPlan) -> None:
    found = verdict(
        trials,
        trial,
        lambda evidence: replace(evidence, journal=replace(journal(evidence), deviated=True, after=False)),
    )
    assert found.outcome is Outcome.FAIL


def test_deviations_in_between_are_told_and_do_not_decide(trials: Trials, trial: TrialPlan) -> None:
    found = verdict(
        trials,
        trial,
        lambda evidence: replace(evidence, journal=replace(journal(evidence), during=(True, False, True))),
    )
    assert found.outcome is Outcome.PASS
    assert "1 of 3 times" in found.judgements[-1].reason


def test_a_plan_without_objectives_has_nothing_to_pass(trials: Trials, trial: TrialPlan) -> None:
    plan = trials.plan(trial, latency=(), success=(), recovery=())
    assert judge(plan, trial, trials.evidence(plan, trial), seed=1).outcome is Outcome.INCONCLUSIVE


def test_objectives_of_a_demand_that_the_trial_does_not_load_are_not_passed(trials: Trials, trial: TrialPlan) -> None:
    plan = trials.plan(trial)
    plan = replace(plan, latency=(replace(plan.latency[0], demand="chats"),))
    found = judge(plan, trial, trials.evidence(plan, trial), seed=1)
    assert found.judgements[0].outcome is Outcome.UNMEASURED
    assert found.judgements[0].proved == pytest.approx(0.71)


def test_the_tightest_latency_limit_decides_how_late_the_generator_may_be(trials: Trials, trial: TrialPlan) -> None:
    def late(seconds: float) -> set[str]:
        return codes(
            verdict(
                trials,
                trial,
                lambda evidence: replace(
                    evidence, generator=replace(generator(evidence), lateness_p99_seconds=seconds)
                ),
            )
        )

    assert late(0.099) == set()
    assert late(0.101) == {"generator-late"}


def test_a_demand_that_is_at_0_throughout_weakens_nothing(trials: Trials, trial: TrialPlan) -> None:
    """It waits for its peak: what is promised of it is not tried, and what others are promised is."""
    waits = LoadPlan("nightly", (LoadPoint(Fraction(0), Fraction(0)),), replay=False)
    both = replace(trial, loads=(*trial.loads, waits))
    plan = trials.plan(both)
    own = replace(plan.success[0], guarantee="success/nightly", demand="nightly")
    plan = replace(plan, success=(*plan.success, own))
    found = judge(plan, both, trials.evidence(plan, both), seed=1)
    assert "load-empty" not in codes(found)
    assert found.outcome is Outcome.PASS
    (its,) = (one for one in found.judgements if one.id == "success/nightly")
    assert its.outcome is Outcome.UNMEASURED and "no load of nightly" in its.reason
