"""The JSON Schema of the other form: valid itself, as wide as the language, and as strict as the reader."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from seatrial.compiler.pipeline import judge
from seatrial.compiler.pipeline import read as read_spec
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.exchange.schema import schema, schema_text
from seatrial.dsl.exchange.shape import Body, Shape, root
from seatrial.dsl.forms import ROOT, walk
from seatrial.dsl.source import Source

from .generated import specs
from .test_exchange_round_trips import SLOW_TO_DRAW, SPECS

pytestmark = pytest.mark.long

ABOUT_VALUES = {"ST1101", "ST1102", "ST1103", "ST1104", "ST1105"}
"""What a pattern cannot say: the size of a value, the dimension of a calculation."""


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def document(text: str, notation: Notation) -> Any:
    file, errors = parse_any(Source("spec.fleet", text))
    assert file is not None and errors == ()
    written = write(file, notation)
    assert isinstance(written, str)
    return json.loads(written) if notation is Notation.JSON else yaml.safe_load(written)


def codes(data: object) -> set[str]:
    """What the reader says of a document, names that stand for nothing aside."""
    found = read_spec(Source("spec.json", json.dumps(data))).diagnostics
    return {one.code for one in found if one.is_error and "$peak" not in one.labels[0].span.text}


def test_the_schema_is_a_schema_and_always_the_same() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(schema_text()) == schema()
    assert schema_text() == schema_text()


def test_every_mapping_is_closed_and_every_clause_described() -> None:
    def walk_over(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert part.get("additionalProperties") is False or "propertyNames" in part
            for inner in part.values():
                walk_over(inner)
        elif isinstance(part, list):
            for inner in part:
                walk_over(inner)

    walk_over(schema())
    definitions = json.loads(schema_text())["$defs"]
    assert all(one["description"] for one in definitions.values())
    told = "\n".join(one["description"] for one in definitions.values())
    assert [form.key for _, form in walk(ROOT) if form.doc not in told] == []


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    text = schema_text()
    assert set(re.findall(r'"#/\$defs/([^"]+)"', text)) == set(json.loads(text)["$defs"])


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@pytest.mark.parametrize("notation", [Notation.YAML, Notation.JSON])
def test_shipped_specs_are_valid(path: Path, notation: Notation) -> None:
    data = document(path.read_text(encoding="utf-8"), notation)
    assert [one.message for one in validator().iter_errors(data)] == []


@given(specs())
@SLOW_TO_DRAW
def test_every_spec_is_valid(text: str) -> None:
    assert [one.message for one in validator().iter_errors(document(text, Notation.JSON))] == []


def test_no_two_clauses_of_a_block_share_key_and_fields() -> None:
    def look(body: Body) -> None:
        for key in body.keys.values():
            for number, one in enumerate(key.shapes):
                for other in key.shapes[number + 1 :]:
                    assert not set(one.row.required) <= other.allowed, (one.form.phrase, other.form.phrase)
                    assert not set(other.row.required) <= one.allowed, (one.form.phrase, other.form.phrase)
                look(one.body)

    look(root())


def test_no_field_hides_a_clause_of_the_block() -> None:
    def look(body: Body) -> None:
        for shape in (one for key in body.keys.values() for one in key.shapes):
            assert not set(shape.row.fields) & set(shape.body.keys), shape.form.phrase
            look(shape.body)

    look(root())


def test_keys_are_identifiers() -> None:
    def keys(shape: Shape) -> set[str]:
        return {shape.key, *shape.row.fields}.union(
            *(keys(one) for key in shape.body.keys.values() for one in key.shapes)
        )

    found = set().union(*(keys(one) for key in root().keys.values() for one in key.shapes))
    assert [key for key in sorted(found) if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", key)] == []


BROKEN: list[tuple[str, object]] = [
    ("a key that is not known", {"fleets": {}}),
    ("a clause that is not known", {"fleet": {"f": {"pools": {}}}}),
    ("a field that is not known", {"fleet": {"f": {"budget": [{"scope": "total", "dollars": "$5/day", "for": 1}]}}}),
    ("a field that is missing", {"fleet": {"f": {"budget": [{"scope": "total"}]}}}),
    ("a clause that must be said", {"fleet": {"f": {"pool": {"p": {"image": "x"}}}}}),
    ("a list where a mapping belongs", {"fleet": ["f"]}),
    ("a value where a mapping belongs", {"fleet": {"f": 5}}),
    ("a mapping where a value belongs", {"language": {"number": 1}}),
    ("a loop that repeats nothing", {"fleet": {"f": {"for": [{"variable": "n", "values": [1]}]}}}),
    ("a word where a number belongs", {"language": "one"}),
    ("a number where a text belongs", {"fleet": {"f": {"title": 5}}}),
    ("nothing", {"language": None}),
    ("a truth value", {"language": True}),
    ("a duration without a unit", {"fleet": {"f": {"pool": {"p": {"agents": 3, "drain": 5}}}}}),
    ("a duration in dollars", {"fleet": {"f": {"pool": {"p": {"agents": 3, "drain": "$5"}}}}}),
    ("a duration in parsecs", {"fleet": {"f": {"pool": {"p": {"agents": 3, "drain": "5pc"}}}}}),
    ("memory in seconds", {"fleet": {"f": {"pool": {"p": {"agents": 3, "each": {"memory": "5s"}}}}}}),
    ("a share above one", {"fleet": {"f": {"pool": {"p": {"agents": 3, "disrupt_at_most": 3}}}}}),
    ("part of an agent", {"fleet": {"f": {"pool": {"p": {"agents": 1.5}}}}}),
    ("less than nothing", {"fleet": {"f": {"pool": {"p": {"agents": -1}}}}}),
    ("a choice that there is not", {"fleet": {"f": {"pool": {"p": {"agents": 3, "priority": "urgent"}}}}}),
    ("a name that a cluster refuses", {"fleet": {"f": {"pool": {"P_1": {"agents": 3}}}}}),
    ("a flag that is not said", {"fleet": {"f": {"call": [{"caller": "a", "callee": "b", "route_random": False}]}}}),
    (
        "two of which only one may be said",
        {"fleet": {"f": {"pool": {"p": {"agents": 3, "scale_on_rate": "5/s", "scale_on_queue": 5}}}}},
    ),
    ("an empty list", {"fleet": {"f": {"guarantee_latency": [{"bounds": []}]}}}),
    ("no fleet by its name", {"fleet": {}}),
    ("no fleet in a list", {"fleet": []}),
    ("two fleets by their names", {"fleet": {"f": {}, "g": {}}}),
    ("two fleets in a list", {"fleet": [{"name": "f"}, {"name": "g"}]}),
    ("a demand for nothing", {"fleet": {"f": {"demand": {"d": {}}}}}),
    ("a demand for nothing in a list", {"fleet": {"f": {"demand": [{"name": "d"}]}}}),
    ("a demand with a peak alone", {"fleet": {"f": {"demand": {"d": {"peak": "5/s"}}}}}),
    ("an auction of no kind", {"fleet": {"f": {"auction": {"a": {"deadline": "5m"}}}}}),
    ("security of nothing", {"fleet": {"f": {"secure": {}}}}),
    ("a crisis that nobody sees", {"fleet": {"f": {"crisis": {"c": {"at_once": ["shed low"]}}}}}),
    ("a crisis in which nothing is done", {"fleet": {"f": {"crisis": {"c": {"when_queue": 9}}}}}),
    ("words behind a value", {"fleet": {"f": {"pool": {"p": {"agents": 3, "health_every": "2s { fails after 2 }"}}}}}),
]


@pytest.mark.parametrize("data", [data for _, data in BROKEN], ids=[name for name, _ in BROKEN])
def test_what_is_broken_is_refused_by_the_schema_and_by_the_reader(data: object) -> None:
    assert not validator().is_valid(data)
    checked = judge(read_spec(Source("spec.json", json.dumps(data))), {})
    assert any(one.is_error for one in checked.diagnostics)


def test_an_environment_says_of_a_demand_only_what_is_different_there() -> None:
    fleet = {
        "demand": {"d": {"steady": "5/s", "peak": "7/s"}},
        "environment": {"e": {"demand": {"d": {"peak": "9/s"}}}},
    }
    assert validator().is_valid({"fleet": {"f": fleet}}) and not codes({"fleet": {"f": fleet}})


def test_a_version_that_there_is_not_is_refused() -> None:
    # The reader takes it for a number; which versions there are is asked when files are laid together.
    assert [validator().is_valid({"language": version}) for version in (1, "1", 2, 0)] == [True, True, False, False]


@given(specs(reuse=False), st.data())
@settings(SLOW_TO_DRAW, max_examples=200)
def test_what_the_schema_accepts_can_be_read(text: str, data: st.DataObject) -> None:
    changed = document(text, Notation.JSON)
    for _ in range(data.draw(st.integers(1, 4))):
        changed = _changed(changed, data)
    if validator().is_valid(changed):
        found = codes(changed) - ABOUT_VALUES
        # A template that there is not cannot say what the pool leaves to it.
        assert found - {"ST1011", "ST1002"} == set() if "ST1011" in found else found == set()


def _changed(document: Any, data: st.DataObject) -> Any:
    """A document with one value in it left out, or put in the place of another."""
    out = copy.deepcopy(document)
    places = list(_places(out))
    if not places:
        return out
    owner, key = data.draw(st.sampled_from(places))
    others = [other[name] for other, name in places]
    strange = ["5s", "20%", 7, 0.5, True, "name", "2..9", "$5/h", "$peak", "(2 * 3)", "p95", {}, []]
    if data.draw(st.booleans()):
        owner[key] = copy.deepcopy(data.draw(st.sampled_from([*others, *strange])))
    else:
        del owner[key]
    return out


def _places(part: Any) -> Any:
    if isinstance(part, dict):
        for key in part:
            yield part, key
            yield from _places(part[key])
    elif isinstance(part, list):
        for number in range(len(part)):
            yield part, number
            yield from _places(part[number])
