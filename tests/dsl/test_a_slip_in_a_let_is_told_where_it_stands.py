"""A slip in the value of a let is told once; what uses the name is read as it was meant."""

from __future__ import annotations

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source

SPEC = """let n = {value}
fleet f {{
  demand d {{ steady 5/s }}
  dependency db {{ connections 100 }}
  pool p {{ serves d {{ timeout {timeout} }}; agents 3; each {{ service mean 10ms, p99 40ms; {holds} }} }}
}}
"""


def told(value: str, timeout: str = "1s", holds: str = "cpu 1") -> list[str]:
    text = SPEC.format(value=value, timeout=timeout, holds=holds)
    found = judge(read(Source("f.fleet", text)), {}).diagnostics
    return [f"{one.labels[0].span.text}: {one.help}" for one in found if one.is_error]


COUNTED = "agent: what is counted goes without saying: `1`"


def test_a_word_behind_a_count_is_told_once() -> None:
    assert told("1 agent", holds="holds $n connection to db") == [COUNTED]


def test_what_is_wrong_besides_is_told_at_its_own_place() -> None:
    first, second = told("1 agent", holds="holds $n to db")
    assert first == COUNTED and second.startswith("to: ") and "connection" in second


def test_what_to_write_has_nothing_of_the_slip_in_it() -> None:
    assert told("1 agent", timeout="$n") == ["1 agent: write 1s or 1ms", COUNTED]
