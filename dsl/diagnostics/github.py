"""Diagnostics -> workflow commands, which GitHub Actions shows beside the lines of a pull request.

Source: GitHub docs, "Workflow commands for GitHub Actions"; the escapes are those of actions/toolkit, command.ts.
Invariant: one command a line, whatever a spec's strings hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from .codes import CODES
from .paths import relative
from .record import Diagnostic, Severity
from .render import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(diagnostics: Sequence[Diagnostic]) -> str:
    """The commands, each with its line end. What a spec allows is a notice, or nothing where it was a warning only."""
    return "".join(_command(one) + "\n" for one in diagnostics if one.guarantee or not one.allowed)


def _command(one: Diagnostic) -> str:
    name = "notice" if one.allowed else _COMMANDS[one.severity]
    title = f"{one.code}: {CODES.get(one.code, one.code)}{' (allowed)' if one.allowed else ''}"
    properties = {**_place(one), "title": title}
    told = [one.message, *(f"note: {note}" for note in one.notes), *([f"help: {one.help}"] if one.help else [])]
    if one.allowed:
        told.append(f"allowed because {one.allowed}")
    shown = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {shown}::{_data(chr(10).join(told))}"


def _place(one: Diagnostic) -> dict[str, str]:
    """Columns only where the place is on one line: GitHub refuses them otherwise."""
    if not one.in_files:
        return {}
    span = one.in_files[0].span
    end_line, end_column = span.source.position(span.end)
    place = {"file": relative(span.source.path), "line": str(span.line), "endLine": str(end_line)}
    if end_line == span.line:
        place |= {"col": str(span.column), "endColumn": str(max(end_column, span.column + 1))}
    return place


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
