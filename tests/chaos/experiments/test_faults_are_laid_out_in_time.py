"""Injections and undoings come in pairs, in order, and within the trial."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.experiments.steps import Phase, describe, occurrences, steps
from seatrial.compiler.plan_trials import FaultPlan

from ..conftest import AT, Trials

seconds = st.integers(0, 80)
maybe = st.none() | st.integers(1, 60)


@st.composite
def faults(draw: st.DrawFn) -> FaultPlan:
    kind = draw(st.sampled_from(["kill", "hang", "delay", "abort"]))
    at, every, lasting = draw(seconds), draw(maybe), draw(maybe)
    share = F(1, 10)
    on_pool = kind in ("kill", "hang")
    return FaultPlan(
        kind, F(at), None if every is None else F(every), None if lasting is None else F(lasting),
        "triage" if on_pool else None, None if on_pool else "a", None if on_pool else "b", share, None,
        F(1, 5) if kind == "delay" else None, AT,
    )  # fmt: skip


def told(trial_steps: object) -> list[str]:
    assert isinstance(trial_steps, tuple)
    return [f"{float(step.at_seconds):g} {step.phase} {step.fault}" for step in trial_steps]


def test_a_kill_comes_again_until_the_trial_ends_and_is_never_undone(trials: Trials) -> None:
    trial = trials.trial(trials.kill(30, every=20))
    assert told(steps(trial)) == ["30 inject 0", "50 inject 0", "70 inject 0"]


def test_a_hang_is_undone_when_it_has_lasted(trials: Trials) -> None:
    assert told(steps(trials.trial(trials.hang(40, 5)))) == ["40 inject 0", "45 undo 0"]


def test_a_fault_without_an_end_is_undone_when_the_trial_ends(trials: Trials) -> None:
    assert told(steps(trials.trial(trials.delay(50, lasting=None)))) == ["50 inject 0", "90 undo 0"]


def test_a_fault_that_outlasts_its_period_is_undone_just_before_it_comes_again(trials: Trials) -> None:
    trial = trials.trial(trials.hang(40, lasting=30, every=20))
    assert told(steps(trial)) == ["40 inject 0", "60 undo 0", "60 inject 0", "80 undo 0", "80 inject 0", "90 undo 0"]


def test_faults_are_told_in_the_words_of_the_language(trials: Trials) -> None:
    told_faults = [describe(fault) for fault in (trials.kill(), trials.hang(), trials.delay(), trials.abort())]
    assert told_faults == [
        "kill 10% of triage",
        "hang 1 of triage",
        "delay triage -> resolver 200ms",
        "abort 30% of resolver -> llm",
    ]
    assert describe(replace(trials.delay(), share=F(1, 2))) == "delay 50% of triage -> resolver 200ms"


@given(st.lists(faults(), max_size=4))
def test_whatever_is_injected_is_undone_once_before_it_comes_again_and_by_the_end(some: list[FaultPlan]) -> None:
    trial = Trials().trial(*some)
    in_force: set[int] = set()
    last = F(0)
    for step in steps(trial):
        assert last <= step.at_seconds <= trial.duration_seconds
        last = step.at_seconds
        if step.phase is Phase.UNDO:
            in_force.remove(step.fault)
        elif trial.faults[step.fault].kind != "kill":
            assert step.fault not in in_force
            in_force.add(step.fault)
    assert not in_force


@given(st.lists(faults(), max_size=4))
def test_each_occurrence_has_its_injection(some: list[FaultPlan]) -> None:
    trial = Trials().trial(*some)
    injections = [step for step in steps(trial) if step.phase is Phase.INJECT]
    assert len(injections) == len(occurrences(trial))
