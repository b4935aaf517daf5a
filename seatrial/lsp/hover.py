"""A place in a text -> what there is to know about it, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from seatrial.dsl.forms import Form, Times
from seatrial.dsl.phrases import Hole, spelled
from seatrial.dsl.syntax import Item
from seatrial.dsl.values import KINDS

from . import amounts
from .document import Document
from .names import Occurrence
from .understood import Understood

_OFTEN = {
    Times.ONCE: "must be said",
    Times.SOME: "at least once",
    Times.MAYBE: "may be said",
    Times.MANY: "any number of times",
}


def hover(document: Document, offset: int) -> types.Hover | None:
    found = document.understanding.at(offset)
    if found is None:
        return None
    placed, one, item = found
    local = offset - placed.start
    if one.form is None or local > one.statement.head.end:
        return None
    parts = [_item(document, one, item, offset), described(one.form)]
    start, end = placed.start + one.statement.head.start, placed.start + one.statement.head.end
    parts += _proofs(document, start, end)
    parts += _unwritten(document, start, end)
    shown = (placed.start + item.span.start, placed.start + item.span.end) if item is not None else (start, end)
    text = "\n\n---\n\n".join(part for part in parts if part)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), document.lines.range(*shown))


def described(form: Form) -> str:
    """A clause as the reference has it."""
    block = " { … }" if form.body else ""
    return f"```fleet\n{spelled(form.phrase)}{block}\n```\n{form.doc}\n\n*{_OFTEN[form.times]}*"


def _item(document: Document, one: Understood, item: Item | None, offset: int) -> str:
    role = one.role(item) if item is not None else None
    if item is None or not isinstance(role, Hole):
        return ""
    name = document.names.at(offset)
    if name is not None:
        return _name(document, name)
    if role.choices:
        return "one of " + ", ".join(f"`{' '.join(words)}`" for words in sorted(role.choices))
    kind = KINDS[role.kind.removesuffix("..")]
    value = amounts.told(item.text, role.kind)
    return f"`{item.text}`: {kind.title}" + (f" = {value}" if value else "")


def _name(document: Document, name: Occurrence) -> str:
    declared = document.names.declaration(name)
    if declared is None:
        return f"`{name.name}`: {' or '.join(name.kinds)}, not declared in this file"
    found = document.understanding.at(declared.start)
    line = document.lines.position(declared.start).line + 1
    head = found[1].statement.head.text if found is not None else name.name
    uses = len(document.names.same(name)) - 1
    return f"```fleet\n{head}\n```\ndeclared in line {line}, used {uses} {'time' if uses == 1 else 'times'}"


def _proofs(document: Document, start: int, end: int) -> Iterable[str]:
    for proof in document.judged.proofs:
        if not proof.at.path and start <= proof.at.start and proof.at.end <= end:
            yield f"**{proof.status}**: {proof.claim}" + (f"\n\n{proof.told}" if proof.told else "")


def _unwritten(document: Document, start: int, end: int) -> Iterable[str]:
    values = [
        one for one in document.judged.unwritten if not one.at.path and (one.at.start, one.at.end) == (start, end)
    ]
    if values:
        yield "not written here:\n\n" + "\n".join(f"- `{one.written}`: {one.source}" for one in values)
