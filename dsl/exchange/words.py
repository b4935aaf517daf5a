"""A value of the other form -> items, by the terminals of the grammar: `(50 * 20)`, `10..20`, `in flight`.

Invariant: the items of a text are those that the parser makes of it on a line.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ..source import Span
from ..syntax import Item, Kind
from ..terminals import terminals
from .tree import Scalar

_KINDS = {**{kind.name: kind for kind in Kind}, "LPAR": Kind.SYMBOL, "RPAR": Kind.SYMBOL}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})

Lexed = tuple[tuple[Kind, str, int, int], ...]


def items_of(scalar: Scalar) -> tuple[Item, ...] | None:
    """The items of a value in their places; None where it holds what cannot stand on a line, or nothing."""
    lexed = _lexed(scalar.text)
    if not lexed:
        return None
    return tuple(Item(kind, text, scalar.part(start, end)) for kind, text, start, end in lexed)


def string_of(scalar: Scalar) -> Item:
    """A value that is text as it is: the string of the language that stands for it."""
    return Item(Kind.STRING, quoted(scalar.text), scalar.part(0, len(scalar.text)))


def literal(text: str, span: Span) -> Item:
    """A word or sign of a phrase itself."""
    lexed = _lexed(text)
    return Item(lexed[0][0] if lexed else Kind.SYMBOL, text, span)


def quoted(text: str) -> str:
    """The inverse of `Item.string`."""
    return f'"{text.translate(_ESCAPES)}"'


@lru_cache(maxsize=4096)
def _lexed(text: str) -> Lexed | None:
    out: list[tuple[Kind, str, int, int]] = []
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
            continue
        match = _terminals().match(text, at)
        if match is None or match.lastgroup is None or match.end() == at:
            return None
        word = match[0]
        if word[0] == ",":
            word = ","
        out.append((_KINDS[match.lastgroup], word, at, at + len(word)))
        at = match.end()
    return tuple(out)


@cache
def _terminals() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in terminals().items() if name in _KINDS))
