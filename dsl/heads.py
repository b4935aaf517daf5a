"""The head of a statement -> the form that it is written in, and its values, wherever it stands.

What a head says follows from its words alone, and a large spec writes most of its heads (`cpu 500m`) many times over:
the words are understood once, and after that only the places are put in. Most others are of few shapes, `call NAME ->
NAME`: which form one of a shape is written in, and where its values stand, is found once as well. Invariant: what is
remembered knows of no place, and of a head in which anything is wrong only that it is none of the sound ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from .diagnostics import Diagnostic
from .forms import Form
from .names import name_meant
from .phrases import Captured, Hole, Match, compiled, holes, match, spoken
from .source import Source, Span
from .syntax import Item, Kind, Statement, Words
from .values import AS_WRITTEN, Value, value

KEPT = 1 << 14
"""How many heads are remembered: some megabytes."""

_NOWHERE = Source("", "")
_NO_VALUES: Mapping[str, Value] = {}
_NO_GROUPS: Mapping[str, tuple[Mapping[str, Value], ...]] = {}

_SIGNS = ("(", ")", ",", "..")
"""What makes one value of several items, or a list."""
_ANY = {kind: (kind, "") for kind in Kind}
"""What stands in a shape for any item of a kind."""

_Said = tuple[tuple[Kind, str], ...]
"""Of each item its kind and its text."""


class _Told(NamedTuple):
    """A value without its place: it stands from the item `first` to the item `last`, its upper end in `high_at`.

    `text` None: it is as the source has it.
    """

    field: str
    first: int
    last: int
    text: str | None
    amount: Fraction
    high: Fraction | None
    high_at: tuple[int, int] | None


class _Known(NamedTuple):
    form: Form
    values: tuple[_Told, ...]
    groups: tuple[tuple[str, tuple[tuple[_Told, ...], ...]], ...]


class _Place(NamedTuple):
    """A value in a shape, of a kind, "" for a choice: made of the items `first`, and of `last` behind its `..`."""

    field: str
    kind: str
    first: slice
    last: slice | None


class _Shape(NamedTuple):
    """As `_Known`, of all heads of one shape."""

    form: Form
    values: tuple[_Place, ...]
    groups: tuple[tuple[str, tuple[tuple[_Place, ...], ...]], ...]


class Head(NamedTuple):
    """What a head says: `groups` are the rows of its lists."""

    form: Form
    values: Mapping[str, Value]
    groups: Mapping[str, tuple[Mapping[str, Value], ...]]


def head_of(parent: Form, statement: Statement) -> Head | None:
    """What the head of a statement in the block of a form says; None where anything is wrong with it."""
    words = statement.words
    if words is None:
        return sound_head(parent, statement.items)
    if parent in words.known:
        known: _Known | None = words.known[parent]
    else:
        known = words.known[parent] = _known(parent, tuple([part[:2] for part in words.parts]))
    if known is None:
        return None
    form, told, rows = known
    values = _at(told, words, statement.span) if told else _NO_VALUES
    if not rows:
        return Head(form, values, _NO_GROUPS)
    return Head(form, values, {name: tuple([_at(row, words, statement.span) for row in group]) for name, group in rows})


def sound_head(parent: Form, items: tuple[Item, ...]) -> Head | None:
    """What a head in the block of a form says; None where anything is wrong with it."""
    known = _known(parent, tuple([item[:2] for item in items]))
    if known is None:
        return None
    form, told, rows = known
    values = _placed(told, items) if told else _NO_VALUES
    if not rows:
        return Head(form, values, _NO_GROUPS)
    return Head(form, values, {name: tuple([_placed(row, items) for row in group]) for name, group in rows})


def values_of(form: Form, captured: Mapping[str, Captured], found: list[Diagnostic]) -> dict[str, Value]:
    """The values that fill the holes of a form, without those that are reported in `found`."""
    kinds = _holes_of(form.phrase)
    out: dict[str, Value] = {}
    for field, items in captured.items():
        hole = kinds[field]
        if hole.choices:
            span = items.first[0].span.to(items.first[-1].span)
            out[field] = Value(" ".join(item.text for item in items.first), span)
            continue
        read = value(hole.kind.removesuffix(".."), items.first, items.last)
        if isinstance(read, Diagnostic):
            # A name is told to be none once, where it is first read, and not at each of its uses.
            if read.code != "ST1105" or not any(one.message == read.message for one in found):
                found.append(read)
            if read.code == "ST1105" and (meant := name_meant(items.first[0].text)):
                # Everybody who names it is understood, and the name is told of once.
                out[field] = Value(meant, items.first[0].span)
        else:
            out[field] = read
    return out


@cache
def _holes_of(phrase: str) -> Mapping[str, Hole]:
    return {hole.field: hole for hole in holes(compiled(phrase))}


@lru_cache(maxsize=KEPT)
def _known(parent: Form, words: _Said) -> _Known | None:
    known = _vocabulary(parent)
    shape = _shape(parent, tuple([item if item[1] in known else _ANY[item[0]] for item in words]))
    if shape is None:
        return None
    values = _told(shape.values, words)
    groups = [(name, [_told(row, words) for row in rows]) for name, rows in shape.groups]
    if values is None or any(row is None for _, rows in groups for row in rows):
        return None
    return _Known(
        shape.form, values, tuple([(name, tuple([row for row in rows if row is not None])) for name, rows in groups])
    )


@cache
def _vocabulary(parent: Form) -> frozenset[str]:
    """The words and signs that a phrase of the block may ask for by their text."""
    return frozenset(_SIGNS).union(*(spoken(compiled(form.phrase)) for form in parent.body))


@lru_cache(maxsize=KEPT)
def _shape(parent: Form, items: _Said) -> _Shape | None:
    """The first form that heads of this shape fit. An item has its text where a phrase may ask for it, else none."""
    # For places the items have their numbers, so each value tells of which it is made.
    numbered = tuple([Item(*item, Span(_NOWHERE, at, at + 1)) for at, item in enumerate(items)])
    for form in parent.by_opening.get(items[0][1], ()):
        fitted = match(form.phrase, numbered)
        if isinstance(fitted, Match):
            groups = [(name, tuple([_places(form, row) for row in rows])) for name, rows in fitted.groups.items()]
            return _Shape(form, _places(form, fitted.values), tuple(groups))
    return None


def _places(form: Form, captured: Mapping[str, Captured]) -> tuple[_Place, ...]:
    kinds = _holes_of(form.phrase)
    return tuple(
        [
            _Place(
                field,
                "" if kinds[field].choices else kinds[field].kind.removesuffix(".."),
                _numbers(items.first),
                _numbers(items.last) if items.last else None,
            )
            for field, items in captured.items()
        ]
    )


def _numbers(items: tuple[Item, ...]) -> slice:
    return slice(items[0].span.start, items[-1].span.end)


def _told(places: tuple[_Place, ...], words: _Said) -> tuple[_Told, ...] | None:
    """The values of a head; None where one of them is none."""
    out: list[_Told] = []
    for field, kind, first, last in places:
        if not kind:
            text: str | None = " ".join([text for _, text in words[first]])
            out.append(_Told(field, first.start, first.stop - 1, text, Fraction(0), None, None))
            continue
        read = _read(kind, words[first], words[last] if last is not None else ())
        if read is None:
            return None
        text = None if kind in AS_WRITTEN else read.text
        high_at = (last.start, last.stop - 1) if last is not None else None
        out.append(_Told(field, first.start, first.stop - 1, text, read.amount, read.high, high_at))
    return tuple(out)


@lru_cache(maxsize=KEPT)
def _read(kind: str, first: _Said, last: _Said) -> Value | None:
    """A value, its place left out; None where it is none."""
    nowhere = Span(_NOWHERE, 0, 0)
    read = value(kind, tuple([Item(*one, nowhere) for one in first]), tuple([Item(*one, nowhere) for one in last]))
    return read if isinstance(read, Value) else None


def _at(told: tuple[_Told, ...], words: Words, span: Span) -> dict[str, Value]:
    """The values of words that begin where a span does."""
    source, base, _ = span
    parts = words.parts
    out: dict[str, Value] = {}
    for field, first, last, text, amount, high, high_at in told:
        start, end = base + parts[first][2], base + parts[last][3]
        high_span = None
        if high_at is not None:
            high_span = Span(source, base + parts[high_at[0]][2], base + parts[high_at[1]][3])
        said = source.text[start:end] if text is None else text
        out[field] = Value(said, Span(source, start, end), amount, high, high_span)
    return out


def _placed(told: tuple[_Told, ...], items: tuple[Item, ...]) -> dict[str, Value]:
    out: dict[str, Value] = {}
    for field, first, last, text, amount, high, high_at in told:
        span = items[first].span if first == last else items[first].span.to(items[last].span)
        high_span = items[high_at[0]].span.to(items[high_at[1]].span) if high_at is not None else None
        out[field] = Value(span.text if text is None else text, span, amount, high, high_span)
    return out
