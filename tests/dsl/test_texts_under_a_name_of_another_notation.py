"""A text whose name tells another notation is told of once, and nothing is made of it."""

from __future__ import annotations

import pytest

from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source

YAML = "# A desk.\nlanguage: 1\nfleet:\n  desk:\n    demand:\n      d: {steady: 5/s}\n"
JSON = '{"fleet": {"desk": {"demand": {"d": {"steady": "5/s"}}}}}'
FLEET = '# A desk.\nlanguage 1\nfleet desk "A desk" {\n  demand d { steady 5/s }\n}\n'


@pytest.mark.parametrize(
    ("name", "text", "message", "help_"),
    [
        ("a/desk.fleet", YAML, "this is YAML, and no .fleet text", "call it `desk.yaml`"),
        ("desk.fleet", JSON, "this is JSON, and no .fleet text", "call it `desk.json`"),
        ("desk.fleet", "fleet: {desk: {demand: {d: {steady: 5/s}}}}", "this is YAML, and", "call it `desk.yaml`"),
        ("<stdin>", YAML, "this is YAML, and no .fleet text", "`--stdin-filename spec.yaml`"),
        ("<change 1>", "pool: {a: {agents: 3}}", "this is YAML, and no .fleet text", "as the language says it"),
        ("desk.yaml", FLEET, "this is a .fleet text, and no YAML", "call it `desk.fleet`"),
        ("desk.json", FLEET, "this is a .fleet text, and no JSON", "call it `desk.fleet`"),
    ],
)
def test_it_is_told_once(name: str, text: str, message: str, help_: str) -> None:
    file, found = parse_any(Source(name, text))
    assert file is None
    assert [one.message for one in found if message in one.message] == [one.message for one in found]
    assert len(found) == 1 and help_ in found[0].help


@pytest.mark.parametrize(
    "text", ["fleet: desk { demand d { steady 5/s } }", "fleet desk: {\n}", "agents: 3\n", "pool p {\n agents: 3\n}"]
)
def test_a_colon_too_many_does_not_make_it_yaml(text: str) -> None:
    assert parse_any(Source("t.fleet", text))[0] is not None
