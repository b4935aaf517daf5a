"""What YAML and JSON have in common: the tree of a document, with the place of everything in it.

Invariant: a scalar is the characters that were written, never a number, a date or a truth value that a YAML reader
made of them: `1_000`, `010`, `yes` and `1.10` stay what they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from ..diagnostics import Diagnostic, Label, Severity
from ..source import Source, Span
from ..syntax import Comment

_EXPONENT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][+-]?([0-9]{1,2})")


class Style(Enum):
    TEXT = "in quotes"
    PLAIN = "plain YAML"
    LITERAL = "a number or truth value of JSON"
    NOTHING = "null"
    REFUSED = "already reported"


@dataclass(frozen=True, slots=True)
class Scalar:
    """`inner` is where the characters of `text` stand one for one, None where escapes or line ends lie between."""

    text: str
    span: Span
    style: Style
    inner: int | None = None

    def part(self, start: int, end: int) -> Span:
        """The place of some of its characters; the whole scalar where they do not stand one for one."""
        if self.inner is None:
            return self.span
        return Span(self.span.source, self.inner + start, self.inner + end)


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping; keys are unique."""

    fields: tuple[tuple[Scalar, Node], ...]
    span: Span


Node = Scalar | Items | Fields


@dataclass(frozen=True, slots=True)
class Document:
    source: Source
    root: Node | None
    comments: tuple[Comment, ...]


def describe(node: Node) -> str:
    """What a value is, in the words of a message."""
    match node:
        case Fields():
            return "a mapping"
        case Items():
            return "a list"
        case Scalar(style=Style.NOTHING):
            return "nothing"
    return f"`{node.text}`"


def number(text: str) -> str:
    """A number as the language writes it: `1.5e3` is 1500. Everything else, and what would not end, stays."""
    match = _EXPONENT.fullmatch(text)
    return format(Decimal(text), "f") if match is not None and int(match[3]) <= 30 else text


def error(code: str, message: str, span: Span, help_: str = "", *others: Label, label: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message, (Label(span, label), *others), help=help_)
