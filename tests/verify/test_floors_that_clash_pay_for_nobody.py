"""Floors that come to more than the budget: that each agent gets its own is no ground for anything."""

from __future__ import annotations

from .specs import proved, refuted, unknown

SPEC = """fleet f {
  pool p { agents 100; each { price $1/h; cpu 1; memory 1Gi } }
  budget agents $BUDGET/day { each agent at least $50; share by success }
}"""


def test_what_an_agent_gets_is_not_known() -> None:
    refuted(SPEC.replace("BUDGET", "2_400"), "division/agents/day/floors")
    finding = unknown(SPEC.replace("BUDGET", "2_400"), "division/agents/day/pays")
    assert "none is sure" in finding.reason and "larger budget" in finding.remedy


def test_floors_that_fit_pay() -> None:
    proved(SPEC.replace("BUDGET", "5_000"), "division/agents/day/pays")
