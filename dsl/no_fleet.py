"""A file without a fleet -> what to say of it."""

from __future__ import annotations

from .diagnostics import Diagnostic, Label, Severity
from .source import Source, Span
from .syntax import Statement


def of_a_cluster(place: Span) -> Diagnostic:
    """Of a manifest that is taken for a spec; `place` is that of its `apiVersion`."""
    return Diagnostic(
        "ST1001",
        Severity.ERROR,
        "this is a manifest for a cluster, and no spec",
        (Label(place, "not known here"),),
        help="`seatrial import` writes a spec from manifests; `seatrial diff` compares them with one",
    )


def of_a_part(first: Statement) -> Diagnostic:
    """Of clauses that stand in no fleet, the first of them among others."""
    return Diagnostic(
        "ST1002",
        Severity.ERROR,
        "no fleet is declared in this file: it is a part, for a fleet to use",
        (Label(first.head, "stands in no fleet"),),
        help='check the file that uses this one, or write `fleet NAME "Title" { … }` around it',
    )


def of_nothing(source: Source) -> Diagnostic:
    """Of a file that says nothing."""
    start = len(source.text) - len(source.text.lstrip())
    return Diagnostic(
        "ST1002",
        Severity.ERROR,
        "no fleet is declared in this file",
        (Label(Span(source, min(start, max(len(source.text) - 1, 0)), min(start + 1, len(source.text)))),),
        help='write `fleet NAME "Title" { … }`',
    )
