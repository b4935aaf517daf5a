"""YAML and JSON that somebody wrote: read as it stands, and what is wrong told at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.pipeline import Reading
from seatrial.compiler.pipeline import read as read_spec
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, notation_of, parse_any, write
from seatrial.dsl.exchange.tree import Scalar, Style
from seatrial.dsl.exchange.words import items_of
from seatrial.dsl.parse import MAX_ERRORS, parse
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import File

SPECS = Path(__file__).parents[2] / "specs"


def told(text: str, notation: str = "yaml") -> list[tuple[str, str]]:
    """The code of each error and the text at its place."""
    reading = read_spec(Source(f"spec.{notation}", text))
    return [(one.code, one.labels[0].span.text) for one in reading.diagnostics]


def desk(inner: str) -> str:
    """A desk in one pool, which `inner` says more of."""
    return "fleet: {desk: {demand: {d: {steady: 5/s}}, pool: {p: {serves: d, " + inner + "}}}}"


def test_the_ending_of_a_name_tells_the_notation() -> None:
    endings = {"a.fleet": "fleet", "a.yaml": "yaml", "a.YML": "yaml", "b/a.json": "json", "-": "fleet", "a": "fleet"}
    assert {path: notation_of(path).value for path in endings} == endings


def test_a_value_has_its_place_in_the_document() -> None:
    for quote in ("", '"', "'"):
        reading = read_spec(Source("spec.yaml", desk(f"agents: {quote}40..120{quote}")))
        (agents,) = reading.clauses[0].all("pool")[0].all("agents")
        value = agents.values["agents"]
        assert (value.span.text, value.high_span.text if value.high_span else "") == ("40", "120")


def test_values_are_what_was_written() -> None:
    """No number, truth value or date is made of them: YAML 1.1 would read 8, True, 61 and a day here."""
    reading = read_spec(Source("spec.yaml", desk("agents: 010, image: yes, run: 1:01, drain: 1_000s")))
    assert reading.diagnostics == ()
    pool = {one.form.key: one for one in reading.clauses[0].all("pool")[0].children}
    assert pool["agents"].values["agents"].amount == 10
    assert pool["image"].values["image"].text == "yes"
    assert pool["run"].values["command"].text == "1:01"
    assert pool["drain"].values["time"].amount == 1000


@pytest.mark.parametrize(("written", "amount"), [("1.2e1", 12), ("12.0", 12), ("1e3", 1000), ("1E+2", 100)])
def test_numbers_of_machines_are_exact(written: str, amount: int) -> None:
    text = json.dumps({"fleet": {"desk": {"pool": {"p": {"agents": "@"}}}}}).replace('"@"', written)
    reading = read_spec(Source("spec.json", text))
    assert reading.clauses[0].all("pool")[0].children[0].values["agents"].amount == amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # no document
        ("fleet: {a: [}", [("ST0101", "}")]),
        ("fleet:\n\tdesk: {}", [("ST0101", "\t")]),
        ("fleet: \x07", [("ST0101", "\x07")]),
        ("- fleet", [("ST0104", "- fleet")]),
        ("5", [("ST0104", "5")]),
        ("a: " + "[" * 70 + "]" * 70, [("ST0004", "[")]),
        # what is not read
        ("language: &x 1", [("ST0102", "&x 1")]),
        ("language: !!int 1", [("ST0102", "!!int 1")]),
        ("fleet: {<<: {a: {}}}", [("ST0102", "<<")]),
        ("? [a]\n: 1", [("ST0102", "[a]")]),
        ("language: 1\n---\nlanguage: 1", [("ST0102", "---")]),
        # keys
        ("language: 1\nlanguage: 2", [("ST0103", "language")]),
        (desk("agents: 3, agnets: 4"), [("ST1001", "agnets")]),
        (desk("agnets: 4"), [("ST1001", "agnets")]),
        (desk("agents: 3, zzz: 4"), [("ST1001", "zzz")]),
        (desk("agents: {agents: 3, most: 4}"), [("ST1001", "most")]),
        (desk("agents: 3, on: [{nodes: a, x: 1}]"), [("ST1001", "x")]),
        # shapes
        (desk("agents: [3]"), [("ST0104", "[3]")]),
        (desk("agents: "), [("ST0104", "")]),
        (desk("agents: null"), [("ST0104", "null")]),
        (desk("agents: 3, each: 4"), [("ST0104", "4")]),
        (desk("agents: 3, on: a"), [("ST0104", "a")]),
        (desk("agents: 3, on: []"), [("ST0104", "[]")]),
        (desk("agents: {agents: {}}"), [("ST0104", "{}")]),
        (desk("agents: 3, scale_on: {signal: busy}"), [("ST1002", "scale_on")]),
        (desk("agents: 3, image: ~"), [("ST0104", "~")]),
        ("fleet: desk", [("ST0104", "desk")]),
        # values
        (desk("agents: many"), [("ST1004", "many")]),
        (desk("agents: 3, drain: 5 days"), [("ST1004", "5 days")]),
        (desk("agents: 3, priority: urgent"), [("ST1004", "urgent")]),
        (desk("agents: 3, drain: 5"), [("ST1101", "5")]),
        (desk("agents: 3, drain: $5"), [("ST1102", "$5")]),
        (desk("agents: 120..40"), [("ST1104", "120..40")]),
        # a value cannot bring other words along
        (desk("agents: 3, health_every: 2s for 10m"), [("ST1004", "2s for 10m")]),
        (desk('agents: 3, health_every: "2s }"'), [("ST1004", '"2s }"')]),
        (desk('agents: 3, health_every: "2s # or so"'), [("ST1004", '"2s # or so"')]),
        # said twice, left out
        ("fleet: {f: {demand: {d: {}}, pool: {p: {}}}}", [("ST1002", "p")]),
        (desk("agents: 3, scale_on: {signal: cpu, share: 5%}, scale_on_rate: 5/s"), [("ST1003", "scale_on_rate: 5/s")]),
    ],
)
def test_each_mistake_is_told_once_at_its_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"language": 1', [("ST0101", "{")]),
        ('{"language": 1,}', [("ST0101", "}")]),
        ('{"language": 01}', [("ST0101", "0")]),
        ("{'language': 1}", [("ST0101", "'")]),
        ('{"language": 1} x', [("ST0101", "x")]),
        ('{"language": "\\x"}', [("ST0101", '"')]),
        ('{"fleet": {"\\ud800": {}}}', [("ST0101", '"')]),
        ('{"language": 1, "language": 2}', [("ST0103", '"language"')]),
        ("[" * 70, [("ST0004", "[")]),
        ('{"language": true}', [("ST1004", "true")]),
        ('{"fleet": {"f": {"title": 5}}}', [("ST1004", "5")]),
        ('{"fleet": {"f": {"title": null}}}', [("ST0104", "null")]),
        ('{"language": -5}', [("ST1004", "-5")]),
        ('{"fleet": {"f": {"use": [5]}}}', [("ST1004", "5")]),
    ],
)
def test_each_mistake_in_json_is_told_once_at_its_place(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text, "json") == expected


def test_aliases_cannot_blow_a_document_up() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert {code for code, _ in told("\n".join(lines))} == {"ST0102"}


def test_another_kind_of_document_is_given_up_soon() -> None:
    assert len(told("\n".join(f"key{number}: 1" for number in range(1000)))) == MAX_ERRORS


def test_json_may_be_indented_with_tabs_and_name_its_schema() -> None:
    text = '{\n\t"$schema": "./seatrial.schema.json",\n\t"language":1\n}'
    assert [code for code, _ in told(text, "json")] == []


def test_an_unknown_key_names_the_one_that_was_probably_meant() -> None:
    reading = read_spec(Source("spec.yaml", desk("agents: 3, break-after: 3, helth_every: 2s")))
    assert [one.help for one in reading.diagnostics][1:] == ["did you mean `health_every`?"]


def test_a_comment_allows_what_is_found_where_it_stands() -> None:
    text = "fleet:\n  f:\n    # seatrial: allow ST2401 because it is measured\n    guarantee_latency: {bounds: []}\n"
    file, _ = parse_any(Source("spec.yaml", text))
    assert file is not None
    assert [one.text for one in file.comments] == ["# seatrial: allow ST2401 because it is measured"]


def test_a_hash_in_quotes_is_no_comment() -> None:
    text = "fleet: {f: {title: \"a # b\", pool: {p: {agents: 3, image: 'c # d', run: e#f}}}} # g\n"
    file, errors = parse_any(Source("spec.yaml", text))
    assert file is not None and errors == ()
    assert [one.text for one in file.comments] == ["# g"]


@given(st.text(max_size=60) | st.text(st.sampled_from("ab: -\n{}[],\"'#&*!|>?%@`~01.\\\t$"), max_size=60))
@example("\ufefflanguage: 1")
@example("a: !<")
@example("? ? ?")
@example("%YAML 9.9\n---\na")
@example("&a [*a]")
@example("a: |\n  # no comment\n  b")
@settings(deadline=None)
def test_no_text_breaks_the_readers(text: str) -> None:
    for notation in ("yaml", "json"):
        reading = read_spec(Source(f"spec.{notation}", text))
        _inside(reading, text)


@given(st.data())
@settings(deadline=None)
def test_no_change_to_a_document_breaks_the_readers(data: st.DataObject) -> None:
    notation = data.draw(st.sampled_from([Notation.YAML, Notation.JSON]))
    text = _support(notation)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 8)))
        text = text[:start] + data.draw(st.text(st.sampled_from('ab: -\n{}[],"#&*!15$'), max_size=4)) + text[end:]
    _inside(read_spec(Source(f"spec.{notation}", text)), text)


def _support(notation: Notation) -> str:
    path = SPECS / "support.fleet"
    file, _ = parse_any(Source("spec.fleet", path.read_text(encoding="utf-8")))
    assert file is not None
    text = write(file, notation)
    assert isinstance(text, str)
    return text


def _inside(reading: Reading, text: str) -> None:
    def holds(span: Span) -> bool:
        return span.source.path != reading.source.path or 0 <= span.start <= span.end <= len(text)

    assert all(holds(label.span) for one in reading.diagnostics for label in one.labels)
    if reading.file is not None:
        assert all(holds(statement.span) for statement in reading.file.statements)


@given(st.text(st.sampled_from('abx019$%/._-()+*<>=| "'), max_size=12))
def test_a_value_has_the_items_that_the_parser_makes_of_it(text: str) -> None:
    parsed, errors = parse(Source("spec.fleet", f"_ {text}"))
    scalar = Scalar(text, Span(Source("spec.yaml", text), 0, len(text)), Style.PLAIN, 0)
    items = items_of(scalar)
    if errors or not text.strip():
        assert items is None or not text.strip()
        return
    assert isinstance(parsed, File) and items is not None
    assert [(one.kind, one.text) for one in items] == [(one.kind, one.text) for one in parsed.statements[0].items[1:]]
    assert all(one.span.text == one.text for one in items)


def test_diagnostics_are_the_same_in_both_forms() -> None:
    """What is wrong with a spec does not depend on how it is written."""
    text = "fleet f { demand d { steady 5 }; pool p { serves d; agents 3..2; each { cpu 5s }; priority 1.5; drain $4 }}"
    first = read_spec(Source("spec.fleet", text))
    file, _ = parse_any(Source("spec.fleet", text))
    assert file is not None
    other = write(file, Notation.YAML)
    assert isinstance(other, str)
    second = read_spec(Source("spec.yaml", other))

    def messages(found: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
        return sorted((one.code, one.message) for one in found)

    assert messages(first.diagnostics) == messages(second.diagnostics)
    assert len(first.diagnostics) == 5
