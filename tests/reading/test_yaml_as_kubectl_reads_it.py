"""Any YAML that says plain data is read as that data; what no cluster would take is refused with its place."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seatrial.cli.refusal import Refused
from seatrial.cli.yaml_data import documents

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> object:
    (one,) = documents(text, "a.yaml")
    return one[0]


@given(DATA, st.booleans())
def test_what_pyyaml_writes_is_read_back(data: object, flow: bool) -> None:
    assert read(yaml.safe_dump(data, default_flow_style=flow)) == data


@given(DATA)
def test_json_is_yaml(data: object) -> None:
    # YAML 1.1 has no numbers such as 1e+16, and PyYAML no surrogates.
    text = json.dumps(data, ensure_ascii=False)
    if "e+" not in text and "e-" not in text and text.isprintable():
        assert read(text) == data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: 0.50", {"a": 0.5}),
        ("a: yes\nb: 'yes'", {"a": True, "b": "yes"}),
        ("a: 0o17\nb: 017", {"a": "0o17", "b": 15}),
        ("8080: a\ntrue: b\n~: c", {"8080": "a", "true": "b", "null": "c"}),
        ("a: =", {"a": "="}),
        ("base: &b {x: 1, y: 2}\nof: {<<: *b, y: 3}", {"base": {"x": 1, "y": 2}, "of": {"x": 1, "y": 3}}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("of: {<<: [{x: 1}, {x: 2, y: 2}]}", {"of": {"x": 1, "y": 2}}),
        ("a: !!str 12", {"a": "12"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
    ],
)
def test_odd_words_mean_what_a_cluster_takes_them_for(text: str, expected: object) -> None:
    found = read(text)
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)


def test_each_document_has_the_line_on_which_it_begins() -> None:
    found = list(documents("# Source: chart/a.yaml\na: 1\n---\n# nothing\n---\n\nb: 2\n", "a.yaml"))
    assert found == [({"a": 1}, 2), (None, 5), ({"b": 2}, 7)]


def test_no_two_places_share_a_part() -> None:
    found = read("a: &x {y: []}\nb: *x")
    assert isinstance(found, dict)
    found["a"]["y"].append(1)
    assert found["b"] == {"y": []}


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
MERGED_BOMB = "a0: &a0 {a: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\na: 2", "a.yaml:2:1", "`a` is said twice"),
        ("1: a\n'1': b", "a.yaml:2:1", "`1` is said twice"),
        ("a: &x [*x]", "a.yaml:1:4", "nested too deep"),
        ("[" * 500 + "]" * 500, "a.yaml:1:102", "nested too deep"),
        (BOMB, "a.yaml:", "its aliases unfold to more than 1,000,000 values"),
        (MERGED_BOMB, "a.yaml:", "its aliases unfold to more than 1,000,000 values"),
        ("a: *b", "a.yaml:1:4", "found undefined alias"),
        ("a: .inf", "a.yaml:1:4", "`.inf`"),
        ("a: !!bool maybe", "a.yaml:1:4", "`maybe`"),
        ("a: !!int x", "a.yaml:1:4", "`x`"),
        ("a: !!timestamp 2024-01-01", "a.yaml:1:4", "`2024-01-01`"),
        ("a: !!python/object:os.system x", "a.yaml:1:4", "is nothing that a cluster reads"),
        ("a: !!set {x}", "a.yaml:1:4", "is no tag that a cluster reads"),
        ("? [a, b]\n: 1", "a.yaml:1:3", "a key has to be a text"),
        ("a: {<<: 1}", "a.yaml:1:9", "`<<` takes mappings only"),
        ("a: b: c", "a.yaml:1:5", "mapping values are not allowed"),
        ("a:\n\t- b", "a.yaml:2:1", "found character that cannot start any token"),
        ("a: {{ .Values.x }}", "a.yaml:1:5", "helm template"),
    ],
)
def test_what_no_cluster_would_take_is_refused_with_its_place(text: str, place: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        list(documents(text, "a.yaml"))
    assert str(refused.value).startswith(place) and problem in str(refused.value)
