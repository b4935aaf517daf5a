"""Diagnostics -> text as a terminal shows it, in the manner of rustc.

Invariant: without a painter the text is plain ASCII art and the user's own characters, so that logs stay readable.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from .record import Diagnostic, Label

Painter = Callable[[str, str], str]
"""Colours a text in a role: error, warning, note, help, place, label."""


_LONGEST = 400
"""Characters of a line that are shown; a generated spec may be one line of millions."""


def plain(text: str, _role: str) -> str:
    return text


def render(diagnostic: Diagnostic, paint: Painter = plain) -> str:
    """One diagnostic with its source lines, without a final line end."""
    if diagnostic.allowed:
        return _allowed(diagnostic, paint)
    role = diagnostic.severity.value
    head = paint(f"{role}[{diagnostic.code}]", role) + paint(f": {printable(diagnostic.message)}", "message")
    lines = [head]
    gutter = max((len(str(label.span.line)) for label in diagnostic.labels), default=1)
    files = list(dict.fromkeys(label.span.source.path for label in diagnostic.labels))
    for number, path in enumerate(files):
        labels = [label for label in diagnostic.labels if label.span.source.path == path]
        arrow = "-->" if number == 0 else ":::"
        lines.append(" " * gutter + paint(f"{arrow} ", "place") + printable(str(labels[0].span)))
        lines.append(paint(" " * gutter + " |", "place"))
        lines.extend(_excerpt(labels, diagnostic.labels[0], gutter, role, paint))
    for note in diagnostic.notes:
        lines.append(
            _hanging(" " * gutter + paint(" = ", "place") + paint("note: ", "note"), printable(note), gutter + 9)
        )
    if diagnostic.help:
        lines.append(
            _hanging(
                " " * gutter + paint(" = ", "place") + paint("help: ", "help"), printable(diagnostic.help), gutter + 9
            )
        )
    return "\n".join(lines)


def _allowed(diagnostic: Diagnostic, paint: Painter) -> str:
    """In short, without the lines: someone has looked at it and answers for it."""
    head = paint(f"allowed[{diagnostic.code}]", "allowed") + f": {printable(diagnostic.message)}"
    places = [paint("  --> ", "place") + printable(str(label.span)) for label in diagnostic.labels[:1]]
    return "\n".join([head, *places, paint("   = ", "place") + f"because: {printable(diagnostic.allowed)}"])


def _hanging(head: str, text: str, indent: int) -> str:
    first, *rest = text.splitlines() or [""]
    return "\n".join([head + first, *(" " * indent + line for line in rest)])


def _excerpt(labels: Sequence[Label], primary: Label, gutter: int, role: str, paint: Painter) -> list[str]:
    """The lines that carry labels, in order, each label underlined on a line of its own."""
    out: list[str] = []
    previous: int | None = None
    shown = ""
    for label in sorted(labels, key=lambda one: (one.span.start, one is not primary)):
        line = label.span.line
        text, start = _window(label.span.source.line(line).expandtabs(1), label.span.column - 1)
        if previous is not None and line > previous + 1:
            out.append(paint("...", "place"))
        if line != previous or text != shown:
            out.append(paint(f"{line:>{gutter}} | ", "place") + printable(text))
        previous, shown = line, text
        length = max(1, min(label.span.end - label.span.start, len(text) - start))
        mark, mark_role = ("^", role) if label is primary else ("-", "label")
        pad = " " * _columns(text[:start])
        underline = mark * max(1, _columns(text[start : start + length]))
        told = f" {printable(label.text)}" if label.text else ""
        out.append(paint(" " * gutter + " | ", "place") + pad + paint(underline + told, mark_role))
    return out


def _window(text: str, at: int) -> tuple[str, int]:
    """A line, or what stands around a place in a long one, and where the place is in that."""
    if len(text) <= _LONGEST:
        return text, at
    first = max(0, min(at - _LONGEST // 4, len(text) - _LONGEST))
    before, after = "…" if first else "", "…" if first + _LONGEST < len(text) else ""
    return f"{before}{text[first : first + _LONGEST]}{after}", at - first + len(before)


def _columns(text: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def printable(text: str) -> str:
    """The text with its line ends, and without what steers a terminal or turns the order of its letters.

    Nothing that a file, its name or a string in it holds may move the cursor, colour the lines of others, or show a
    clause otherwise than it is read: control characters and those of Unicode's category Cf (bidirectional overrides,
    UAX 9) are shown as the replacement character.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
