"""What is proved or refuted names the worst case that decided it; where several might, the one that did."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.compiler.verify import Finding, Status
from seatrial.dsl.diagnostics.codes import CODES, explanation

from .specs import judged

SPECS = Path(__file__).parents[2] / "specs"
EXAMPLES = [code for code in CODES if re.match("ST[2-6]", code)]
DESK = (SPECS / "support.fleet").read_text(encoding="utf-8")


def _examples(code: str) -> list[str]:
    text = explanation(code)
    assert text is not None
    return re.findall(r"```fleet\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES)
def test_every_guarantee_of_every_example_names_its_case(code: str) -> None:
    for text in _examples(code):
        for one in judged(text).values():
            assert _says_when(one), f"{one.id} has no case: see compiler/verify/cases.py"


def _says_when(one: Finding) -> bool:
    if one.status is Status.UNKNOWN:
        return True
    return one.case is not None and bool(one.case.demand or one.case.trial or one.case.text)


@pytest.fixture(scope="module")
def desk() -> dict[str, Finding]:
    return judged(DESK)


def test_of_several_faults_the_one_that_fails_most_by_itself_is_named(desk: dict[str, Finding]) -> None:
    tickets, chats = desk["success/tickets"].case, desk["success/chats"].case
    assert tickets is not None and chats is not None
    # Tickets come in through triage; chats never do, and feel only what strikes behind the front desk.
    assert tickets.faults == ("kill 25% of triage at 20s every 35s",)
    assert chats.faults == ("hang 1 agent of resolver at 32s for 4s",)
    assert "by itself" in tickets.text and "3 other faults" in tickets.text


def test_a_single_fault_is_the_case_and_needs_no_share() -> None:
    text = (SPECS / "sturdy.fleet").read_text(encoding="utf-8")
    case = judged(text)["success/tickets"].case
    assert case is not None and len(case.faults) == 1 and case.text == ""


def test_a_budget_names_the_bounds_or_the_demand_that_it_counts_and_its_largest_part(desk: dict[str, Finding]) -> None:
    told = {id: one.case.text for id, one in desk.items() if one.kind in ("budget", "cost") and one.case}
    assert "agents" in told["budget/compute/day"] and "peaks" not in told["budget/compute/day"]
    assert "7 nodes of general at $0.68 an hour" in told["budget/compute/day"]
    assert "peaks" in told["budget/tokens/day"] and "bounds" not in told["budget/tokens/day"]
    assert "requests of tickets" in told["budget/tokens/day"]
    assert "bounds" in told["cost/month"] and "peaks" in told["cost/month"]


def test_what_is_only_so_or_not_has_no_share_left(desk: dict[str, Finding]) -> None:
    spread = desk["nodes/spread"]
    assert spread.status is Status.PROVED and spread.limit is None and spread.margin_share is None
