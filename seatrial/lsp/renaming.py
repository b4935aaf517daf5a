"""A name in a text -> its new name in all places, or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.forms.naming import TOGETHER, space
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import Item, Kind
from seatrial.dsl.values import value

from .document import Document
from .names import Occurrence


@dataclass(frozen=True, slots=True)
class Refused:
    """The reason is a sentence for the user."""

    reason: str


def renamable(document: Document, offset: int) -> Occurrence | Refused:
    name = document.names.at(offset)
    if name is None:
        return Refused("no name stands here: demands, pools, dependencies, nodes, trials and the like can be renamed")
    if document.names.declaration(name) is None:
        return Refused(f"`{name.name}` is not declared in this file")
    if "$" in name.name:
        return Refused(f"`{name.name}` is made in a loop; rename its parts")
    return name


def rename(document: Document, offset: int, new: str) -> list[types.TextEdit] | Refused:
    """The edits of the file. A name that is not one, or that is taken, is refused."""
    name = renamable(document, offset)
    if isinstance(name, Refused):
        return name
    bad = _not_a_name(new)
    if bad is not None:
        return Refused(bad)
    taken = next(
        (
            one
            for one in document.names.all
            if one.declares and one.name == new and one.key != name.key and space(one.kinds[0]) == name.key[0]
        ),
        None,
    )
    if taken is not None:
        line = document.lines.position(taken.start).line + 1
        shared = "; demands, pools and dependencies share one space of names" if taken.kinds[0] in TOGETHER else ""
        return Refused(f"the name `{new}` is taken: {taken.kinds[0]} `{new}` is declared in line {line}{shared}")
    places = {(one.start, one.end) for one in document.names.same(name)}
    return [types.TextEdit(document.lines.range(start, end), new) for start, end in sorted(places)]


def _not_a_name(new: str) -> str | None:
    source = Source("name", new)
    read = value("name", (Item(Kind.WORD, new, Span(source, 0, len(new))),), ())
    return f"{read.message}: {read.help}" if isinstance(read, Diagnostic) else None
