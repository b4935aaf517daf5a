"""In YAML a value that stands where clauses or names belong is told with what may stand there."""

from __future__ import annotations

import pytest

from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("fleet: x\n", "`fleet` is a mapping by names, not `x`", "write `fleet: {x: {…}}`"),
        ("fleet:\n  x:\n    pool: p\n", "`pool` is a mapping by names, not `p`", "write `pool: {p: {…}}`"),
        ("fleet:\n  x:\n    po\n", "`fleet x` is a mapping, not `po`", "what may stand in it: use, let, "),
        (
            "fleet:\n  x:\n    demand: {d: 5/s}\n",
            "`demand d` is a mapping, not `5/s`",
            "may stand in it: steady, peak,",
        ),
    ],
)
def test_a_value_alone(text: str, message: str, help_: str) -> None:
    _, (told,) = parse_any(Source("f.yaml", text))
    assert told.message == message and help_ in told.help
