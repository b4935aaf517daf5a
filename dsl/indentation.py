"""Braces that were forgotten, or begin a line -> the text with them where they belong, and what to say of each.

Without this, one forgotten brace would make everything behind it a clause of the wrong block. Invariant: every
character that means something keeps its place, since only blanks, line ends and comments are written over; a text whose
braces pair and stand behind their statements comes out as it went in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from .diagnostics import Diagnostic, Fix, Label, Severity
from .source import LINE_END, Source, Span

_STRING = r'"(?:[^"\\\n\r]|\\[^\n\r])*"'
BRACES = re.compile(_STRING + r"|#[^\n\r]*|[{}]")
_COMMENT_OR_STRING = re.compile(_STRING + r"|(#)")
_BELOW = re.compile(_STRING + r"|#[^\n\r]*|([ \t]*[\r\n]\s*)\{")
_MOST = 64
"""Braces that are put back in one text; where more are missing it is no slip any more."""


@dataclass(frozen=True, slots=True)
class _Line:
    """`start` and `end` of what is said on a line: without indentation, separators, comment and line end."""

    start: int
    end: int
    indent: int


def paired(source: Source, found: list[Diagnostic]) -> str:
    """The text with each brace where it belongs; what was moved or put in is told of in `found`."""
    return _closed(source, _opened(source, _lifted(source, found), found), found)


def still_open(text: str) -> tuple[int, ...]:
    """The places of the braces that are never closed, the outermost first."""
    return tuple(opened for opened, _ in _brackets(text)[0])


def unclosed(source: Source, opened: tuple[int, ...]) -> Diagnostic:
    """What to say of braces that are still open, the outermost first, where the text ends."""
    end = len(source.text.rstrip())
    last_line = source.line_start(end)
    missing = "".join(
        " }" if one >= last_line else f"\n{' ' * _indent(source.text[source.line_start(one) : one])}}}"
        for one in reversed(opened)
    )
    more = len(opened) - 1
    around = f" and {more} more around it are" if more else " is"
    count = "a" if not more else str(more + 1)
    return Diagnostic(
        "ST0003",
        Severity.ERROR,
        f"this `{{`{around} never closed",
        (
            Label(Span(source, opened[-1], opened[-1] + 1), "opened here"),
            *(Label(Span(source, one, one + 1), "opened here") for one in reversed(opened[:-1][-3:])),
            Label(Span(source, end, end), f"{count} `}}` {'is' if not more else 'are'} missing here"),
        ),
        help=f"add {count} `}}` where the block{'s end' if more else ' ends'}",
        fixes=(Fix(Span(source, end, end), missing, f"add {count} `}}` at the end of the text"),),
    )


def _lifted(source: Source, found: list[Diagnostic]) -> str:
    """The text with each `{` that begins a line joined to the statement above it."""
    text = source.text
    comment = -1
    for match in _BELOW.finditer(source.text):
        start, end = match.span(1)
        if start < 0:
            comment = match.end() if match.group()[0] == "#" else comment
            continue
        if start in (0, comment) or source.text[start - 1] in "{};,":
            continue
        found.append(
            Diagnostic(
                "ST0001",
                Severity.ERROR,
                "a `{` cannot begin a line",
                (Label(Span(source, end, end + 1)), Label(Span(source, start, start), "the statement ends here")),
                help="put it behind the statement that it belongs to",
                fixes=(Fix(Span(source, start, end), " ", "put the `{` at the end of the line above"),),
            )
        )
        text = text[:start] + " " * (end - start) + text[end:]
        if len(found) >= _MOST:
            break
    return text


def _opened(source: Source, text: str, found: list[Diagnostic]) -> str:
    """The text with a `{` behind lines that the next one is indented under, as many as there are `}` too many."""
    for line in islice(_headless(text), min(_surplus(text), _MOST)):
        said = " ".join(text[line.start : line.end].split())
        found.append(
            Diagnostic(
                "ST0003",
                Severity.ERROR,
                f"the block of `{said if len(said) <= 40 else said[:39] + '…'}` is never opened",
                (Label(Span(source, line.end, line.end), "a `{` is missing here"),),
                help="what stands below is indented as its block: add a `{`",
                fixes=(Fix(Span(source, line.end, line.end), " {", "add a `{` at the end of the line"),),
            )
        )
        text = text[: line.end] + "{" + text[line.end + 1 :]
    return text


def _surplus(text: str) -> int:
    """How many `}` close nothing."""
    depth = least = 0
    for match in BRACES.finditer(text):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        least = min(least, depth)
    return -least


def _headless(text: str) -> Iterator[_Line]:
    """The statements that the next line is indented under though they open no block."""
    before: _Line | None = None
    for line in _said(text):
        # Where nothing stands between the head and its comment, there is no room for a brace.
        if before is not None and line.indent > before.indent and text[before.end] in " \t\r\n":
            yield before
        # A statement that a comma carries over is indented too.
        opens = text[line.end - 1] in "{}," or not text[line.start].isalpha()
        before = None if opens else line


def _closed(source: Source, text: str, found: list[Diagnostic]) -> str:
    """The text with a `}` before each line that is indented no deeper than the line that opened its block."""
    for _ in range(_MOST):
        still_open, suspects = _brackets(text)
        if not still_open or not suspects:
            break
        opened, before, line = suspects[0]
        room = line.start - before
        if line.indent < 2 or room <= len(opened):
            # In a text that is not indented, where a line begins says nothing.
            break
        for one in opened:
            indent = " " * _indent(text[source.line_start(one) : one])
            end = len(source.text[: source.line_start(line.start)].rstrip("\r\n"))
            found.append(
                Diagnostic(
                    "ST0003",
                    Severity.ERROR,
                    "this `{` is never closed",
                    (
                        Label(Span(source, one, one + 1), "opened here"),
                        Label(Span(source, end, end), "a `}` is missing here"),
                    ),
                    help="add a `}` where the block ends",
                    fixes=(Fix(Span(source, end, end), f"\n{indent}}}", "add a `}` on a line of its own"),),
                )
            )
        braces = "}" * len(opened) + ";"
        text = text[:before] + braces.ljust(room) + text[line.start :]
    return text


def _brackets(text: str) -> tuple[list[tuple[int, int]], list[tuple[tuple[int, ...], int, _Line]]]:
    """The braces left open, as (place, indentation of its line), and the blocks that seem to lack their end.

    A block lacks its end, most likely, where a line inside it is indented no deeper than the line that opened it and
    does not begin with `}`: (places of such braces, the innermost first; end of what is said before; that line).
    """
    stack: list[tuple[int, int]] = []
    suspects: list[tuple[tuple[int, ...], int, _Line]] = []
    before = 0
    for line in _said(text):
        lacking = [place for place, indent in stack if line.indent <= indent]
        if lacking and text[line.start] != "}":
            suspects.append((tuple(reversed(lacking)), before, line))
        for match in BRACES.finditer(text, line.start, line.end):
            if match.group() == "{":
                stack.append((match.start(), line.indent))
            elif match.group() == "}" and stack:
                stack.pop()
        before = line.end
    return stack, suspects


def _said(text: str) -> Iterator[_Line]:
    """The lines that are neither empty nor only a comment."""
    start = 0
    for end in [*(one.end() for one in LINE_END.finditer(text)), len(text)]:
        comment = next((one.start() for one in _COMMENT_OR_STRING.finditer(text, start, end) if one.group(1)), end)
        said = text[start:comment].rstrip(" \t\r\n;")
        bare = said.lstrip(" \t;")
        if bare:
            yield _Line(start + len(said) - len(bare), start + len(said), _indent(said))
        start = end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
