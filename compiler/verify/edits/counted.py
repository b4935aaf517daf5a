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


_LET = re.compile(r"\blet[ \t]+([a-z][a-z0-9-]*)[ \t]*=[ \t]*$")


def words_of_uses(literal: Span, new: str) -> tuple[tuple[Span, str], ...]:
    """`connections` for `connection` in `holds $n connection to db`, where the literal is n's in `let n = 1`: each word
    behind a use that does not go with the new value, and the one that does.

    Limits: those of the file in which the name gets its only value; elsewhere it may have another one.
    """
    source, text = literal.source, literal.source.text
    let = _LET.search(text, text.rfind("\n", 0, literal.start) + 1, literal.start)
    if let is None or len(re.findall(rf"\blet[ \t]+{let[1]}[ \t]*=", text)) > 1:
        return ()
    uses = re.finditer(rf"\${let[1]}(?![a-z0-9-])[ \t]+([a-z]+)\b(?!-)", text)
    pairs = [(use, _words().get(use[1])) for use in uses]
    words = [(use, pair[0] if new == "1" else pair[1]) for use, pair in pairs if pair is not None]
    return tuple((Span(source, use.start(1), use.end(1)), word) for use, word in words if word != use[1])


@cache
def _words() -> dict[str, tuple[str, str]]:
    pairs = {pair for _, form in walk() for pair in numbered(compiled(form.phrase))}
    return {word: pair for pair in pairs for word in pair}
