"""Sound text -> its tree, a whole run of items at a time.

For lark a text of half a megabyte is a hundred thousand items. It has only twenty thousand statements, and most of
their heads are written more than once (`cpu 500m`): here a run of items is matched at once with what ends it, and taken
apart once. Invariant: the tree is the one that lark makes of the text by the grammar, whose terminals these are; where
lark would have anything to mend there is none here, and lark can tell what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from .source import Source, Span
from .syntax import Block, Kind, Statement, Words

ITEMS = {"LPAR": Kind.SYMBOL, "RPAR": Kind.SYMBOL, **{kind.name: kind for kind in Kind}}
"""The terminals that are items, and what each is."""
MOST_ITEMS = 1_000
"""In a run: the regular expression keeps a way back for each, so a text with a longer one is given up."""
MOST_DEEP = 64
"""Blocks in one another: a text with more is given up."""
KEPT, LONGEST = 1 << 13, 100
"""How many runs are remembered, and of how many characters at most: a hostile text must not fill the memory."""


class Runs:
    """Reads by the terminals of the grammar, their regular expressions in the order in which they are tried; those that
    are `ignored` may stand before and behind any other."""

    def __init__(self, terminals: Mapping[str, str], ignored: Collection[str]) -> None:
        items = {name: pattern for name, pattern in terminals.items() if name in ITEMS}
        self._item = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in items.items()))
        between = f"(?:{'|'.join(terminals[name] for name in ignored)})*"
        # No comment is in a run but behind a comma, since each reaches to the end of its line.
        run = f"(?:(?:{terminals['BLANK']})?(?:{'|'.join(items.values())})){{1,{MOST_ITEMS}}}"
        ends = "|".join(f"(?P<{name}>{terminals[name]})" for name in ("_SEPARATOR", "LBRACE", "RBRACE"))
        # The last two see to it that a run is never tried again in other ways.
        self._part = re.compile(rf"{between}(?:(?P<RUN>{run}){between})?(?:{ends}|(?P<END>\Z)|(?P<STRAY>[\s\S]))")
        self._remembered = lru_cache(KEPT)(self._taken_apart)

    def read(self, source: Source) -> tuple[Statement, ...] | None:
        """The statements of a text; None where it is given up."""
        statements: list[Statement] = []
        around: list[tuple[list[Statement], Words, int, int]] = []
        """Of each block that is open: the statements before the one that it belongs to, and that one's words; where
        that one and the block begin."""
        closed = False
        """Whether the last thing was a block's end: a run cannot follow it."""
        for match in self._part.finditer(source.text):
            start, end = match.span("RUN")
            type_ = match.lastgroup
            if start >= 0:
                if closed:
                    return None
                run = match["RUN"]
                words = self._remembered(run) if end - start <= LONGEST else self._taken_apart(run)
                if type_ == "LBRACE":
                    if len(around) == MOST_DEEP:
                        return None
                    around.append((statements, words, start, match.end() - 1))
                    statements = []
                    continue
                # What a comma swallows behind it at the end of a run is none of the statement.
                statements.append(Statement(None, None, Span(source, start, start + words.parts[-1][3]), words))
            if type_ == "_SEPARATOR":
                closed = False
            elif type_ == "RBRACE":
                if not around:
                    return None
                inside, end = statements, match.end()
                statements, words, start, opened = around.pop()
                block = Block(tuple(inside), Span(source, opened, end))
                statements.append(Statement(None, block, Span(source, start, end), words))
                closed = True
            else:
                # A brace that belongs to nothing, a character that begins no terminal, or a run that goes on.
                return tuple(statements) if type_ == "END" and not around else None
        return None

    def _taken_apart(self, run: str) -> Words:
        parts: list[tuple[Kind, str, int, int]] = []
        for match in self._item.finditer(run):
            assert match.lastgroup is not None
            text, start = match[0], match.start()
            # The line end behind a comma is none of the item.
            text = "," if text[0] == "," else text
            parts.append((ITEMS[match.lastgroup], text, start, start + len(text)))
        return Words(tuple(parts))
