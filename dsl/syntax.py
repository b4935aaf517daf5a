"""The tree that a text is: statements made of items, and blocks of statements.

Invariant: every node has a span; spans of siblings ascend and do not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .source import Source, Span


class Kind(StrEnum):
    WORD = "word"
    QUANTITY = "quantity"
    FACTOR = "factor"
    STRING = "string"
    SYMBOL = "symbol"


ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
"""What a letter behind a backslash stands for in a string; any other character stands for itself."""


class Item(NamedTuple):
    """One token. `text` is as written, but a comma's without the line ends and comments behind it."""

    kind: Kind
    text: str
    span: Span

    @property
    def string(self) -> str:
        """A string's value: without quotes, with the escapes \\" \\\\ \\n \\r \\t resolved."""
        inner, out, at = self.text[1:-1], [], 0
        while at < len(inner):
            if inner[at] == "\\" and at + 1 < len(inner):
                out.append(ESCAPES.get(inner[at + 1], inner[at + 1]))
                at += 2
            else:
                out.append(inner[at])
                at += 1
        return "".join(out)


@dataclass(frozen=True, slots=True)
class Block:
    """Statements in braces; the span includes the braces."""

    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    items: tuple[Item, ...]
    block: Block | None
    span: Span

    @property
    def head(self) -> Span:
        """The statement without its block."""
        return self.items[0].span.to(self.items[-1].span)


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` from the # to the end of the line, without trailing blanks."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class File:
    """`pieces` is for a text that was read in pieces, each a source of its own (`incremental.py`): where each of them
    begins in `source`, by its key."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    pieces: Mapping[str | int, int] = field(default_factory=dict, compare=False, repr=False)

    def place(self, span: Span) -> Span:
        """Where in the whole text a span stands."""
        start = self.pieces.get(span.source.key)
        return span if start is None else Span(self.source, start + span.start, start + span.end)
