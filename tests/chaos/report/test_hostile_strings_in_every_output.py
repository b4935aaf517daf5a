"""What a spec, its file or a log says in strings reaches every output of a trial as a text, and steers none of them."""

from __future__ import annotations

import json
import os
import unicodedata
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from seatrial.chaos.evidence import Request
from seatrial.chaos.experiments.experiment import experiment
from seatrial.chaos.report import Checked, Report, render_junit, render_page
from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import Verdict, render

from ..conftest import Trials

HOSTILE = (
    "\x1b[31m\x1b]0;owned\x07\u202e\x9b2J",
    "</script><script>alert(1)</script><!-- ]]> &amp; \" '",
    "%0A::error file=x,line=1::owned",
    "$(touch owned) `touch owned`; {{ 7*7 }} {% raw %} ${HOME}",
    os.fsdecode(b"\xff\xfe"),
    "a\nb\r\nc\td\0e",
)


def _verdict(trials: Trials, said: str) -> tuple[Report, Verdict]:
    trial = trials.trial(trials.kill(20))
    plan = replace(trials.plan(trial), title=said)
    requests = trials.spoil(trials.requests(), 20, 22, every=3)
    requests[0] = Request("tickets", 0.0, 0.0, 0.1, 0, said)
    evidence = trials.evidence(plan, trial, requests)
    verdict = judge(plan, trial, evidence, seed=7)
    judgements = tuple(replace(one, reason=said, claim=said, details=(said,)) for one in verdict.judgements)
    verdict = replace(verdict, judgements=judgements, doubts=tuple(replace(one, text=said) for one in verdict.doubts))
    checked = (Checked("x", said, said, said),)
    return Report(plan, trial, verdict, evidence, checked, {said: said}, (f"seatrial trial {said}",), said), verdict


@pytest.mark.parametrize("said", HOSTILE)
def test_the_page_is_text_that_steers_nothing(trials: Trials, said: str) -> None:
    page = render_page(_verdict(trials, said)[0])
    page.encode("utf-8")
    assert not [char for char in page if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs")]
    assert "<script" not in page


@pytest.mark.parametrize("said", HOSTILE)
def test_junit_is_xml_that_steers_nothing(trials: Trials, said: str) -> None:
    text = render_junit(_verdict(trials, said)[1])
    ElementTree.fromstring(text.encode("utf-8"))
    assert not [char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs")]


@pytest.mark.parametrize("said", HOSTILE)
def test_the_verdict_and_the_experiment_say_what_was_said(trials: Trials, said: str) -> None:
    report, verdict = _verdict(trials, said)
    text = render(verdict)
    assert text.isascii() and not [char for char in text if char != "\n" and unicodedata.category(char) == "Cc"]
    assert {one["reason"] for one in json.loads(text)["objectives"]} == {said}
    json.dumps(experiment(report.plan, report.trial, 7)).encode("ascii")
