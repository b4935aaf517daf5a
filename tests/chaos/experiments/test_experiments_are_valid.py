"""The generated experiment is one that the Chaos Toolkit takes, with actions that exist."""

from __future__ import annotations

import importlib
import inspect
import json
from fractions import Fraction as F
from typing import Any

import pytest
from chaoslib.exceptions import InvalidActivity
from chaoslib.experiment import ensure_experiment_is_valid

from seatrial.chaos.experiments.experiment import baseline_seconds, experiment

from ..conftest import Trials


def storm(trials: Trials) -> dict[str, Any]:
    trial = trials.trial(trials.kill(30, every=20), trials.hang(), trials.delay(), trials.abort())
    return experiment(trials.plan(trial), trial, seed=7)


def actions(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    providers = [step["provider"] for step in document["method"] if step["provider"]["func"] != "wait_until"]
    return [(provider["func"], provider["arguments"]) for provider in providers]


def test_chaoslib_accepts_the_experiment(trials: Trials) -> None:
    ensure_experiment_is_valid(storm(trials))


def test_chaoslib_would_refuse_an_action_that_is_not_there(trials: Trials) -> None:
    broken = storm(trials)
    broken["method"][1]["provider"]["func"] = "kill_everything"
    with pytest.raises(InvalidActivity):
        ensure_experiment_is_valid(broken)


def test_each_function_takes_the_arguments_that_it_is_given(trials: Trials) -> None:
    document = storm(trials)
    steps = [*document["method"], *document["rollbacks"], *document["steady-state-hypothesis"]["probes"]]
    for step in steps:
        provider = step["provider"]
        function = getattr(importlib.import_module(provider["module"]), provider["func"])
        inspect.signature(function).bind(**provider["arguments"])


def test_the_actions_come_in_order_with_their_targets(trials: Trials) -> None:
    found = actions(storm(trials))
    assert [name for name, _ in found] == [
        "kill_agents", "hang_agents", "resume_agents", "kill_agents", "delay_call", "undo_delay", "abort_call",
        "undo_abort", "kill_agents",
    ]  # fmt: skip
    by_name = dict(found)
    assert by_name["delay_call"] == {
        "run_dir": "${run_dir}", "fault": 2, "call": "triage--resolver", "delay_seconds": 0.2, "share": "1",
    }  # fmt: skip
    assert by_name["abort_call"] == {"run_dir": "${run_dir}", "fault": 3, "call": "resolver--llm", "share": "3/10"}


def test_each_kill_chooses_anew_and_the_same_seed_chooses_the_same(trials: Trials) -> None:
    first, again = storm(trials), storm(trials)
    seeds = [arguments["seed"] for name, arguments in actions(first) if name == "kill_agents"]
    assert len(set(seeds)) == 3
    assert first == again


def test_the_document_names_no_path_of_this_machine(trials: Trials) -> None:
    text = json.dumps(storm(trials))
    assert "/" not in text.replace("3/10", "").replace("1/10", "")


def test_the_first_look_at_the_fleet_comes_before_the_first_fault(trials: Trials) -> None:
    assert baseline_seconds(trials.trial(trials.kill(30))) == 5
    assert baseline_seconds(trials.trial(trials.kill(4))) == 2
    assert baseline_seconds(trials.trial(duration=6)) == F(3)


def test_a_fault_that_lasts_to_the_end_is_not_held_against_the_last_look(trials: Trials) -> None:
    def probes(trial: Any) -> list[str]:
        hypothesis = experiment(trials.plan(trial), trial, 1)["steady-state-hypothesis"]
        return [probe["provider"]["func"] for probe in hypothesis["probes"]]

    assert "success_share" in probes(trials.trial(trials.delay(50, 10)))
    assert "success_share" not in probes(trials.trial(trials.delay(50, lasting=None)))
