"""The verdicts of the specs that come with seatrial, as their comments state them."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import Finding, Status

from .shipped import shipped


@pytest.mark.parametrize("name", ["support", "sturdy", "recorded"])
def test_what_is_meant_to_hold_is_proved_with_a_margin_each(name: str) -> None:
    checked = shipped(name).checked
    assert checked.verdict == "feasible"
    assert checked.findings and all(one.status is Status.PROVED and one.margin for one in checked.findings)
    assert not [one for one in checked.diagnostics if one.is_error]


def test_the_desk_is_judged_on_every_kind_of_guarantee() -> None:
    kinds = {one.id.split("/")[0] for one in shipped("support").checked.findings}
    assert kinds >= {
        *("capacity", "scaling", "nodes", "budget", "cost", "connections", "rate", "tokens"),
        *("amplification", "timeouts", "ejection", "disruption", "quorum", "latency", "success", "recovery"),
    }


def _refuted(name: str) -> Finding:
    checked = shipped(name).checked
    assert checked.verdict == "infeasible"
    (finding,) = [one for one in checked.findings if one.status is Status.REFUTED]
    return finding


def test_the_playbook_s_budget_is_refuted_with_both_numbers_both_clauses_and_a_repair() -> None:
    finding = _refuted("playbook-10k")
    assert "1,752" in finding.witness and "146,000" in finding.witness
    assert {clause.span.text for clause in finding.core} == {"$1_752/month", "10_000", "$0.02/h"}
    lines = {clause.span.source.line(clause.span.line).strip() for clause in finding.core}
    assert {"agents 10_000", "budget compute $1_752/month"} <= lines
    # 120 agents at $0.02 for 730 hours are $1,752 exactly: one more would be too many.
    assert 120 * 730 * 2 == 1752 * 100
    assert ("10_000", "120") in {(one.old, one.new) for one in finding.repairs}


def test_the_fragile_desk_is_refuted_on_the_success_of_its_tickets() -> None:
    finding = _refuted("fragile")
    assert finding.id == "success/tickets"
    assert "nothing retries or ejects" in finding.witness


def test_the_fragile_and_the_sturdy_desk_differ_in_retries_and_ejection_alone() -> None:
    fragile, sturdy = shipped("fragile").checked.fleet, shipped("sturdy").checked.fleet
    assert fragile is not None and sturdy is not None
    assert [one.schedule.at_seconds.value for one in fragile.trials[0].faults] == [
        one.schedule.at_seconds.value for one in sturdy.trials[0].faults
    ]
    (bare,), (armed,) = fragile.calls, sturdy.calls
    assert (bare.policy.retry, bare.policy.breaker) == (None, None)
    assert armed.policy.retry is not None and armed.policy.retry.attempts.value == 3
    assert armed.policy.breaker is not None
