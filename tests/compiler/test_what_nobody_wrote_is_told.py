"""Each form that may be left out is told of where it is left out, with a source, and not where it is written."""

from __future__ import annotations

import pytest

from seatrial.compiler.filled import filled_in
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source

FLEET = """
fleet f {{
  demand d {{ steady 5/s; {demand} }}
  dependency llm {{ latency p50 1s, p99 4s; limit 100_000 tokens/min }}
  pool p {{
    serves d {{ timeout 5s; {retry} }}
    agents 3
    {pool}
    each {{ service mean 20ms, p99 50ms }}
  }}
  call p -> llm 1 per request {{ tokens 60; timeout 5s }}
  queue work {{ feeds p; {queue} }}
  budget tokens $50/day {{ each agent $1..$20; {share} }}
  quota tokens 100_000/min of llm {{ tenant gold {{ {tenant} }}; tenant silver {{ priority low }}; {charge} }}
  {guarantee}
}}
"""
LEFT_OUT = {
    "demand": ("priority normal", "demand d"),
    "pool": ("priority normal", "pool p"),
    "tenant": ("priority normal", "tenant gold"),
    "queue": ("order arrival", "queue work"),
    "share": ("share equally", "budget tokens $50/day"),
    "charge": ("charge before the call", "quota tokens 100_000/min of llm"),
    "guarantee": ("guarantee amplification < 10", "fleet f"),
    "retry": ("retry 0", "serves d"),
}
ALL = {name: written for name, (written, _) in LEFT_OUT.items()} | {"retry": "retry 1"}


def _told(without: str) -> set[tuple[str, str]]:
    reading = read(Source("f.fleet", FLEET.format_map({**ALL, without: ""})))
    fleet, errors = resolve(reading.clauses, {})
    wrong = [one.message for one in (*reading.diagnostics, *errors) if one.is_error]
    assert fleet is not None and not wrong, wrong
    filled = filled_in(fleet)
    assert all(one.source for one in filled)
    return {(one.written, one.owner) for one in filled}


@pytest.mark.parametrize("form", LEFT_OUT)
def test_it_is_told_where_it_is_left_out_alone(form: str) -> None:
    assert LEFT_OUT[form] in _told(form)
    assert LEFT_OUT[form] not in _told("")


def test_where_nothing_is_retried_no_amplification_is_bounded() -> None:
    reading = read(Source("f.fleet", FLEET.format_map({**ALL, "retry": "", "guarantee": ""})))
    fleet, _ = resolve(reading.clauses, {})
    assert fleet is not None
    assert not any("amplification" in one.written for one in filled_in(fleet))
