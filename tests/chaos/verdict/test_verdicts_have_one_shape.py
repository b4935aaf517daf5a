"""`verdict.json` agrees with its closed schema, whatever the outcome."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as F

import jsonschema
import pytest

from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import document, render, schema

from ..conftest import Trials


@pytest.mark.parametrize("spoilt", ["nothing", "everything", "no journal", "no requests"])
def test_the_document_is_what_the_schema_says(trials: Trials, spoilt: str) -> None:
    trial = trials.trial(trials.kill(20), trials.hang(50, 5))
    plan = trials.plan(trial)
    evidence = trials.evidence(plan, trial)
    match spoilt:
        case "everything":
            evidence = replace(evidence, requests=tuple(trials.spoil(evidence.requests, 0, 90)))
        case "no journal":
            evidence = replace(evidence, journal=None, generator=None)
        case "no requests":
            evidence = replace(evidence, requests=())
    found = json.loads(render(judge(plan, trial, evidence, seed=1)))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(found, schema())


def test_a_field_that_the_schema_does_not_name_is_refused(trials: Trials) -> None:
    trial = trials.trial()
    plan = trials.plan(trial)
    found = document(judge(plan, trial, trials.evidence(plan, trial), seed=1))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "passed": True}, schema())


def test_a_time_that_never_came_is_null_and_marked(trials: Trials) -> None:
    trial = trials.trial()
    plan = trials.plan(trial)
    broken = trials.evidence(plan, trial, trials.spoil(trials.requests(), 0, 90))
    objective = document(judge(plan, trial, broken, seed=1))["objectives"][0]
    assert (objective["outcome"], objective["measured"], objective["never"]) == ("fail", None, True)


def test_the_checkers_bounds_stand_beside_what_was_measured(trials: Trials) -> None:
    trial = trials.trial()
    plan = trials.plan(trial)
    found = judge(plan, trial, trials.evidence(plan, trial), seed=1, bounds={"latency/tickets/p99": F(13, 10)})
    assert [one.proved for one in found.judgements[:2]] == [0.71, 1.3]


def test_the_same_evidence_gives_the_same_verdict(trials: Trials) -> None:
    trial = trials.trial(trials.kill(20))
    plan = trials.plan(trial)
    first = judge(plan, trial, trials.evidence(plan, trial), seed=1)
    again = judge(plan, trial, trials.evidence(plan, trial), seed=1)
    assert render(first) == render(again)
