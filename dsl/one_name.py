"""Items without a blank between them, `x--y` or `9bad`, that were written as one name -> that name.

The lexer takes such a name apart, and what is left over would be told of as a sign that does not fit, which says
nothing of the rule. Invariant: a statement comes back only if it then has a form in which the whole run is a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .forms import Form
from .names import name_meant
from .phrases import Match, Mismatch, compiled, holes, match
from .signs import PICTURE
from .source import Span
from .syntax import Item, Kind, Statement

_PART = rf"(?:[\w.@~+-]|{PICTURE})+"
_WHOLE = re.compile(rf"{_PART}(?:[/:]{_PART})*")
"""What somebody may have meant as a name; no comma, arrow, `..` or brace is in it."""
_APART = ("->", "..", ",", "<", ">", "<=", ">=", "|")
"""Signs that stand between two names, with a blank or without one."""
_PASSED_OVER = re.compile(rf"(?:[^\W\d_]|{PICTURE})+")
"""What the lexer passes over around and in a word."""


def as_one_name(forms: Sequence[Form], statement: Statement, at: int) -> Statement | None:
    """The statement with what stands around the item `at` as one word, where that makes sense of it."""
    items = statement.items
    if at >= len(items):
        return None
    first = last = at
    while first > 1 and _touch(items[first - 1], items[first]):
        first -= 1
    while last + 1 < len(items) and _touch(items[last], items[last + 1]):
        last += 1
    span = _grown(items[first].span.to(items[last].span))
    if not _WHOLE.fullmatch(span.text) or ".." in span.text or not name_meant(span.text):
        return None
    word = Item(Kind.WORD, span.text, span)
    whole = (*items[:first], word, *items[last + 1 :])
    joined = Statement(whole, statement.block, statement.span)
    if any(_names(form, whole, word) for form in forms):
        return joined
    furthest = max((one.at for form in forms if isinstance(one := match(form.phrase, whole), Mismatch)), default=0)
    # The next one may be none either: `call x--y -> 9bad`.
    return as_one_name(forms, joined, furthest) if furthest > first else None


def _touch(one: Item, other: Item) -> bool:
    """Whether no blank is between them; signs that the lexer passed over are."""
    if one.span.source is not other.span.source or Kind.STRING in (one.kind, other.kind):
        return False
    if one.text in _APART or other.text in _APART:
        return False
    between = Span(one.span.source, one.span.end, other.span.start).text
    return not between or bool(_PASSED_OVER.fullmatch(between)) or (len(between) == 1 and not between.isspace())


def run_of(place: Span) -> str:
    """What somebody may have meant as one name around a place; "" where nothing there could be one."""
    text = place.source.text
    return next(
        (
            run[0]
            for run in _WHOLE.finditer(text, text.rfind("\n", 0, place.start) + 1)
            if run.end() > place.start and run.start() <= place.start
        ),
        "",
    )


def _grown(span: Span) -> Span:
    """With the letters and pictures at its ends that are no item: `übung` is read as `bung`."""
    text, start, end = span.source.text, span.start, span.end
    while start and _PASSED_OVER.fullmatch(text[start - 1]):
        start -= 1
    while end < len(text) and _PASSED_OVER.fullmatch(text[end]):
        end += 1
    return Span(span.source, start, end)


def _names(form: Form, items: tuple[Item, ...], word: Item) -> bool:
    """Whether the items have a form in which the word is a name."""
    fitted = match(form.phrase, items)
    if not isinstance(fitted, Match):
        return False
    names = {hole.field for hole in holes(compiled(form.phrase)) if hole.kind == "name" and not hole.choices}
    rows = (fitted.values, *(row for group in fitted.groups.values() for row in group))
    return any(field in names and captured.first[0] is word for row in rows for field, captured in row.items())
