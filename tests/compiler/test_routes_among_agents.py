"""A choice among agents is refused where there are none to choose from, or none that it would find."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source

FLEET = """fleet f {{
  demand d {{ steady 10/s }}
  dependency db {{ latency p50 5ms, p99 20ms }}
  pool desk {{ serves d; agents 3 }}
  pool expert {{ agents 6{skills} }}
  call desk -> {callee} {{ {route} }}
}}
"""


@pytest.mark.parametrize(
    ("callee", "skills", "route", "said"),
    [
        ("expert", "", 'route by skill "x-skill"', ["route by skill", "pool expert"]),
        ("expert", "; skills billing, refunds", 'route by skill "x-skill"', []),
        ("expert", "", 'route by success per "x-task-type"', []),
        ("expert", "", "route by remaining capacity", []),
        ("db", "", 'route by success per "x-task-type"', ["route by success"]),
        ("db", "", "route by remaining capacity", ["route by remaining capacity"]),
        ("db", "", 'route by skill "x-skill"', ["route by skill"]),
        ("db", "", "route round robin", []),
    ],
)
def test_whether_agents_can_be_chosen(callee: str, skills: str, route: str, said: list[str]) -> None:
    text = FLEET.format(callee=callee, skills=skills, route=route)
    found = [one for one in judge(read(Source("f.fleet", text)), {}).diagnostics if one.code == "ST1018"]
    assert [label.span.text.split(' "')[0].split(" per")[0] for one in found for label in one.labels] == said


def test_the_header_of_a_task_s_type_must_be_one() -> None:
    text = FLEET.format(callee="expert", skills="", route='route by success per "x task"')
    (one, *_) = judge(read(Source("f.fleet", text)), {}).diagnostics
    assert one.code == "ST1104" and '"x task" cannot be the name of a header' in one.message
