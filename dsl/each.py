"""Clauses that may be said once of each thing: of which thing one is, and what to say of a second one.

Invariant: two clauses of one form are of one thing iff their names and choices are the same, whatever their figures.
"""

from __future__ import annotations

from collections.abc import Mapping

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
