"""Slips of the pen: a statement that does not fit its form -> what was most likely meant.

Turns the items of a statement and the place where they stop fitting into items that fit, with the change as a fix.
Invariant: a change is offered only where the statement then fits one of its forms as a whole, or where what is left out
(a `:` behind a name) can mean nothing; a guess that only helps a little would send the reader the wrong way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from .diagnostics import Fix
from .forms import Form
from .phrases import Match, Mismatch, match
from .quantities import PER_UNITS, SIZE_UNITS, TIME_UNITS
from .source import Span
from .syntax import Item, Kind

MOST_INSERTED = 3
"""Words that may have been left out at one place: `at most` is two."""


@dataclass(frozen=True, slots=True)
class Slip:
    """`items` as they were meant; `fix` None where the text stands elsewhere than what is read, as behind a `let`."""

    items: tuple[Item, ...]
    help: str
    fix: Fix | None


def slip(candidates: tuple[Form, ...], items: tuple[Item, ...], at: int, expected: str) -> Slip | None:
    """What was meant by items that fit up to `at`, where `expected`, in words of a message, did not come."""
    wanted = tuple(re.findall(r"`([^`]+)`", expected))
    for edited, edit in _edits(items, at, wanted):
        if any(isinstance(match(form.phrase, edited), Match) for form in candidates):
            return Slip(edited, edit.text, edit if _is_as_written(items, at) else None)
    for form in candidates:
        inserted = _inserted(form, items, at)
        if inserted is not None:
            return inserted
    if at < len(items) and items[at].text in (":", "=") and items[at].kind is Kind.SYMBOL:
        fix = Fix(items[at].span, "", f"delete the `{items[at].text}`: a value follows its name after a blank")
        return Slip((*items[:at], *items[at + 1 :]), fix.text, fix)
    return None


def _is_as_written(items: tuple[Item, ...], at: int) -> bool:
    return all(item.text == item.span.text for item in items[max(at - 1, 0) : at + 2])


def _edits(items: tuple[Item, ...], at: int, wanted: tuple[str, ...]) -> Iterator[tuple[tuple[Item, ...], Fix]]:
    if at >= len(items):
        return
    item, before, after = items[at], items[:at], items[at + 1 :]
    following = after[0] if after else None
    if item.kind is Kind.WORD:
        if item.text == "to" and before and following is not None and following.kind is Kind.QUANTITY:
            text = f"a range is written with `..`: {before[-1].text}..{following.text}"
            yield (*before, Item(Kind.SYMBOL, "..", item.span), *after), Fix(item.span, "..", text)
        if item.text == "per" and "/" in wanted:
            yield (*before, Item(Kind.SYMBOL, "/", item.span), *after), Fix(item.span, "/", "write `/`, not `per`")
        close = get_close_matches(item.text.lower(), [one for one in wanted if one[:1].isalpha()], n=1, cutoff=0.6)
        for word in close:
            words = tuple(Item(Kind.WORD, part, item.span) for part in word.split())
            yield (*before, *words, *after), Fix(item.span, word, f"did you mean `{word}`?")
        if len(wanted) == 1 and wanted[0].isalpha():
            said = Item(Kind.WORD, wanted[0], item.span)
            yield (*before, said, *after), Fix(item.span, said.text, f"write `{said.text}`, not `{item.text}`")
        if item.text == "per" and before and following is not None and following.text in PER_UNITS:
            span = before[-1].span.to(following.span)
            merged = Item(Kind.QUANTITY, f"{before[-1].text}/{following.text}", span)
            yield (*before[:-1], merged, *after[1:]), Fix(span, merged.text, f"write {merged.text}")
        unit = _unit(before[-1], item) if before else None
        if unit is not None:
            span = before[-1].span.to(item.span)
            merged = Item(Kind.QUANTITY, before[-1].text + unit, span)
            yield (*before[:-1], merged, *after), Fix(span, merged.text, f"write it without a blank: `{merged.text}`")
    if item.kind is Kind.QUANTITY and re.fullmatch(r"[0-9.]+%", item.text):
        quantile = "p" + item.text[:-1]
        yield (*before, Item(Kind.WORD, quantile, item.span), *after), Fix(item.span, quantile, f"write {quantile}")
    if item.kind is Kind.SYMBOL:
        # `=>` is read as two signs.
        double = following is not None and item.text == "=" and following.text == ">" and _touch(item, following)
        span = item.span.to(following.span) if double and following is not None else item.span
        rest = after[1:] if double else after
        for sign in (one for one in wanted if not one[:1].isalnum()):
            replaced = Item(Kind.SYMBOL, sign, span)
            yield (*before, replaced, *rest), Fix(span, sign, f"write `{sign}`, not `{span.text}`")
        if item.text in ("-", ":") and before and following is not None and following.kind is Kind.QUANTITY:
            text = f"a range is written with `..`: {before[-1].text}..{following.text}"
            yield (*before, Item(Kind.SYMBOL, "..", item.span), *after), Fix(item.span, "..", text)
        thousands = following is not None and re.match(r"[0-9]{3}(?![0-9])", following.text) and item.text == ","
        if thousands and before and following is not None and _touch(before[-1], item) and _touch(item, following):
            span = before[-1].span.to(following.span)
            merged = Item(Kind.QUANTITY, f"{before[-1].text}_{following.text}", span)
            fix = Fix(span, merged.text, f"digits are grouped with `_`: {merged.text}")
            yield (*before[:-1], merged, *after[1:]), fix
        if item.text in (":", "="):
            text = f"delete the `{item.text}`: a value follows its name after a blank"
            yield (*before, *after), Fix(item.span, "", text)


def _touch(left: Item, right: Item) -> bool:
    return left.span.end == right.span.start


def _unit(number: Item, word: Item) -> str | None:
    """The unit that a word behind a bare number is; blanks between them are a common way to write it."""
    bare = number.kind is Kind.QUANTITY and re.fullmatch(r"[0-9_.]+", number.text)
    return word.text if bare and (word.text in TIME_UNITS or word.text in SIZE_UNITS) else None


def _inserted(form: Form, items: tuple[Item, ...], at: int) -> Slip | None:
    """The words that were left out at this place, if with them the statement fits."""
    place = items[at].span.start if at < len(items) else items[-1].span.end
    span = Span(items[0].span.source, place, place)
    edited, words = items, list[str]()
    for _ in range(MOST_INSERTED + 1):
        fitted = match(form.phrase, edited)
        if isinstance(fitted, Match):
            new = " ".join(words)
            shown = " ".join(item.text for item in edited).replace(" ,", ",")
            fix = Fix(span, f"{new} " if at < len(items) else f" {new}", f"write: {shown}")
            if new == ",":
                behind = Span(span.source, items[at - 1].span.end, items[at - 1].span.end)
                fix = Fix(behind, ",", fix.text)
            return Slip(edited, fix.text, fix if _is_as_written(items, at) else None) if words else None
        word = _literal(fitted)
        if word is None or fitted.at != at + len(words):
            return None
        kind = Kind.WORD if word[:1].isalpha() else Kind.SYMBOL
        edited = (*edited[: fitted.at], Item(kind, word, span), *edited[fitted.at :])
        words.append(word)
    return None


def _literal(failure: Mismatch) -> str | None:
    """The one word or sign that was expected."""
    # The alternative to a comma is the end of the line: where more follows, only the comma is left.
    found = re.match(r"`([^` ]+)`(?: or the end of the line)?$", failure.expected)
    return found[1] if found else None
