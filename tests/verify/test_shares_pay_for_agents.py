"""What an agent gets of a divided budget pays for it, also where others go first."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {{
  pool high {{ agents 5; priority high; each {{ price $1/h }} }}
  pool low {{ agents 5; priority low; each {{ price $1/h }} }}
  budget agents $500/day {{ {} }}
}}"""


def test_who_may_be_preempted_is_sure_of_its_floor_alone() -> None:
    proved(SPEC.format("share equally"), "division/agents/day/pays")
    least = unknown(SPEC.format("each agent at least $20; preempt lowest priority first"), "division/agents/day/pays")
    assert "an agent of low costs $24 a day and gets at least $20, as those of a higher" in least.reason
    nothing = unknown(SPEC.format("preempt lowest priority first"), "division/agents/day/pays")
    assert "low costs $24 a day and may get nothing" in nothing.reason
    floor = proved(SPEC.format("each agent at least $24; preempt lowest priority first"), "division/agents/day/pays")
    assert "gets at least $24" in floor.margin


def test_where_all_have_one_priority_nobody_goes_first() -> None:
    text = SPEC.format("each agent at least $20; preempt lowest priority first").replace(
        "priority low", "priority high"
    )
    proved(text, "division/agents/day/pays")
