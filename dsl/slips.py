"""Slips of the pen: a statement that does not fit its form -> what was most likely meant.

Turns the items of a statement and the place where they stop fitting into items that fit, with the change as a fix.
Invariant: a change is offered only where the statement then fits one of its forms as a whole, perhaps after a few more
of them further right, or where what is left out (a `:` behind a name) can mean nothing; a guess that only helps a
little would send the reader the wrong way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, pairwise

from .diagnostics import Diagnostic, Fix
from .forms import Form
from .heads import values_of
from .meant import edits, turned
from .phrases import Match, Mismatch, match
from .source import Span
from .strays import is_otherwise_quoted
from .syntax import Item, Kind

MOST_INSERTED = 3
"""Words that may have been left out at one place: `at most` is two."""
MOST_SLIPS = 3
"""In one statement: each is looked for behind all that may have been meant by the one before."""


@dataclass(frozen=True, slots=True)
class Slip:
    """`items` as they were meant; `fix` None where the text stands elsewhere than what is read, as behind a `let`."""

    items: tuple[Item, ...]
    help: str
    fix: Fix | None


def slip(candidates: tuple[Form, ...], items: tuple[Item, ...], at: int, expected: str) -> Slip | None:
    """What was meant by items that fit up to `at`, where `expected`, in words of a message, did not come.

    Of several slips the first is mended: read again, the statement is told of the next.
    """
    wanted = _wanted(expected)
    likely = [one for one in edits(items, at, wanted) if not _says_less(candidates, items, at, one[0])]
    for edited, edit in chain(likely, turned(items, at)):
        if any(isinstance(match(form.phrase, edited), Match) for form in candidates):
            return Slip(edited, edit.text, edit if _is_as_written(items, at, edit) else None)
    for form in candidates:
        inserted = _inserted(form, items, at)
        if inserted is not None:
            return inserted
    if at < len(items) and items[at].text in (":", "=") and items[at].kind is Kind.SYMBOL:
        fix = Fix(items[at].span, "", f"delete the `{items[at].text}`: a value follows its name after a space")
        return Slip((*items[:at], *items[at + 1 :]), fix.text, fix)
    for edited, edit in likely:
        if _leads_on(candidates, edited, len(items) - at, MOST_SLIPS - 1):
            return Slip(edited, edit.text, edit if _is_as_written(items, at, edit) else None)
    return _left_out_before_another(candidates, items, at)


def _says_less(candidates: tuple[Form, ...], items: tuple[Item, ...], at: int, edited: tuple[Item, ...]) -> bool:
    """Whether a word that may come later, and says something, is taken for the one that should be here: `kill 1 agent
    of p every 5s` lacks its `at`, and is not meant to be done once."""
    if at >= len(items) or items[at].kind is not Kind.WORD or len(edited) != len(items):
        return False
    later = {word for form in candidates for word in re.sub(r"<[^>]*>|\([a-z]+:", " ", form.phrase).split()}
    return edited[at].text != items[at].text and items[at].text in {word.strip("[]()+,") for word in later}


def _left_out_before_another(candidates: tuple[Form, ...], items: tuple[Item, ...], at: int) -> Slip | None:
    """A word that was left out before something else that is wrong: `throughput events > 900/s`."""
    if at >= len(items):
        return None
    for form in candidates:
        failure = match(form.phrase, items)
        word = _literal(failure) if isinstance(failure, Mismatch) and failure.at == at else None
        if word is None or not word[:1].isalpha():
            continue
        place = items[at].span
        gap = Span(place.source, place.start, place.start)
        edited = (*items[:at], Item(Kind.WORD, word, gap), *items[at:])
        if _leads_on((form,), edited, len(items) - at, MOST_SLIPS - 1):
            fix = Fix(gap, f"{word} ", f"write `{word}` before `{items[at].text}`")
            return Slip(edited, fix.text, fix if _is_as_written(items, at, fix) else None)
    return None


def _wanted(expected: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"`([^`]+)`", expected)))


def _leads_on(candidates: tuple[Form, ...], items: tuple[Item, ...], left: int, most: int) -> bool:
    """Whether of the last `left` items some fit now, and with up to `most` edits all do, each value of its kind."""
    failures: list[Mismatch] = []
    for form in candidates:
        fitted = match(form.phrase, items)
        if isinstance(fitted, Mismatch):
            failures.append(fitted)
        elif _is_sound(form, fitted):
            return True
    at = max((one.at for one in failures), default=0)
    if not most or len(items) - at >= left:
        return False
    if any(_inserted(form, items, at) is not None for form in candidates):
        return True
    wanted = _wanted(" ".join(one.expected for one in failures if one.at == at))
    return any(_leads_on(candidates, edited, len(items) - at, most - 1) for edited, _ in edits(items, at, wanted))


def _is_sound(form: Form, fitted: Match) -> bool:
    found: list[Diagnostic] = []
    for values in (fitted.values, *(row for rows in fitted.groups.values() for row in rows)):
        values_of(form, values, found)
    return not found


def _is_as_written(items: tuple[Item, ...], at: int, fix: Fix) -> bool:
    """Whether what is read around a place, and all that a change of it covers, stands there one behind the other: what
    a name stands for has its place elsewhere."""
    behind = items[max(at - 1, 0) :]
    near = [item for place, item in enumerate(behind) if place < 3 or item.span.start < fix.span.end]
    return all(item.text == item.span.text or is_otherwise_quoted(item) for item in near) and all(
        one.span.source is two.span.source
        and not one.span.source.text[one.span.end : two.span.start].strip()
        and one.span.end <= two.span.start
        for one, two in pairwise(near)
    )


def _inserted(form: Form, items: tuple[Item, ...], at: int) -> Slip | None:
    """The words that were left out at this place, if with them the statement fits."""
    place = items[at].span.start if at < len(items) else items[-1].span.end
    span = Span(items[0].span.source, place, place)
    edited, words = items, list[str]()
    for _ in range(MOST_INSERTED + 1):
        fitted = match(form.phrase, edited)
        if isinstance(fitted, Match):
            if not _is_sound(form, fitted):
                # It has the shape of the form by chance, as where a name is taken for a word that was misspelt.
                return None
            new = " ".join(words)
            shown = " ".join(item.text for item in edited).replace(" ,", ",")
            fix = Fix(span, f"{new} " if at < len(items) else f" {new}", f"write: {shown}")
            if new == ",":
                behind = Span(span.source, items[at - 1].span.end, items[at - 1].span.end)
                fix = Fix(behind, ",", fix.text)
            return Slip(edited, fix.text, fix if _is_as_written(items, at, fix) else None) if words else None
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
