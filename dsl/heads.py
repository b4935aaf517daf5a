"""The head of a statement -> the form that it is written in, and its values, wherever it stands.

What a head says follows from its words alone, and a large spec writes most of its heads (`cpu 500m`) many times over:
the words are understood once, and after that only the places are put in. Invariant: what is remembered knows of no
place, and a head in which anything is wrong is not remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from .diagnostics import Diagnostic
from .forms import Form
from .names import name_meant
from .phrases import Captured, Hole, Match, compiled, holes, match
from .source import Source, Span
from .syntax import Item, Kind
from .values import AS_WRITTEN, Value, value

KEPT = 1 << 14
"""How many heads are remembered: some megabytes."""

_NOWHERE = Source("", "")
_NO_VALUES: Mapping[str, Value] = {}
_NO_GROUPS: Mapping[str, tuple[Mapping[str, Value], ...]] = {}


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


class Head(NamedTuple):
    """What a head says: `groups` are the rows of its lists."""

    form: Form
    values: Mapping[str, Value]
    groups: Mapping[str, tuple[Mapping[str, Value], ...]]


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
def _known(parent: Form, words: tuple[tuple[Kind, str], ...]) -> _Known | None:
    # For places the items have their numbers, so each value tells of which it is made.
    items = tuple(Item(kind, text, Span(_NOWHERE, at, at + 1)) for at, (kind, text) in enumerate(words))
    for form in parent.by_opening.get(items[0].text, ()):
        fitted = match(form.phrase, items)
        if isinstance(fitted, Match):
            found: list[Diagnostic] = []
            values = _without_places(form, fitted.values, found)
            groups = tuple(
                (name, tuple(_without_places(form, row, found) for row in rows)) for name, rows in fitted.groups.items()
            )
            return None if found else _Known(form, values, groups)
    return None


def _without_places(form: Form, captured: Mapping[str, Captured], found: list[Diagnostic]) -> tuple[_Told, ...]:
    kinds = _holes_of(form.phrase)
    return tuple(
        _Told(
            field,
            one.span.start,
            one.span.end - 1,
            None if not kinds[field].choices and kinds[field].kind.removesuffix("..") in AS_WRITTEN else one.text,
            one.amount,
            one.high,
            (one.high_span.start, one.high_span.end - 1) if one.high_span is not None else None,
        )
        for field, one in values_of(form, captured, found).items()
    )


def _placed(told: tuple[_Told, ...], items: tuple[Item, ...]) -> dict[str, Value]:
    out: dict[str, Value] = {}
    for field, first, last, text, amount, high, high_at in told:
        span = items[first].span if first == last else items[first].span.to(items[last].span)
        high_span = items[high_at[0]].span.to(items[high_at[1]].span) if high_at is not None else None
        out[field] = Value(span.text if text is None else text, span, amount, high, high_span)
    return out
