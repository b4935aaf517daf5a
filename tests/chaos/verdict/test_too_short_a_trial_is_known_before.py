"""A trial that cannot tell says so before it is run, and is inconclusive when it is run all the same."""

from __future__ import annotations

from seatrial.chaos.verdict.enough import too_few
from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import Outcome

from ..conftest import Trials


def test_few_requests_are_warned_of_and_then_inconclusive(trials: Trials) -> None:
    trial = trials.trial(duration=9, rate=500)
    plan = trials.plan(trial)
    requests = trials.requests(duration=9.0, per_second=10)
    warned = too_few(plan, {"tickets": len(requests)}, 9.0)
    verdict = judge(plan, trial, trials.evidence(plan, trial, requests), 1)
    unsure = [one for one in verdict.judgements if one.outcome is Outcome.INCONCLUSIVE and one.kind == "success"]
    assert unsure
    assert any("success" in text and "at least" in text for text in warned)


def test_enough_requests_are_not_warned_of(trials: Trials) -> None:
    trial = trials.trial()
    assert too_few(trials.plan(trial), {"tickets": 9000}, 90.0) == ()
