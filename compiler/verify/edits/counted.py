"""A literal that counts and is to be written otherwise -> what is replaced, with the word of what it counts.

Invariant: only a word that the language has in the singular and in the plural is touched, so the clause stays the same.
"""

from __future__ import annotations

import re
from functools import cache

from seatrial.dsl.forms import walk
from seatrial.dsl.phrases import compiled, numbered
from seatrial.dsl.source import Span

_BEHIND = re.compile(r"([ \t]+)([a-z]+)\b(?!-)")


def with_its_word(literal: Span, new: str) -> tuple[Span, str]:
    """`2 connections` for `2`, where `new` is 1: `1 connection`. The literal alone where nothing is counted, or its
    word stands right as it is."""
    behind = _BEHIND.match(literal.source.text, literal.end)
    pair = _words().get(behind[2]) if behind is not None else None
    if behind is None or pair is None:
        return literal, new
    word = pair[0] if new == "1" else pair[1]
    if word == behind[2]:
        return literal, new
    return Span(literal.source, literal.start, behind.end()), f"{new}{behind[1]}{word}"


@cache
def _words() -> dict[str, tuple[str, str]]:
    pairs = {pair for _, form in walk() for pair in numbered(compiled(form.phrase))}
    return {word: pair for pair in pairs for word in pair}
