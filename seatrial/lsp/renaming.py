"""A name in a text -> its new name in all places, in all files of its fleets, or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.forms.naming import TOGETHER
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import Item, Kind
from seatrial.dsl.values import value

from .mentions import Mention, Mentions
from .names import Occurrence
from .text import Text


@dataclass(frozen=True, slots=True)
class Refused:
    """The reason is a sentence for the user."""

    reason: str


def renamable(document: Text, offset: int, mentions: Mentions) -> Occurrence | Refused:
    name = mentions.at(document, offset)
    if name is None:
        return Refused("no name stands here: demands, pools, dependencies, nodes, trials and the like can be renamed")
    if not mentions.declarations(document, name):
        return Refused(f"`{name.name}` is declared neither in this file nor in the others of its fleet")
    made = next((one for one in mentions.same(document, name) if one.at.made), None)
    if made is not None:
        where = "" if name.made else f", of `{made.at.name}` in {_line(made, document)}"
        return Refused(f"`{name.name}` is made of values{where}: rename those")
    return name


def rename(document: Text, offset: int, new: str, mentions: Mentions) -> dict[str, list[types.TextEdit]] | Refused:
    """The edits of each file, by its uri. A name that is not one, or that is taken, is refused."""
    name = renamable(document, offset, mentions)
    if isinstance(name, Refused):
        return name
    bad = _not_a_name(new)
    if bad is not None:
        return Refused(bad)
    if new == name.name:
        return {}
    same = mentions.same(document, name)
    edits: dict[str, list[types.TextEdit]] = {}
    for text in {one.text.file: one.text for one in same}.values():
        taken = mentions.taken(text, new, name.space)
        if taken is not None:
            return Refused(_taken(new, taken, document))
        places = sorted({(one.at.start, one.at.end) for one in same if one.text is text})
        if any(text.text[start:end] != name.name for start, end in places):
            return Refused(f"`{name.name}` is written with quotes or escapes in {text.path}; change it there by hand")
        edits[text.uri] = [types.TextEdit(text.lines.range(start, end), new) for start, end in places]
    return edits


def _taken(new: str, taken: Mention, document: Text) -> str:
    kind = taken.at.kinds[0]
    shared = "; demands, pools and dependencies share one space of names" if kind in TOGETHER else ""
    return f"the name `{new}` is taken: {kind} `{taken.at.name}` is declared in {_line(taken, document)}{shared}"


def _line(one: Mention, document: Text) -> str:
    line = one.text.lines.position(one.at.start).line + 1
    return f"line {line}" + ("" if one.text is document else f" of {one.text.path}")


def _not_a_name(new: str) -> str | None:
    source = Source("name", new)
    read = value("name", (Item(Kind.WORD, new, Span(source, 0, len(new))),), ())
    return f"{read.message}: {read.help}" if isinstance(read, Diagnostic) else None
