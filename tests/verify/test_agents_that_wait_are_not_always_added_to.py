"""Calls without an answer: slots that an autoscaler would have to add count only where it sees who waits in one."""

from __future__ import annotations

import pytest

from .specs import proved, unknown

ID = "unanswered/x/p"


def spec(scaling: str, least: int = 3, skills: str = "") -> str:
    """5 requests/s wait for 10 s: 52 slots are wanted, of 408 at the most."""
    return f"""fleet f {{ demand d {{ steady 100/s }}
      dependency x {{ latency p50 10ms, p99 10ms }}
      pool p {{ serves d; agents {least}..51; {skills} scale on {scaling}
        each {{ concurrency 8; service mean 10ms, p99 10ms }} }}
      call p -> x {{ timeout 10s }}
      survive 5% of calls to x unanswered }}"""


@pytest.mark.parametrize("scaling", ["busy 60%", "in flight 7 per agent", "rate 5/s per agent"])
def test_who_waits_in_a_slot_is_seen(scaling: str) -> None:
    assert "52 of 408 slots" in proved(spec(scaling), ID).margin


@pytest.mark.parametrize(
    ("scaling", "why"),
    [
        ("rate 50/s per agent", "goes by the rate, not by who waits"),
        ("cpu 50%", "does not see who waits in a slot"),
        ("queue 2 per agent", "does not see who waits in a slot"),
        ("busy 95%", "leaves agents alone that have no slot left"),
        ("in flight 8 per agent", "leaves agents alone that have no slot left"),
    ],
)
def test_an_autoscaler_that_does_not_see_them_adds_nobody(scaling: str, why: str) -> None:
    said = unknown(spec(scaling), ID)
    assert why in said.reason and "7 agents of p at the minimum" in said.remedy
    proved(spec(scaling, least=7), ID)


def test_of_a_skill_too_few_may_be_there_while_all_agents_together_are_enough() -> None:
    # At 3 agents 21 of 24 slots are in use, and each skill has 8 of the 16 for its half.
    skills = "skills a 50%, b 50%;"
    assert "may be content with 3 agents" in unknown(spec("busy 80%", skills=skills), ID).reason
    proved(spec("busy 50%", least=4, skills=skills), ID)
