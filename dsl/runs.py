"""Text -> the tokens of the grammar, a whole run of items at a time.

A lexer for lark, made from the grammar's own terminals. A text of half a megabyte has a hundred thousand items but only
twenty thousand statements, and most of their heads are written more than once (`cpu 500m`): each run of items is taken
apart once, and handed to the parser as one token. Invariant: the items of a text are those that lark's own lexer finds
in it. A text with a character that begins no terminal is given up, and left to that lexer, which can tell what is
wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from lark.common import LexerConf
from lark.exceptions import LexError
from lark.lexer import Lexer, LexerState

from .source import Source, Span
from .syntax import Item, Kind

ITEMS = {"LPAR": Kind.SYMBOL, "RPAR": Kind.SYMBOL, **{kind.name: kind for kind in Kind}}
"""The terminals that are items, and what each is."""
MOST_ITEMS = 1_000
"""In a run: the regular expression keeps a way back for each, so a text with a longer one is given up."""
MOST_DEEP = 64
"""Blocks in one another: a text with more is given up."""
KEPT, LONGEST = 1 << 13, 100
"""How many runs are remembered, and of how many characters at most: a hostile text must not fill the memory."""

Part = tuple[Kind, str, int, int]
"""An item in a run: its kind, its text, its start and end counted from where the run begins."""


class Token:
    """A run of items, or a brace or a separator, which has none. `type` is a terminal that the grammar has there."""

    __slots__ = ("items", "span", "type")
    # The parser puts the end of the text behind the last token, and asks that one for its place.
    start_pos = line = column = end_line = end_column = end_pos = None

    def __init__(self, type_: str, span: Span, items: tuple[Item, ...] = ()) -> None:
        self.type, self.span, self.items = type_, span, items


class Runs(Lexer):
    """What it reads is a `Source`. Raises LexError where a character begins no terminal, and in the deepest blocks."""

    __future_interface__ = 2
    """By this lark knows that it may hand over its own state, with whatever is to be read."""

    def __init__(self, conf: LexerConf) -> None:
        patterns = {one.name: one.pattern.to_regexp() for one in sorted(conf.terminals, key=lambda one: -one.priority)}
        items = {name: pattern for name, pattern in patterns.items() if name in ITEMS}
        self._item = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in items.items()))
        ignored = "|".join(patterns[name] for name in conf.ignore)
        others = "|".join(
            f"(?P<{name}>{pattern})"
            for name, pattern in patterns.items()
            if name not in ITEMS and name not in conf.ignore
        )
        # No comment is in a run but behind a comma, since each reaches to the end of its line.
        run = f"(?:(?:{patterns['BLANK']})?(?:{'|'.join(items.values())})){{1,{MOST_ITEMS}}}"
        # The last two see to it that the blanks before a token are never tried again in other ways.
        self._token = re.compile(rf"(?:{ignored})*(?:(?P<RUN>{run})|{others}|(?P<END>\Z)|(?P<STRAY>[\s\S]))")
        self._remembered = lru_cache(KEPT)(self._taken_apart)

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Any]:
        source = cast(Source, lexer_state.text)
        # Nobody asks for the place of a separator, so one stands for all.
        separator = Token("_SEPARATOR", Span(source, 0, 0))
        depth = 0
        for match in self._token.finditer(source.text):
            type_ = match.lastgroup
            if type_ == "RUN":
                start, end = match.span(type_)
                run = match[type_]
                parts = self._remembered(run) if end - start <= LONGEST else self._taken_apart(run)
                items = tuple([Item(kind, text, Span(source, start + at, start + to)) for kind, text, at, to in parts])
                yield Token(type_, items[0].span, items)
            elif type_ == "_SEPARATOR":
                yield separator
            elif type_ == "END":
                return
            elif type_ is None or type_ == "STRAY":
                raise LexError(f"{match[0]!r} begins no terminal")
            else:
                depth += 1 if type_ == "LBRACE" else -1
                if depth > MOST_DEEP:
                    raise LexError("too deep")
                yield Token(type_, Span(source, *match.span(type_)))

    def _taken_apart(self, run: str) -> tuple[Part, ...]:
        parts: list[Part] = []
        for match in self._item.finditer(run):
            assert match.lastgroup is not None
            text, start = match[0], match.start()
            # The line end behind a comma is none of the item.
            text = "," if text[0] == "," else text
            parts.append((ITEMS[match.lastgroup], text, start, start + len(text)))
        return tuple(parts)
