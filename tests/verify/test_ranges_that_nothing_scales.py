"""A range that nothing scales stays at its lower end: no more agents are counted, as none are compiled."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import Nature
from seatrial.compiler.verify.headroom import headroom

from .specs import core, fleet_of, proved, refuted

SPEC = """fleet f {{
  nodes n {{ count 1; zones 1; cpu 8; memory 8Gi; price $1/h }}
  budget agents ${dollars}/h
  dependency db {{ connections {limit}; memory {limit}Mi }}
  pool a {{
    agents 2..8
    each {{ cpu 2; memory 1Gi; concurrency 4; price $1/h; holds 10 connections to db; holds 10Mi of db
      links 1 per agent, at most {links} }}
  }}
}}"""


def _spec(limit: int = 40, dollars: int = 2, links: int = 3) -> str:
    return SPEC.format(limit=limit, dollars=dollars, links=links)


@pytest.mark.parametrize("id", ["connections/db", "memory/db", "links/a", "budget/agents/hour", "nodes/fit"])
def test_no_more_agents_are_counted_than_there_will_ever_be(id: str) -> None:
    # Two, and in a rolling update a third that starts and one that still leaves.
    proved(_spec(), id)


def test_one_less_is_refuted_by_the_lower_end() -> None:
    assert core(refuted(_spec(limit=39), "connections/db")) == {"2", "10", "39"}
    assert "2 agents" in refuted(_spec(dollars=1), "budget/agents/hour").witness


def test_no_more_can_be_lost_than_there_are() -> None:
    (lost,) = [one for one in headroom(fleet_of(_spec())) if one.axis == "agents of a lost"]
    assert lost.until == 1


SMALL = """{before}fleet f {{
  demand d {{ steady 90/s }}
  {template}pool p {like}{{ serves d; {agents}each {{ concurrency 1; service mean 60ms, p99 200ms }} }}
  {other}
}}"""


def _decided(before: str = "", template: str = "", like: str = "", agents: str = "", other: str = "") -> dict[str, str]:
    """What may be written for what, where it is decided, by the texts."""
    text = SMALL.format(before=before, template=template, like=like, agents=agents, other=other)
    repairs = refuted(text, "capacity/p/peak").repairs
    return {one.edits[0].old: one.edits[0].new for one in repairs if one.nature is Nature.POLICY}


@pytest.mark.parametrize(
    "written", [{"agents": "agents 2..3; "}, {"before": "let few = 2..3\n", "agents": "agents $few; "}]
)
def test_where_more_are_needed_than_its_upper_end_one_number_is_offered_for_the_range(written: dict[str, str]) -> None:
    assert _decided(**written)["2..3"] == "6"


def test_a_range_that_another_pool_is_scaled_in_is_not_made_one_number() -> None:
    scaled = "pool q like t { each { concurrency 1; service mean 60ms, p99 200ms }; scale on busy 60% }"
    assert not _decided(template="template t { agents 2..3 }\n  ", like="like t ", other=scaled)
    alone = scaled.replace("; scale on busy 60%", "")
    assert _decided(template="template t { agents 2..3 }\n  ", like="like t ", other=alone)["2..3"] == "6"


def test_an_end_that_stands_elsewhere_is_not_changed_with_the_range() -> None:
    assert not _decided(before="let few = 2\n", agents="agents $few..3; ")
