"""Clauses and rows of lists that may be said once of each thing: of which one is, and what to say of a second one.

Invariant: two clauses of one form are of one thing iff their names and choices are the same, whatever their figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .diagnostics import Diagnostic, Label, Severity
from .forms import Form
from .phrases import compiled, holes
from .source import Span
from .values import Value


def of_which(
    form: Form, values: Mapping[str, Value], groups: Mapping[str, tuple[Mapping[str, Value], ...]]
) -> tuple[str, ...]:
    """Its form, and the names and choices in it. `loss of 1 zone` and `loss of 2 zones` are of one kind."""
    kinds = {hole.field: hole for hole in holes(compiled(form.phrase))}
    said = [pair for row in (values, *(row for group in groups.values() for row in group)) for pair in row.items()]
    names = tuple(
        value.text.removesuffix("s") if kinds[field].choices else value.text
        for field, value in said
        if kinds[field].choices or kinds[field].kind == "name"
    )
    return (form.key, *names)


def told_again(second: Span, first: Span) -> Diagnostic:
    message = f"`{second.text}` says once more what another clause says, and one of them would count for nothing"
    labels = (Label(second, "again here"), Label(first, "first said here"))
    return Diagnostic("ST1003", Severity.ERROR, message, labels, help="keep one of them")


_ROWS_ARE_OF = {
    ("limit", "limits"): "what",
    ("latency", "points"): "quantile",
    ("share:weight", "weights"): "pool",
    ("weights", "levels"): "level",
    ("levels", "levels"): "name",
}
"""The list of a form -> what its rows are each of, where a second row of the same would take the first one's place."""


def rows_told_again(form: Form, groups: Mapping[str, tuple[Mapping[str, Value], ...]]) -> Iterator[Diagnostic]:
    """`limit 500 requests/min, 10 requests/s` limits requests twice, in whatever times it counts them."""
    for name, rows in groups.items():
        which = _ROWS_ARE_OF.get((form.key, name))
        first: dict[str, Mapping[str, Value]] = {}
        for row in rows:
            if which is None or which not in row:
                continue
            thing = row[which].text.partition("/")[0]
            before = first.setdefault(thing, row)
            if before is not row:
                message = f"`{form.opening}` says `{thing}` twice, and one of them would count for nothing"
                labels = (Label(_whole(row), "again here"), Label(_whole(before), "first said here"))
                yield Diagnostic("ST1003", Severity.ERROR, message, labels, help="keep one of them")


def _whole(row: Mapping[str, Value]) -> Span:
    spans = sorted((value.span for value in row.values()), key=lambda span: span.start)
    return spans[0].to(spans[-1])
