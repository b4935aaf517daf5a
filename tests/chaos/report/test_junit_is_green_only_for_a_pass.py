"""`junit.xml`: what pipelines read. Checked against the rules of the common JUnit schema, one by one."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from seatrial.chaos.report import render_junit
from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import Judgement, Outcome, Verdict

from ..conftest import Trials


@pytest.fixture
def verdict(trials: Trials) -> Verdict:
    trial = trials.trial(trials.kill(20))
    plan = trials.plan(trial)
    return judge(plan, trial, trials.evidence(plan, trial), seed=1)


def suite(verdict: Verdict) -> ElementTree.Element:
    found = ElementTree.fromstring(render_junit(verdict)).find("testsuite")
    assert found is not None
    return found


def case(outcome: Outcome) -> Judgement:
    return Judgement("latency/p99", "latency", "p99 < 2 s", outcome, "it was 3 s", details=("more",))


@pytest.mark.parametrize(
    ("outcome", "child"),
    [
        (Outcome.PASS, None),
        (Outcome.FAIL, "failure"),
        (Outcome.INCONCLUSIVE, "error"),
        (Outcome.UNMEASURED, "skipped"),
    ],
)
def test_an_outcome_is_told_in_the_schemas_words(verdict: Verdict, outcome: Outcome, child: str | None) -> None:
    one = suite(replace(verdict, judgements=(case(outcome),))).find("testcase")
    assert one is not None
    assert [element.tag for element in one] == ([] if child is None else [child])


def test_the_counts_are_those_of_the_cases(verdict: Verdict) -> None:
    judgements = tuple(case(outcome) for outcome in Outcome for _ in range(2))
    found = suite(replace(verdict, judgements=judgements))
    assert [found.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["8", "2", "2", "2"]
    assert len(found.findall("testcase")) == 8


def test_the_suite_has_what_the_schema_asks_for_in_its_order(verdict: Verdict) -> None:
    found = suite(verdict)
    for name in ("name", "timestamp", "hostname", "tests", "failures", "errors", "time"):
        assert found.get(name), name
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", found.get("timestamp", ""))
    tags = [element.tag for element in found]
    assert tags == ["properties", *["testcase"] * len(verdict.judgements), "system-out", "system-err"]
    for one in found.findall("testcase"):
        assert one.get("name") and one.get("classname") and one.get("time")
        assert all(child.get("message") for child in one)


def test_texts_that_xml_cannot_carry_are_replaced(verdict: Verdict) -> None:
    hostile = replace(case(Outcome.FAIL), reason='\x00\x1b[31m<&"]]>\ufffe')
    one = suite(replace(verdict, judgements=(hostile,))).find("testcase/failure")
    assert one is not None
    assert one.get("message") == '�\ufffd[31m<&"]]>\ufffd'


def test_doubts_are_in_the_output_of_the_suite(trials: Trials, verdict: Verdict) -> None:
    trial = trials.trial()
    plan = trials.plan(trial)
    doubtful = judge(plan, trial, replace(trials.evidence(plan, trial), journal=None), seed=1)
    assert "left no journal" in (suite(doubtful).findtext("system-out") or "")
