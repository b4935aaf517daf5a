"""Rendering: what is written reads back equal, and a string never turns into another type."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from seatrial.targets import emit_all
from seatrial.targets.base import Document
from seatrial.targets.render import from_events, render, to_yaml

from . import plans
from .emitted import CASES

TRAPS = [
    *("yes", "No", "on", "OFF", "y", "N", "true", "False", "null", "Null", "~", "", " ", "nan", ".nan", "inf", "-.inf"),
    *(
        "1_000",
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        "0x1F",
        "0o17",
        "017",
        "0b11",
        "1e3",
        "1E3",
        ".5",
        "+1",
        "1.",
        "12:30",
    ),
    *(
        "=",
        "<<",
        "- a",
        "a: b",
        "a #b",
        "#",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%d",
        "@x",
        "`x",
        "{",
        "[",
        "a\nb",
        "a\tb",
        "'",
        '"',
    ),
    *("128Mi", "100m", "2s", "*", ".", "caller--callee", "registry.example/triage:1.9", "\u2028", "\x85", "\U0001f680"),
]
NOT_PLAIN = re.compile(
    r"[+-]?[0-9.][0-9_.]*([eE][+-]?[0-9]+)?|0[xob][0-9a-fA-F_]+|y|n|yes|no|on|off|true|false|null|~", re.I
)

texts = st.one_of(st.sampled_from(TRAPS), st.text(st.characters(exclude_categories=["Cs"])), st.from_regex(NOT_PLAIN))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
bodies = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


def exactly(value: object) -> object:
    """The value with each scalar's type beside it: 1 == True == 1.0 in Python."""
    if isinstance(value, dict):
        return {key: exactly(one) for key, one in value.items()}
    if isinstance(value, list):
        return [exactly(one) for one in value]
    return type(value), value


@given(bodies)
def test_yaml_reads_back_equal(body: Any) -> None:
    assert exactly(yaml.safe_load(to_yaml(body))) == exactly(body)


@given(bodies)
def test_json_reads_back_equal(body: Any) -> None:
    assert exactly(json.loads(render(Document("x.json", body), plans.small()))) == exactly(body)


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_stays_a_string_as_value_and_as_key(text: str) -> None:
    assert yaml.safe_load(to_yaml({text: [text]})) == {text: [text]}


@given(st.from_regex(NOT_PLAIN, fullmatch=True))
def test_what_any_yaml_reader_could_take_for_another_type_is_quoted(text: str) -> None:
    assert to_yaml([text]).strip() == f'- "{text}"'


@given(bodies)
def test_our_blocks_are_those_of_libyaml(body: Any) -> None:
    """libyaml is the judge of the writer that is there for speed alone."""
    assert to_yaml({"a": body, "b": [body, {"c": body}]}) == from_events({"a": body, "b": [body, {"c": body}]})


@pytest.mark.parametrize("case", CASES)
def test_emitted_documents_are_written_as_libyaml_would(case: str) -> None:
    for document in emit_all(CASES[case]())[0]:
        if document.path.endswith(".yaml"):
            assert to_yaml(document.body) == from_events(document.body), document.path


@given(bodies)
def test_yaml_1_2_reads_it_back_equal(body: Any) -> None:
    reader = YAML(typ="safe", pure=True)
    assert exactly(reader.load(to_yaml({"a": body}))) == exactly({"a": body})


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=100)))
def test_both_writers_of_pyyaml_agree_on_the_bytes_of_ascii(texts: list[str]) -> None:
    """As keys too, but for an empty one and one over 128 characters, which libyaml writes behind a `?`."""
    body: Any = {"a": texts, "b": {text: {"c": 1.5, "d": []} for text in texts}}
    assert from_events(body) == from_events(body, writer=yaml.Dumper)
