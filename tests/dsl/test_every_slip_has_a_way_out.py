"""What is wrong in a value is told with what to write instead, and told once."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import read
from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source

JSON = [
    ('{"a": Infinity}', "write a number in digits"),
    ('{"a": -NaN}', "write a number in digits"),
    ('{"a": None}', "leave the key out"),
    ('{"a": True}', "JSON writes it `true`"),
    ('{"a": 10m}', 'write it in quotes: "10m"'),
    ('{"a": $0.50/h}', 'write it in quotes: "$0.50/h"'),
    ('{"a": +5}', 'write it in quotes: "5"'),
    ('{a: 5}', 'write it in quotes: "a"'),
    ('{"a": }', "write a value behind the `:`, or leave the key out"),
    ('{"a": 5,}', "is the comma before it one too many?"),
    ('{"a": "\\ud83d"}', "write the other half too"),
    ("[]", "put the fleet under the key `fleet`"),
    ('{"fleet": {"f": {"pool": {"p": {"agents": 1e400}}}}}', "write it out in digits"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "help_"), JSON)
def test_in_json(text: str, help_: str) -> None:
    _, found = parse_any(Source("f.json", text))
    assert len(found) == 1 and help_ in found[0].help


def test_in_a_calculation() -> None:
    (told,) = read(Source("f.fleet", "fleet f {\n  pool p { agents (6 / 0) }\n}\n")).diagnostics
    assert told.message == "division by zero" and "divide by something else" in told.help


@pytest.mark.parametrize(
    "clause",
    [
        "demand: {d: *a}",
        "guarantee_latency: *a",
        "guarantee_latency: [*a]",
        "guarantee_latency: [{bounds: *a}]",
        "guarantee_latency: [{bounds: [*a]}]",
        "budget: *a",
        "pool: {p: {agents: *a}}",
        "pool: {p: {agents: 3, disrupt_at_most: *a}}",
        "pool: *a",
    ],
)
def test_an_alias_is_told_once(clause: str) -> None:
    # What it stands for is not read, so nothing can be said of where it stands.
    _, found = parse_any(Source("f.yaml", f"fleet:\n  f:\n    {clause}\n"))
    assert [one.message for one in found] == ["the alias `*a` is not read"]
