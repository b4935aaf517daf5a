"""What people write in YAML out of habit is answered with what to write, in the file's own form."""

from __future__ import annotations

import pytest

from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source

SPEC = "fleet:\n  f:\n    demand:\n      d: {steady: %s}\n    pool:\n      p:\n        %s\n        drain: 30s\n"


@pytest.mark.parametrize(
    ("steady", "line", "help_"),
    [
        ("5/s", "agents: {min: 4, max: 16}", "write `agents: 10`, or a range: `2..10`"),
        ("5/s", "agents: [4, 16]", "write `agents: 10`, or a range: `2..10`"),
        ("5/s", "drain: {seconds: 30}", "write `drain: 30s`"),
        ("5/s", "replicas: 4", "did you mean `agents`?"),
        ("50 rps", "agents: 4", "write `50/s`"),
        ("5/s", "agents:4", "a blank belongs behind the `:` of a key"),
    ],
)
def test_it_is_told_what_to_write(steady: str, line: str, help_: str) -> None:
    text = (SPEC % (steady, line)).replace("        drain: 30s\n" if line.startswith("drain") else "\0", "")
    _, found = parse_any(Source("f.yaml", text))
    assert [one.help for one in found] == [help_]


@pytest.mark.parametrize(
    "lines", ["p: {agents:3}", "p:\n        {agents:3}", "p:\n        serves: d\n        {agents:3}"]
)
def test_a_blank_that_is_missing_in_braces_is_told_where_it_is(lines: str) -> None:
    text = f"fleet:\n  f:\n    demand:\n      d: {{steady: 5/s}}\n    pool:\n      {lines}\n"
    _, (one,) = parse_any(Source("f.yaml", text))
    assert one.help.startswith("a blank belongs behind the `:` of a key")
    assert one.labels[0].span.source.line(one.labels[0].span.line).strip().endswith("{agents:3}")
