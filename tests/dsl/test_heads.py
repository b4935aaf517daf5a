"""A head is understood once and means the same wherever it stands; only its places are its own."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given

from seatrial.compiler.pipeline import read
from seatrial.dsl.clauses import Clause, read_clauses
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.values import Value

from .generated import specs

COMMENT = "# a line above\n"


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
