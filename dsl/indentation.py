"""A text -> its braces and lines: which braces have no other one, which begin a line, and how far in each line begins.

Invariant: a brace in a string or a comment is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .diagnostics import Diagnostic, Fix, Label, Severity
from .source import COMMENT, LINE_END, STRING, Source, Span

BRACES = re.compile(f"{STRING}|{COMMENT}|[{{}}]")
_COMMENT = re.compile(STRING + r"|(#)")
_BELOW = re.compile(f"{STRING}|{COMMENT}" + r"|([ \t]*[\r\n]\s*)\{")
MOST = 64
"""Braces that are put back in one text; where more are missing it is no slip any more."""


@dataclass(frozen=True, slots=True)
class Line:
    """`start` and `end` of what is said on a line: without indentation, separators, comment and line end."""

    start: int
    end: int
    indent: int


def still_open(text: str) -> tuple[int, ...]:
    """The places of the braces that are never closed, the outermost first."""
    return tuple(_pairing(text)[0])


def is_paired(text: str) -> bool:
    """Whether each brace has its other one."""
    opened, too_many = _pairing(text)
    return not opened and not too_many


def _pairing(text: str) -> tuple[list[int], int]:
    """The places of the braces that are never closed, and how many close nothing."""
    opened: list[int] = []
    too_many = 0
    for match in BRACES.finditer(text):
        if match.group() == "{":
            opened.append(match.start())
        elif match.group() == "}":
            if opened:
                opened.pop()
            else:
                too_many += 1
    return opened, too_many


def unclosed(source: Source, opened: tuple[int, ...]) -> Diagnostic:
    """What to say of braces that are still open, the outermost first, where the text ends."""
    end = len(source.text.rstrip())
    last_line = source.line_start(end)
    missing = "".join(
        " }" if one >= last_line else f"\n{leading(source.text[source.line_start(one) : one])}}}"
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


def surplus(place: Span) -> Diagnostic:
    """What to say of a `}` too many."""
    return Diagnostic(
        "ST0003",
        Severity.ERROR,
        "this `}` closes nothing",
        (Label(place, "no block is open here"),),
        help="delete it, or add the `{` that it should close",
        fixes=(Fix(place, "", "delete it"),),
    )


def lifted(source: Source, found: list[Diagnostic]) -> str:
    """The text with each `{` that begins a line joined to the statement above it."""
    text = source.text
    comment = begins = -1
    for match in _BELOW.finditer(source.text):
        start, end = match.span(1)
        if start < 0:
            if match.group()[0] == "#":
                begins, comment = match.span()
            continue
        before = source.text[: begins if start == comment else start].rstrip(" \t")
        if not before or before[-1] in "{};,\r\n":
            continue
        if start == comment and len(before) == begins:
            # Nothing is between the statement and the comment that a brace could be put in the place of.
            continue
        found.append(
            Diagnostic(
                "ST0001",
                Severity.ERROR,
                "a `{` cannot begin a line",
                (
                    Label(Span(source, end, end + 1)),
                    Label(Span(source, len(before), len(before)), "the statement ends here"),
                ),
                help="put it behind the statement that it belongs to",
                fixes=(_lift(source, len(before), start, end),),
            )
        )
        if start == comment:
            text = f"{text[: len(before)]}{{{text[len(before) + 1 : end]} {text[end + 1 :]}"
        else:
            text = text[:start] + " " * (end - start) + text[end:]
        if len(found) >= MOST:
            break
    return text


def _lift(source: Source, behind: int, start: int, end: int) -> Fix:
    """Puts the brace at `end` behind the statement that ends at `behind`, before the comment that follows it."""
    comment = source.text[behind:start].strip(" \t")
    if not comment:
        return Fix(Span(source, start, end), " ", "put the `{` at the end of the line above")
    return Fix(Span(source, behind, end + 1), f" {{  {comment}", "put the `{` before the comment of the line above")


def said(text: str) -> Iterator[Line]:
    """The lines that are neither empty nor only a comment."""
    start = 0
    for end in [*(one.end() for one in LINE_END.finditer(text)), len(text)]:
        comment = next((one.start() for one in _COMMENT.finditer(text, start, end) if one.group(1)), end)
        spoken = text[start:comment].rstrip(" \t\r\n;")
        bare = spoken.lstrip(" \t;")
        if bare:
            yield Line(start + len(spoken) - len(bare), start + len(spoken), indent(spoken))
        start = end


def indent(line: str) -> int:
    """How far in a line begins; a tab reaches to the next multiple of eight (POSIX, `expand`)."""
    return len(leading(line).expandtabs())


def leading(line: str) -> str:
    """The blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]
