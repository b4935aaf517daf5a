"""A place in a text -> what there is to know about it, as Markdown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from seatrial.dsl.diagnostics.codes import explanation
from seatrial.dsl.exchange import Notation
from seatrial.dsl.exchange.hints import in_notation
from seatrial.dsl.exchange.shown import may_be_left_out, shown
from seatrial.dsl.forms import Form, Times
from seatrial.dsl.phrases import Hole, spelled
from seatrial.dsl.syntax import Item
from seatrial.dsl.values import KINDS

from . import amounts
from .document import Document
from .judged import Known, Proof
from .mentions import Mentions
from .names import Occurrence
from .understood import Understood

_OFTEN = {
    Times.ONCE: "must be said",
    Times.SOME: "at least once",
    Times.MAYBE: "may be said",
    Times.EACH: "once of each",
    Times.MANY: "any number of times",
}


_SHOWN = 4
_CODE = re.compile(r"\bST[0-9]{4}\b")


def clause_at(document: Document, offset: int) -> tuple[int, int] | None:
    """Where the clause around an offset begins and ends, its block left out."""
    found = document.understanding.at(offset)
    if found is None:
        return None
    placed, one, _ = found
    head = one.statement.head
    if one.form is None or offset - placed.start > head.end:
        return None
    return placed.start + head.start, placed.start + head.end


def hover(document: Document, offset: int, mentions: Mentions, known: Known) -> types.Hover | None:
    """`known` is what was found for the clause there."""
    code = next((one for one in _CODE.finditer(document.text) if one.start() <= offset <= one.end()), None)
    if code is not None and (about := explanation(code[0])) is not None:
        text = about.partition("\n## ")[0]
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), document.lines.range(*code.span()))
    found, place = document.understanding.at(offset), clause_at(document, offset)
    if found is None or place is None:
        return None
    placed, one, item = found
    assert one.form is not None
    start, end = place
    parts = [_item(document, one, item, offset, mentions), described(one.form, document.notation)]
    parts += [_proved(proof) for proof in known.proofs]
    parts += _unwritten(known, document.notation)
    around = (placed.start + item.span.start, placed.start + item.span.end) if item is not None else (start, end)
    text = "\n\n---\n\n".join(part for part in parts if part)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), document.lines.range(*around))


def described(form: Form, notation: Notation = Notation.FLEET) -> str:
    """A clause as the reference has it, or as it stands in the other notation."""
    block = " { … }" if form.body else ""
    text, less = f"{spelled(form.phrase)}{block}", ""
    if notation is not Notation.FLEET:
        text = shown(form, notation) or text
        may = [f"`{one}`" for one in may_be_left_out(form)]
        less = f"; {', '.join(may)} may be left out" if may else ""
    return f"```{notation.value}\n{text}\n```\n{form.doc}\n\n*{_OFTEN[form.times]}*{less}"


def _item(document: Document, one: Understood, item: Item | None, offset: int, mentions: Mentions) -> str:
    role = one.role(item) if item is not None else None
    if item is None or not isinstance(role, Hole):
        return ""
    name = mentions.at(document, offset)
    if name is not None:
        return _name(document, name, mentions)
    if role.choices:
        return "one of " + ", ".join(f"`{' '.join(words)}`" for words in sorted(role.choices))
    kind = KINDS[role.kind.removesuffix("..")]
    value = amounts.told(item.text, role.kind)
    return f"`{item.text}`: {kind.title}" + (f" = {value}" if value else "")


def _name(document: Document, name: Occurrence, mentions: Mentions) -> str:
    same = mentions.same(document, name)
    declared = next((one for one in same if one.at.declares), None)
    if declared is None:
        return f"`{name.name}`: {' or '.join(name.kinds)}, declared neither here nor in the files of this fleet"
    text = declared.text
    found = text.understanding.at(declared.at.start)
    line = text.lines.position(declared.at.start).line + 1
    head = (
        found[1].statement.head.text
        if found is not None and text.notation is Notation.FLEET
        else f"{name.kinds[0]}: {name.name}"
    )
    uses = sum(not one.at.declares for one in same)
    files = len({one.text.file for one in same})
    where = f"line {line}" if text is document else f"line {line} of {_relative(text.file, document.file)}"
    used = f"used {uses} {'time' if uses == 1 else 'times'}" + (f" in {files} files" if files > 1 else "")
    made = f"; `{name.name}` comes to {_some(name.made)}" if name.made else ""
    fence = text.notation.value
    return f"```{fence}\n{head}\n```\ndeclared in {where}, {used}{made}"


def _some(names: tuple[str, ...]) -> str:
    some = [f"`{one}`" for one in names[:_SHOWN]]
    return ", ".join(some) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")


def _relative(file: Path, to: Path) -> str:
    return Path(os.path.relpath(file, to.parent)).as_posix()


def _proved(proof: Proof) -> str:
    return f"**{proof.status}**: {proof.claim}" + (f"\n\n{proof.told}" if proof.told else "")


def _unwritten(known: Known, notation: Notation) -> Iterable[str]:
    if known.unwritten:
        lines = (f"- `{in_notation(one.written, notation)}`: {one.source}" for one in known.unwritten)
        yield "not written here:\n\n" + "\n".join(lines)
