"""A character that begins no token -> what to say of it, and the token that it was meant to be.

Invariant: the token covers whole characters of the text, from the stray one on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .diagnostics import Diagnostic, Fix, Label, Severity
from .names import name_meant
from .signs import MONEY, PICTURE, QUOTES, SIGNS
from .source import COMMENT, LINE_END, STRING, Source, Span
from .syntax import Item, Kind

_AMOUNT = re.compile(r"\$[ \t]*(-?)[ \t]*([0-9][0-9_]*(?:\.[0-9]+)?[A-Za-z]*(?:/[A-Za-z]+)?)")
"""A dollar sign and a number that are no token: with a blank or a minus between them."""
_RUN = re.compile(r"[^\s{};\",#()]+")
_PART = re.compile(rf"[\w-]|{PICTURE}")
_OTHER_WORD = re.compile(rf"(?:[^\W\x00-\x7f]|{PICTURE})(?:{_PART.pattern})*")

_APART = re.compile(rf"{STRING}|{COMMENT}|(?<![\w.])(?:([0-9][0-9_.]*)([ \t]+)%|p([0-9]{{2}})\.([0-9]+)(?![\w.]))")


class Stray(NamedTuple):
    """`meant`: the kind of token, its text and where it ends; None where the character means nothing at all."""

    told: Diagnostic
    meant: tuple[str, str, int] | None = None


def stray_character(source: Source, at: int) -> Stray:
    char = source.text[at]
    if char == '"':
        return _open_string(source, at)
    if char in QUOTES:
        end = _line_end(source.text, at)
        closing = next((place for place in range(at + 1, end) if source.text[place] in QUOTES[char]), None)
        if closing is not None:
            inner = source.text[at + 1 : closing]
            text = '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'
            help_ = f"write {text}"
            told = _told(source, at, closing + 1, 'text goes in double quotes, `"`', help_, text)
            return Stray(told, ("STRING", text, closing + 1))
    if char in SIGNS:
        sign = SIGNS[char]
        told = _told(source, at, at + 1, f"the character `{char}` is not an operator here", f"write `{sign}`", sign)
        return Stray(told, ("SYMBOL", sign, at + 1) if char != "×" else None)
    if char in MONEY:
        return Stray(_told(source, at, at + 1, "amounts of money are in dollars", "write `$`", "$"))
    if char == "$" and (amount := _AMOUNT.match(source.text, at)) is not None:
        meant = f"${amount[2]}"
        message = "no amount of money is below zero" if amount[1] else "an amount of money is written without a blank"
        return Stray(
            _told(source, at, amount.end(), message, f"write {meant}", meant), ("QUANTITY", meant, amount.end())
        )
    if char.isspace():
        name = f"U+{ord(char):04X}"
        return Stray(_told(source, at, at + 1, f"unsupported whitespace character {name}", "write a plain space", " "))
    if char == ".":
        return _dot(source, at)
    shown = char if char.isprintable() else ascii(char)[1:-1]
    help_ = "comments start with `#`" if source.text[at : at + 2] in ("//", "/*") else "delete it"
    if char in "[]":
        help_ = "a list has no brackets, only commas: `a, b`"
    if char.isalpha() or _word(source.text, at) is not None:
        help_ = "names and clauses have the letters a to z; any other text goes in quotes"
    told = _told(source, at, at + 1, f"the character `{shown}` has no meaning here", help_, None)
    return Stray(told, _word(source.text, at))


def is_otherwise_quoted(item: Item) -> bool:
    """Whether it is a text that stands between quotes that are not the language's."""
    return item.kind is Kind.STRING and item.span.text[:1] in QUOTES


def _word(text: str, at: int) -> tuple[str, str, int] | None:
    """A word with letters or pictures, as in `pool übung { … }`: without them it would be another name, or none.

    None where a statement begins with them, which may be right without.
    """
    found = _OTHER_WORD.match(text, at)
    start = at
    while _PART.fullmatch(text[start - 1 : start]):
        start -= 1
    begins = text[:start].rstrip(" \t\ufeff")[-1:] in ("", "{", "}", ";", "\r", "\n")
    return None if found is None or begins else ("WORD", found.group(), found.end())


def whole_shares(source: Source, text: str, found: list[Diagnostic]) -> str:
    """The text of a source with each `70 %` and `p99.9` written as one, behind which is as much room as was before."""

    def joined(match: re.Match[str]) -> str:
        if match.lastindex is None:
            return match.group()
        if match[1]:
            new, message = f"{match[1]}%", "a share is written without a blank"
        else:
            new, message = f"p{match[3]}{match[4]}", "a quantile is written without a point"
        found.append(_told(source, match.start(), match.end(), message, f"write {new}", new))
        return new.ljust(len(match.group()))

    return _APART.sub(joined, text)


def _open_string(source: Source, at: int) -> Stray:
    end = _line_end(source.text, at)
    told = Diagnostic(
        "ST0002",
        Severity.ERROR,
        "this string is not closed",
        (Label(Span(source, at, end), 'starts here, no `"` before the line ends'),),
        help='close it with `"`; inside a string write `\\"` for a quote',
    )
    # The rest of the line belongs to the string that was not closed, but for what goes on behind it: reading it as
    # words would only add errors that are not there.
    rest = source.text[at:end].partition(";")[0].rstrip(" \t{}")
    return Stray(told, ("STRING", rest + '"', at + len(rest)))


def _dot(source: Source, at: int) -> Stray:
    """A point in a word: the word is a text that lacks its quotes; or one too many between the ends of a range."""
    text = source.text
    start = at
    while start and _RUN.fullmatch(text[start - 1]):
        start -= 1
    run = _RUN.match(text, start)
    end = run.end() if run is not None else at + 1
    whole = text[start:end]
    if text[at - 2 : at] == ".." and start < at - 2:
        return Stray(_told(source, at, at + 1, "a range is written with two dots", "delete the third `.`", ""))
    if start < at < end - 1:
        help_ = f'text goes in quotes: "{whole}"; in a name stands no point: `{name_meant(whole)}`'
        told = _told(source, start, end, f"`{whole}` is not a word", help_, f'"{whole}"')
        return Stray(told)
    return Stray(_told(source, at, at + 1, "the character `.` has no meaning here", "delete it", None))


def _told(source: Source, start: int, end: int, message: str, help_: str, new: str | None) -> Diagnostic:
    place = Span(source, start, end)
    fixes = (Fix(place, new, help_),) if new is not None else ()
    return Diagnostic("ST0001", Severity.ERROR, message, (Label(place, "not expected"),), help=help_, fixes=fixes)


def _line_end(text: str, at: int) -> int:
    """Where the line of an offset ends."""
    found = LINE_END.search(text, at)
    return found.start() if found is not None else len(text)
