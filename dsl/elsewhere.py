"""A clause in a block where it may not stand -> where it belongs.

Invariant: a block is named only if a clause that begins with the same word may stand in it.
"""

from __future__ import annotations

from functools import cache

from .diagnostics import Diagnostic
from .forms import ROOT, Form
from .heads import sound_head
from .phrases import Mismatch, match
from .source import Span
from .syntax import Item, Statement


@cache
def _places(opening: str) -> tuple[Form, ...]:
    """The forms in whose block a clause of this name may stand."""
    around: dict[str, Form] = {}
    todo = [ROOT]
    while todo:
        form = todo.pop(0)
        if opening in form.by_opening:
            around.setdefault(form.opening, form)
        todo.extend(inner for inner in form.body if inner.body and inner.key not in around)
    return tuple(around.values())


def is_misplaced(one: Diagnostic) -> bool:
    """Whether it tells of a clause that belongs in another block than the one it stands in."""
    return one.code == "ST1001" and bool(_places(one.labels[0].span.text))


def elsewhere_of(parent: Form, opening: str, items: tuple[Item, ...] = ()) -> str:
    """Where a clause belongs that was written in the wrong block; "" for a word that is none.

    Of several by the one that the `items` fit the longest: `holds 1 connection to db` is none of a queue's.
    """
    found = [form for form in _places(opening) if form is not ROOT]
    fits = {form.key: max(_fits(one, items) for one in form.by_opening[opening]) for form in found}
    places = [form.opening for form in found if fits[form.key] == max(fits.values())]
    inside = [name for name in places if name in parent.by_opening]
    if not places and not _places(opening):
        return ""
    if inside:
        outside = "; is a `}` too many above?" if parent is ROOT else ""
        return f"it stands one block deeper: in `{'`, `'.join(inside)}`{outside}"
    return f"it stands in `{'`, `'.join(places)}`" if places else "it stands at the top of a file"


def _fits(form: Form, items: tuple[Item, ...]) -> int:
    """How many of the items fit a form."""
    fitted = match(form.phrase, items)
    return fitted.at if isinstance(fitted, Mismatch) else len(items)


def by_itself(statement: Statement, at: int) -> str:
    """Where what stands behind the first word, which nothing of fits there, is a clause without it; "" for none."""
    rest = statement.items[1:]
    if at != 1 or not rest:
        return ""
    places = [one.opening for one in _places(rest[0].text) if one is not ROOT and sound_head(one, rest) is not None]
    # What may be in a fleet may be in a loop and an environment of it as well.
    places = ["fleet"] if "fleet" in places else places
    said = Span(statement.span.source, rest[0].span.start, rest[-1].span.end).text
    return f"`{said}` is a clause by itself: it stands in `{'`, `'.join(places)}`" if places else ""
