"""One block over another: what a pool says over its template, what an environment says over its fleet.

Invariant: a clause that may stand once takes the place of its counterpart, its block laid over the counterpart's; a
clause that may stand often has its counterpart by its names; what has none is added, or refused where nothing may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from ..diagnostics import Fix
from ..forms import Form
from ..heads import KEPT
from ..phrases import Match, compiled, holes, match
from ..source import Source, Span
from ..syntax import Block, Item, Kind, Statement

_NOWHERE = Span(Source("", ""), 0, 0)
Key = tuple[str, ...]
Added = Callable[[Statement, Form | None, Sequence[Statement]], bool]
"""Whether a statement that has no counterpart among those of the base may be added; says so where it may not."""


def form_of(parent: Form, statement: Statement) -> Form | None:
    """The form that a statement is written in; the first with its opening where none fits whole."""
    return _form_of(parent, _words_of(statement))


def key_of(form: Form, statement: Statement) -> Key:
    """By what a statement is found again: its slot, and where there may be several its names and choices."""
    return (form.slot,) if form.is_single else _key_of(form, _words_of(statement))


_Words = tuple[tuple[Kind, str], ...]


def _words_of(statement: Statement) -> _Words:
    return tuple([item[:2] for item in statement.items])


def _without_places(words: _Words) -> tuple[Item, ...]:
    return tuple([Item(kind, text, _NOWHERE) for kind, text in words])


# A template is laid under each of its pools, and most pools of a large fleet say the same.
@lru_cache(maxsize=KEPT)
def _form_of(parent: Form, words: _Words) -> Form | None:
    candidates = parent.by_opening.get(words[0][1], ())
    items = _without_places(words)
    for form in candidates:
        if isinstance(match(form.phrase, items), Match):
            return form
    return candidates[0] if candidates else None


@lru_cache(maxsize=KEPT)
def _key_of(form: Form, words: _Words) -> Key:
    fitted = match(form.phrase, _without_places(words))
    if not isinstance(fitted, Match):
        return (form.key, " ".join([text for _, text in words]))
    said = [
        # `holds 1 connection to db` and `holds 2 connections to db` say the same of one thing.
        text.removesuffix("s") if hole.choices else text
        for hole in holes(compiled(form.phrase))
        if (hole.choices or hole.kind == "name") and hole.field in fitted.values
        for text in [" ".join([item.text for item in fitted.values[hole.field].first])]
    ]
    # The template of a pool is no part of its name.
    return (form.key, *(said[:1] if form.key == "pool" else said))


_TELLING = ("quantile", "moment", "text", "spend")
"""Kinds of values by which those are told apart that have the same names; of money the period that it is for."""


def meant(form: Form, statement: Statement, among: Sequence[Statement]) -> Statement | None:
    """Of several with the same names the one that a statement of their form stands for; None where that is not said."""
    if len(among) < 2:
        return next(iter(among), None)
    mine = _said_in(form, statement)
    alike = [(len(mine[0] & theirs[0]), len(mine[1] & theirs[1])) for theirs in (_said_in(form, one) for one in among)]
    best = max(alike)
    if alike.count(best) > 1 or (not best[0] if mine[0] else not best[1]):
        return None
    return among[alike.index(best)]


def _said_in(form: Form, statement: Statement) -> tuple[frozenset[Key], frozenset[Key]]:
    """What tells a statement from others, and all other values in it."""
    fitted = match(form.phrase, statement.items)
    if not isinstance(fitted, Match):
        return frozenset(), frozenset()
    telling: set[Key] = set()
    others: set[Key] = set()
    for hole in holes(compiled(form.phrase)):
        rows = (fitted.values, *(row for rows in fitted.groups.values() for row in rows))
        for captured in (row[hole.field] for row in rows if hole.field in row):
            text = " ".join([item.text for item in captured.first])
            if hole.kind in _TELLING:
                telling.add((hole.field, text.rpartition("/")[2] if hole.kind == "spend" else text))
            else:
                others.add((hole.field, text))
    return frozenset(telling), frozenset(others)


def nearest(form: Form, statement: Statement, there: Sequence[Statement]) -> tuple[str, Fix | None] | None:
    """What a statement without a counterpart may have been meant to be, as the one of `there` that is written most
    like it is called, and the change that makes it that; None where none is near."""
    if form.is_single:
        return None
    length = named(form, statement)
    known: dict[str, Statement] = {}
    for one in there:
        if is_in(form, one):
            known.setdefault(said(one, length), one)
    close = get_close_matches(said(statement, length), known, n=1, cutoff=0.75)
    if not close:
        return None
    its = known[close[0]].items[:length]
    pairs = zip(statement.items, its, strict=False)
    unlike = [(mine.span, other.text) for mine, other in pairs if mine.text != other.text]
    return close[0], Fix(*unlike[0], f"write `{unlike[0][1]}`") if len(unlike) == 1 else None


def named(form: Form, statement: Statement) -> int:
    """How many items of a statement tell it from the others of its form, from the first on."""
    words = key_of(form, statement)[1:]
    return max((at for at, item in enumerate(statement.items, 1) if item.text in words), default=len(statement.items))


def said(statement: Statement, length: int) -> str:
    return " ".join([item.text for item in statement.items[:length]])


def is_in(form: Form, statement: Statement) -> bool:
    """Whether a statement is written in a form, whole."""
    return isinstance(match(form.phrase, statement.items), Match)


def lay_over(parent: Form, base: Statement, over: Statement, may_add: Added, *, stays: bool = False) -> Statement:
    """`over` in the place of `base`, with the block of `base` under its own.

    `stays`: a head that says what the base says is the base's: what is wrong with it is wrong there.
    """
    form = form_of(parent, over)
    same = stays and _words(base) == _words(over)
    if form is None or not form.body:
        return base if same and base.block is None and over.block is None else over
    return (base if same else over).with_block(merge(form, base.block, over.block, may_add, stays=stays))


def together(one: Block | None, other: Block | None) -> Block | None:
    """The statements of both: clauses with one head and a block become one, and what both say stands twice, for the
    reader to tell."""
    if one is None or other is None:
        return one or other
    merged = list(one.statements)
    places = {_words(statement): place for place, statement in enumerate(merged) if statement.block is not None}
    for statement in other.statements:
        place = places.get(_words(statement))
        if place is None or statement.block is None:
            merged.append(statement)
        else:
            merged[place] = merged[place].with_block(together(merged[place].block, statement.block))
    return Block(tuple(merged), one.span)


def _words(statement: Statement) -> Key:
    return tuple([item.text for item in statement.items])


def merge(form: Form, base: Block | None, over: Block | None, may_add: Added, *, stays: bool = False) -> Block | None:
    """The statements of both blocks of a clause, those of `over` in their counterparts' place; `stays` as above."""
    if base is None or over is None:
        for statement in over.statements if base is None and over is not None else ():
            may_add(statement, form_of(form, statement), ())
        return over if base is None else base
    merged = list(base.statements)
    places: dict[Key, list[int]] = {}
    laid: set[int] = set()
    for place, statement in enumerate(merged):
        known = form_of(form, statement)
        if known is not None:
            places.setdefault(key_of(known, statement), []).append(place)
    for statement in over.statements:
        known = form_of(form, statement)
        counterpart = _counterpart(known, statement, places, base.statements) if known is not None else None
        if counterpart is None:
            if may_add(statement, known, base.statements):
                merged.append(statement)
        elif stays and known is not None and left_out(known, statement, merged[counterpart]):
            may_add(statement, known, [merged[counterpart]])
        elif counterpart in laid:
            merged.append(statement)  # that it is said twice is the reader's to tell
        else:
            merged[counterpart] = lay_over(form, merged[counterpart], statement, may_add, stays=stays)
            laid.add(counterpart)
    return Block(tuple(merged), base.span)


def _counterpart(
    known: Form, statement: Statement, places: Mapping[Key, Sequence[int]], there: Sequence[Statement]
) -> int | None:
    """The first where one is said several times that may be said but once."""
    found = places.get(key_of(known, statement), ())
    if known.is_single or len(found) < 2:
        return found[0] if found else None
    one = meant(known, statement, [there[place] for place in found])
    return next((place for place in found if there[place] is one), None)


def named_alike(form: Form, statement: Statement, there: Sequence[Statement]) -> list[Statement]:
    """Those with the names of a statement that does not change one of them."""
    key = key_of(form, statement)
    return [one for one in there if is_in(form, one) and key_of(form, one) == key]


def left_out(form: Form, statement: Statement, base: Statement) -> list[str]:
    """The quantiles that only the base has a figure for."""
    mine, its = ([text for field, text in _said_in(form, one)[0] if field == "quantile"] for one in (statement, base))
    return sorted(set(its) - set(mine))
