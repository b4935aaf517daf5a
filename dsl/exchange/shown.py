"""A form -> what it looks like in YAML or JSON, with what may be written in the place of each value.

Invariant: keys and fields are those of the shape, so that what is shown is what is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ..forms import Form
from ..phrases import Hole, Repeat
from ..values import KINDS
from . import Notation
from .shape import Body, Key, Shape, fields_of, root

_OPEN = "…"


def shown(form: Form, notation: Notation) -> str:
    """`peak: {rate: RATE, for: DURATION, every: DURATION}`; on further lines the shorter ways. "" for no clause."""
    found = _shapes().get(id(form))
    if found is None:
        return ""
    key, shape = found
    name = _text(key.name, notation)
    if shape.flag:
        return f"{name}: true"
    said = {field: one for field, one in shape.content.items() if field not in shape.row.plurals}
    inner = [f"{_text(field, notation)}: {_value(one, notation)}" for field, one in said.items()]
    whole = f"{{{', '.join([*inner, *([_OPEN] if shape.form.body else [])])}}}"
    if key.named:
        return f"{name}: {{{_text('NAME', notation)}: {whole}}}"
    ways = [f"[{whole}]" if key.listed else whole]
    bare = shape.short or shape.listed
    if bare is not None and shape.row.required in ((), (bare,)):
        ways.insert(0, _value(shape.row.fields[bare], notation))
    if len(said) == 1 and bare is not None and not shape.form.body:
        ways = ways[:1]
    return "\n".join(f"{name}: {one}" for one in ways)


def may_be_left_out(form: Form) -> tuple[str, ...]:
    """The fields that a clause does without."""
    found = _shapes().get(id(form))
    if found is None:
        return ()
    row = found[1].row
    return tuple(one for one in found[1].content if one not in row.required and one not in row.plurals)


def _value(one: Hole | Repeat, notation: Notation) -> str:
    if isinstance(one, Repeat):
        fields = list(fields_of(one.elements))
        if len(fields) == 1:
            return f"[{_value(fields[0], notation)}, {_OPEN}]"
        inner = ", ".join(f"{_text(field.field, notation)}: {_value(field, notation)}" for field in fields)
        return f"[{{{inner}}}, {_OPEN}]"
    if one.choices:
        return _text("|".join(sorted(" ".join(words) for words in one.choices)), notation)
    base = one.kind.removesuffix("..")
    name = KINDS[base].shown or base.upper()
    return _text(f"{name} or {name}..{name}" if one.kind.endswith("..") else name, notation)


def _text(text: str, notation: Notation) -> str:
    return f'"{text}"' if notation is Notation.JSON else text


@cache
def _shapes() -> Mapping[int, tuple[Key, Shape]]:
    """By the identity of the form, which the registry keeps."""
    found: dict[int, tuple[Key, Shape]] = {}
    seen: set[int] = set()
    todo: list[Body] = [root()]
    while todo:
        body = todo.pop(0)
        if id(body) in seen:
            continue
        seen.add(id(body))
        for key in body.keys.values():
            for shape in key.shapes:
                found.setdefault(id(shape.form), (key, shape))
                todo.append(shape.body)
    return found
