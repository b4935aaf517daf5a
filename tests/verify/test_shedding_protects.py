"""Shedding by latency and by success: whom it turns away, when, and what of it counts in a trial."""

from __future__ import annotations

import pytest

from .specs import findings, proved, refuted, unknown

SPEC = """fleet f {{
  demand work {{ steady 50/s; priority {work} }}
  demand chores {{ steady 20/s; priority low }}
  dependency llm {{ latency p50 80ms, p99 300ms }}
  pool front {{
    serves work {{ timeout 20s; shed {level} priority when p95 > {bound} }}
    serves chores {{ timeout 20s }}
    agents 20
    each {{ concurrency 4; service mean 100ms, p99 400ms; startup 2s }}
  }}
  call front -> llm {{ timeout 10s; {inner} }}
  guarantee success 75%
  guarantee recovery within 60s
  trial t {{ duration 100s; {fault} }}
}}"""

DELAY = "delay 50% of front -> llm"
APART = """demand other { steady 5/s }
  pool apart {
    serves other { timeout 20s }
    agents 4
    each { concurrency 4; service mean 100ms, p99 400ms; startup 2s }
  }
  call apart -> llm { timeout 10s }"""


def spec(**values: str) -> str:
    usual = {
        "work": "high",
        "level": "low",
        "bound": "5s",
        "inner": "",
        "fault": f"{DELAY} 100ms at 9s for 10s",
    }
    return SPEC.format(**(usual | values))


def struck_apart(**values: str) -> str:
    """With a fault that front and what it calls never see."""
    text = spec(fault="abort 50% of apart -> llm at 10s for 10s", **values)
    return text.replace("call front", f"{APART}\n  call front")


def test_of_what_is_shed_the_peak_is_told() -> None:
    assert "20/s of 70/s are turned away, 50/s stay" in proved(spec(), "sheds/work->front").margin


def test_a_level_below_all_demands_sheds_nobody() -> None:
    finding = refuted(spec(level="lowest"), "sheds/work->front")
    assert "work (high) and chores (low)" in finding.witness


def test_a_level_above_all_demands_protects_nobody() -> None:
    finding = findings(spec(level="high"))["sheds/work->front"]
    assert finding.caution_code == "ST4706" and "nobody whom it protects" in finding.caution
    assert not findings(spec())["sheds/work->front"].caution


def test_a_demand_that_states_no_priority_is_normal() -> None:
    text = spec(level="normal").replace("; priority low", "")
    proved(text, "sheds/work->front")
    refuted(spec().replace("; priority low", ""), "sheds/work->front")


def test_work_slower_than_the_bound_is_always_shed() -> None:
    finding = refuted(spec(bound="200ms"), "sheds/work->front/rest")
    assert "with nobody waiting" in finding.witness and finding.repairs
    unknown(spec(bound="500ms"), "sheds/work->front/rest")
    proved(spec(), "sheds/work->front/rest")


def test_an_agent_of_others_sheds_for_nobody() -> None:
    text = spec(inner="shed low priority when p95 > 5s")
    assert "none of the fleet's pools" in refuted(text, "sheds/front->llm").witness
    assert "sheds/front->llm/rest" not in findings(text)


def test_what_is_shed_counts_for_those_of_the_shed_priority_alone() -> None:
    text = struck_apart(bound="3s")
    work, chores = (proved(text, f"success/{name}").bound for name in ("work", "chores"))
    assert work is not None and chores is not None and chores < work


@pytest.mark.parametrize(
    "fault", ["kill 5% of front at 10s", "hang 1 agent of front at 10s for 2s", f"{DELAY} 4s at 10s for 10s"]
)
def test_what_a_fault_makes_others_shed_is_unknown(fault: str) -> None:
    assert "is not modelled" in unknown(spec(fault=fault), "success/chores").reason
    assert "is not modelled" not in findings(spec(fault=fault))["success/work"].reason


def test_what_a_fault_makes_pools_shed_that_others_call_as_well_is_unknown() -> None:
    """What piled up before the delayed call comes on to all that its caller calls."""
    text = (
        spec(fault="delay front -> llm 10s at 8s for 30s")
        .replace("shed low priority when p95 > 5s", "")
        .replace(
            "call front",
            "pool behind { agents 2; each { concurrency 60; service mean 50ms, p99 100ms; startup 2s } }\n"
            "  call front -> behind { timeout 10s; shed low priority when p95 > 5s }\n  call front",
        )
    )
    assert "how much of chores behind sheds" in unknown(text, "success/chores").reason


def test_the_two_ways_of_shedding_are_not_counted_together() -> None:
    text = struck_apart().replace(
        "serves chores { timeout 20s }", "serves chores { timeout 20s; shed below 90% success over 5s }"
    )
    assert "not modelled together" in unknown(text, "success/chores").reason


def test_a_fault_is_over_when_nothing_is_shed_for_it() -> None:
    # The delay alone, the 10 s that agents look back, and the window of the call that is delayed.
    def bound(text: str) -> float:
        found = findings(text)["recovery"].bound
        assert found is not None
        return float(found)

    plain = bound(spec().replace("; shed low priority when p95 > 5s", ""))
    assert bound(spec()) == plain + 10
    assert bound(spec(inner="shed below 90% success over 7s")) == plain + 17
    struck = "kill 5% of front at 10s"
    plain = bound(spec(fault=struck).replace("; shed low priority when p95 > 5s", ""))
    assert bound(spec(fault=struck)) == plain + 10


def test_that_somebody_is_shed_is_no_amount_of_which_any_is_left() -> None:
    assert proved(spec(), "sheds/work->front").margin_share is None
