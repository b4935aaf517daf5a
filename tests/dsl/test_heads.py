"""A head is understood once and means the same wherever it stands; only its places are its own."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import assume, given
from hypothesis import strategies as st

from seatrial.compiler.pipeline import read
from seatrial.dsl.clauses import Clause, read_clauses
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.forms import ROOT, Form
from seatrial.dsl.heads import head_of, sound_head, values_of
from seatrial.dsl.parse import parse
from seatrial.dsl.phrases import Match, compiled, match, spoken
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Statement
from seatrial.dsl.values import Value

from .generated import clause as clauses_of
from .generated import specs

COMMENT = "# a line above\n"
ODD = ["->", "..", ",", "(", ")", "<", "name", "p99", "3", "20%", "x2", '"t"', "$n", "word", "B", "5s", "1/2"]
"""Items that no phrase, or another one, asks for."""


def _clauses(text: str) -> tuple[Clause, ...]:
    file, errors = parse(Source("t.fleet", text))
    assert file is not None
    assert not errors
    return read_clauses(file)[0]


def _values(clauses: tuple[Clause, ...]) -> Iterator[tuple[str, Value]]:
    for clause in clauses:
        rows = [row for group in clause.groups.values() for row in group]
        for values in (clause.values, *rows):
            yield from ((f"{clause.form.key} {name}", value) for name, value in values.items())
        yield from _values(clause.children)


@given(specs(reuse=False))
def test_what_is_read_a_second_time_differs_in_its_places_alone(text: str) -> None:
    first, second = list(_values(_clauses(text))), list(_values(_clauses(COMMENT + text)))
    assert [(name, one.text, one.amount, one.high) for name, one in first] == [
        (name, one.text, one.amount, one.high) for name, one in second
    ]
    for (_, one), (_, other) in zip(first, second, strict=True):
        assert other.span.start == one.span.start + len(COMMENT)
        assert (other.span.text, other.high_span is None) == (one.span.text, one.high_span is None)
        if one.high_span is not None and other.high_span is not None:
            assert other.high_span.text == one.high_span.text


def _with_a_block(form: Form) -> Iterator[Form]:
    if form.body:
        yield form
    for inner in form.body:
        yield from _with_a_block(inner)


@given(st.sampled_from(list(_with_a_block(ROOT))), st.data())
def test_what_is_understood_by_its_shape_is_what_the_phrase_and_the_kinds_say(
    parent: Form, data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from(parent.body))
    items = data.draw(clauses_of(form))[0].rstrip("{} ").split(" ")
    others = st.sampled_from([*spoken(compiled(form.phrase)), *ODD])
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(1, len(items)))
        items[at : at + data.draw(st.integers(0, 1))] = data.draw(st.lists(others, max_size=1))
    tree, errors = parse(Source("t.fleet", " ".join(items)))
    assume(tree is not None and not errors and len(tree.statements) == 1 and tree.statements[0].block is None)
    assert tree is not None
    [statement] = tree.statements
    expected = _by_its_phrase(parent, statement)
    by_words, by_items = head_of(parent, statement), sound_head(parent, statement.items)
    for found in (by_words, by_items):
        assert (None if found is None else (found.form, found.values, found.groups)) == expected


def _by_its_phrase(parent: Form, statement: Statement) -> object:
    for form in parent.by_opening.get(statement.word, ()):
        fitted = match(form.phrase, statement.items)
        if isinstance(fitted, Match):
            told: list[Diagnostic] = []
            values = values_of(form, fitted.values, told)
            groups = {name: tuple(values_of(form, row, told) for row in rows) for name, rows in fitted.groups.items()}
            return None if told else (form, values, groups)
    return None


def _agents(text: str) -> tuple[str, int, int]:
    clauses = read(Source("t.fleet", text)).clauses
    (agents,) = [value for name, value in _values(clauses) if name == "agents agents"]
    return agents.span.text, agents.span.start, agents.span.end


def test_a_calculation_with_a_name_twice_does_not_misplace_one_with_two_figures() -> None:
    named = 'fleet f "F" {\n  let x = 5\n  pool a { agents ($x + $x) }\n}\n'
    written = 'fleet f "F" {\n  pool a { agents (5 + 5) }\n}\n'
    assert _agents(named)[0] == "($x + $x)"
    assert _agents(written) == ("(5 + 5)", written.index("(5"), written.index(" }\n}"))


def test_the_same_head_in_two_pools_has_two_places() -> None:
    text = 'fleet f "F" {\n  pool a { agents 3..9 }\n  pool b { agents 3..9 }\n}\n'
    found = [value for name, value in _values(read(Source("t.fleet", text)).clauses) if name == "agents agents"]
    assert [one.span.start for one in found] == [text.index("3..9"), text.rindex("3..9")]
    assert [one.high_span.start for one in found if one.high_span is not None] == [
        text.index("9 }"),
        text.rindex("9 }"),
    ]


def test_a_slip_is_told_at_each_place() -> None:
    text = 'fleet f "F" {\n  pool a { agents 3s }\n  pool b { agents 3s }\n}\n'
    told = [one for one in read(Source("t.fleet", text)).diagnostics if one.code == "ST1102"]
    assert [one.labels[0].span.start for one in told] == [text.index("3s"), text.rindex("3s")]
