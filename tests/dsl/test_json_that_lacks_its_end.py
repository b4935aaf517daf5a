"""A brace that JSON lacks is told where it is opened, by how the lines are indented, and not at the end of the file."""

from __future__ import annotations

import pytest

from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source

SPEC = """{
  "fleet": {
    "f": {
      "demand": {"d": {"steady": "1/s"}},
      "pool": {
        "p": {
          "serves": ["d"],
          "agents": 3
        }
      }
    }
  }
}
"""
assert parse_any(Source("f.json", SPEC))[1] == ()


@pytest.mark.parametrize(("missing", "line"), [(9, 6), (10, 5), (11, 3), (12, 2), (13, 1)])
def test_it_is_the_one_whose_end_is_missing(missing: int, line: int) -> None:
    lines = SPEC.splitlines()
    _, (one,) = parse_any(Source("f.json", "\n".join(lines[: missing - 1] + lines[missing:])))
    assert one.code == "ST0101" and "this `{` is never closed" in one.message
    assert (one.labels[0].span.line, one.labels[0].span.text) == (line, "{")


def test_between_two_values_a_comma_or_the_end_is_expected() -> None:
    _, (one,) = parse_any(Source("f.json", SPEC.replace('["d"],', '["d"]')))
    assert one.message == "this is not JSON: `,` or `}` is expected here"
    _, (one,) = parse_any(Source("f.json", SPEC.replace('["d"],', '["d" "e"],')))
    assert one.message == "this is not JSON: `,` or `]` is expected here"
