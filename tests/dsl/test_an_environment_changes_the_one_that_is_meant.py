"""Of several clauses with the same names the one is changed that says the same otherwise, and none is lost."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import Variant, read
from seatrial.dsl.clauses import Clause
from seatrial.dsl.source import Source

_FLEET = """fleet f {{
  pool p {{ agents 3; degrade to "short" above 90% busy {{ service mean 1ms }}
    degrade to "none" above 95% busy {{ service mean 1ms }} }}
  budget agents $9/day
  budget agents $90/month
  guarantee latency p95 < 1s
  guarantee latency p99 < 2s
  trial t {{ kill 1 agent of p at 10s; kill 1 agent of p at 30s }}
  environment e {{ {said} }}
}}"""


def _heads(text: str, variant: Variant) -> list[str]:
    """What the fleet says in the end, a clause a line."""
    reading = read(Source("main.fleet", text), variant=variant)
    assert not [one.message for one in reading.diagnostics if one.is_error]

    def told(clause: Clause) -> list[str]:
        return [clause.head.text, *(line for one in clause.children for line in told(one))]

    return [line for one in reading.clauses for line in told(one)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("budget agents $90/month", "budget agents $50/month"),
        ("guarantee latency p99 < 2s", "guarantee latency p99 < 5s"),
        ("kill 1 agent of p at 30s", "kill 2 agents of p at 30s"),
        ('degrade to "none" above 95% busy', 'degrade to "none" above 97% busy'),
    ],
)
def test_the_period_quantile_moment_or_text_tells_which(before: str, after: str) -> None:
    inside = {"kill": "trial t {{ {0} }}", "degrade": "pool p {{ {0} {{ service mean 1ms }} }}"}
    said = inside.get(after.split()[0], "{0}").format(after)
    there = _heads(_FLEET.format(said=said), Variant(None))
    assert _heads(_FLEET.format(said=said), Variant("e")) == [after if one == before else one for one in there]
    plain = _FLEET.format(said="")
    assert _heads(plain, Variant(None, changes=(said,))) == [after if one == before else one for one in there]


@pytest.mark.parametrize(
    "said",
    ["budget agents $1/hour", "guarantee latency p50 < 1s", "trial t { kill 2 agents of p at 20s }"],
)
def test_none_is_changed_where_it_is_not_said_which(said: str) -> None:
    (told,) = read(Source("main.fleet", _FLEET.format(said=said))).diagnostics
    assert told.code == "ST1043" and "declares 2 that" in told.message


def test_a_promise_is_not_left_out() -> None:
    text = "fleet f { guarantee latency p95 < 1s, p99 < 2s; environment e { guarantee latency p99 < 5s } }"
    (told,) = [one for one in read(Source("main.fleet", text)).diagnostics if one.code == "ST1043"]
    assert "leaves out p95" in told.message
