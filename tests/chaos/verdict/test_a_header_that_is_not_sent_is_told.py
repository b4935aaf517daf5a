"""Requests of a trial have no header to be routed by: that is told, and what was measured counts all the same."""

from __future__ import annotations

from seatrial.chaos.verdict.judge import judge
from seatrial.compiler.model import CalleeKind, Route

from ...targets import plans
from ..conftest import Trials

BY_HEADER = {"route": Route.BY_HEADER, "route_header": "x-session"}


def test_agents_are_drawn_at_random_where_the_header_is_missing(trials: Trials) -> None:
    trial = trials.trial()
    plain = trials.plan(trial, calls=(plans.call("triage", "desk"),))
    headed = trials.plan(trial, calls=(plans.call("triage", "desk", **BY_HEADER),))
    before = judge(plain, trial, trials.evidence(plain, trial), 1)
    verdict = judge(headed, trial, trials.evidence(headed, trial), 1)
    assert not before.doubts and verdict.outcome is before.outcome
    (doubt,) = verdict.doubts
    assert doubt.code == "route-by-header" and not doubt.weakens_pass and not doubt.weakens_fail
    assert "sends no x-session" in doubt.text and "agents of desk are drawn at random" in doubt.text


def test_a_dependency_is_one_address_whatever_the_header(trials: Trials) -> None:
    trial = trials.trial()
    plan = trials.plan(trial, calls=(plans.call("triage", "llm", callee_kind=CalleeKind.DEPENDENCY, **BY_HEADER),))
    assert not judge(plan, trial, trials.evidence(plan, trial), 1).doubts
