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
