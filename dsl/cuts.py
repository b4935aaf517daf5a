"""Text -> where it is cut into pieces: at the statements of its outermost blocks.

Invariant: the pieces stand one behind the other and leave nothing out but blanks and separators between statements.
"""

from __future__ import annotations

import re
from enum import Enum

from .source import COMMENT, STRING

_TOKEN = re.compile(STRING + "|" + COMMENT + r"|,(?:[ \t\r\n]|#[^\n\r]*+(?=[\n\r]))*+|\r\n|[{};\n\r]")
_DEEPEST = 16
"""Blocks deeper than any statement of the language nests are left to `parse`, which refuses very deep ones."""


class Part(Enum):
    TOP = "statements outside all blocks"
    HEAD = "the head of an outermost block, up to its brace"
    INNER = "statements in an outermost block"
    TAIL = "the brace that closes it"


def cut_inner(text: str, start: int, end: int, closes: bool) -> list[tuple[Part, int, int]] | None:
    """The pieces in a part of a block; None where it is not whole statements. `closes`: the block ends behind it."""
    cuts: list[tuple[Part, int, int]] = []
    depth, whole = 0, closes
    for token in _TOKEN.finditer(text, start, end):
        char = text[token.start()]
        whole = closes
        if char == "{":
            depth += 1
            if depth >= _DEEPEST:
                return None
        elif char == "}":
            depth -= 1
            if depth < 0:
                return None
        elif char in ";\n\r" and depth == 0:
            whole = True
            if not text[start : token.end()].isspace():
                cuts.append((Part.INNER, start, token.end()))
                start = token.end()
        elif char == "," and token.end() == end:
            return None
    if depth or not whole:
        return None
    if start < end:
        cuts.append((Part.INNER, start, end))
    return cuts


def cut(text: str) -> list[tuple[Part, int, int]] | None:
    """Where the pieces of a text stand; None where its braces do not pair."""
    cuts: list[tuple[Part, int, int]] = []
    depth = start = 0
    closing = False
    for token in _TOKEN.finditer(text):
        at = token.start()
        char = text[at]
        if char == "{":
            depth += 1
            if depth == 1:
                if closing:
                    return None
                cuts.append((Part.HEAD, start, at + 1))
                start = at + 1
            elif depth > _DEEPEST:
                return None
        elif char == "}":
            depth -= 1
            if depth < 0:
                return None
            if depth == 0:
                if start < at:
                    cuts.append((Part.INNER, start, at))
                start, closing = at, True
        elif char in ";\n\r" and depth < 2:
            end = token.end()
            if depth == 1:
                if text[start:end].isspace():
                    continue
                cuts.append((Part.INNER, start, end))
            else:
                cuts.append((Part.TAIL if closing else Part.TOP, start, end))
                closing = False
            start = end
    if depth:
        return None
    if start < len(text) or not cuts:
        cuts.append((Part.TAIL if closing else Part.TOP, start, len(text)))
    return cuts


def open_blocks(text: str) -> int:
    """How many blocks are open at the end of a text."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"{": 1, "}": -1}.get(text[token.start()], 0)
    return max(depth, 0)
