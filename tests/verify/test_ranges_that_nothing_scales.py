"""A range that nothing scales stays at its lower end: no more agents are counted, as none are compiled."""

from __future__ import annotations

import pytest

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
