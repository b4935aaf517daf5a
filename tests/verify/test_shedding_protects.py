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


def spec(**values: str) -> str:
    usual = {
        "work": "high",
        "level": "low",
        "bound": "5s",
        "inner": "",
        "fault": f"{DELAY} 100ms at 9s for 10s",
    }
    return SPEC.format(**(usual | values))


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
    slow = spec(bound="3s", fault=f"{DELAY} 4s at 10s for 10s")
    proved(slow, "success/work")
    # For 10 s of the delay and the 10 s that an agent looks back, everything of low priority: 20 of 100 s.
    assert "at most 20 %" in proved(slow, "success/chores").margin


@pytest.mark.parametrize("fault", ["kill 5% of front at 10s", "hang 1 agent of front at 10s for 2s"])
def test_what_missing_agents_make_others_shed_is_unknown(fault: str) -> None:
    assert "is not modelled" in unknown(spec(fault=fault), "success/chores").reason
    assert "is not modelled" not in findings(spec(fault=fault))["success/work"].reason


def test_the_two_ways_of_shedding_are_not_counted_together() -> None:
    text = spec().replace(
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


def test_that_somebody_is_shed_is_no_amount_of_which_any_is_left() -> None:
    assert proved(spec(), "sheds/work->front").margin_share is None
