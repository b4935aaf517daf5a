"""The tree that a text is: statements made of items, and blocks of statements.

Invariant: every node has a span; spans of siblings ascend and do not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

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


class Block(NamedTuple):
    """Statements in braces; the span includes the braces."""

    statements: tuple[Statement, ...]
    span: Span


class Words:
    """The items of a head, wherever it stands: of each its kind, its text, its start and end counted from the first.

    All heads of a text that read the same share one. `known` is what readers remember of it, under keys of their own.
    """

    __slots__ = ("known", "parts")

    def __init__(self, parts: tuple[tuple[Kind, str, int, int], ...]) -> None:
        self.parts = parts
        self.known: dict[object, Any] = {}


class Statement:
    """A head, perhaps with a block. Nobody changes one.

    `words` are those of its items where it stands in a text as it is. Then the items are made when somebody asks for
    them: of half a megabyte that would be a hundred thousand, and who reads clauses asks for hardly any.
    """

    # Not a dataclass: a frozen one is made three times as slowly, and of these there are as many as lines.
    __slots__ = ("_items", "block", "span", "words")

    def __init__(
        self, items: tuple[Item, ...] | None, block: Block | None, span: Span, words: Words | None = None
    ) -> None:
        """Either the items are given or the words."""
        self._items, self.block, self.span, self.words = items, block, span, words

    @property
    def items(self) -> tuple[Item, ...]:
        if self._items is None:
            assert self.words is not None
            source, base, _ = self.span
            self._items = tuple(
                [
                    Item(kind, text, Span(source, base + start, base + end))
                    for kind, text, start, end in self.words.parts
                ]
            )
        return self._items

    @property
    def word(self) -> str:
        """The text of its first item, by which it is known."""
        return self.words.parts[0][1] if self.words is not None else self.items[0].text

    @property
    def head(self) -> Span:
        """The statement without its block."""
        if self.words is not None:
            if self.block is None:
                return self.span
            source, base, _ = self.span
            return Span(source, base, base + self.words.parts[-1][3])
        return self.items[0].span.to(self.items[-1].span)

    def with_block(self, block: Block | None) -> Statement:
        """With another block, or with one where it has none."""
        return Statement(self._items, block, self.span, self.words)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Statement):
            return NotImplemented
        return (self.span, self.items, self.block) == (other.span, other.items, other.block)

    def __hash__(self) -> int:
        return hash(self.span)

    def __repr__(self) -> str:
        return f"Statement({self.items!r}, {self.block!r}, {self.span!r})"


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
