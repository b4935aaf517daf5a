"""Statements -> the document that says the same, ready to be printed as YAML or JSON.

A clause that may be said often is gathered under one key, where it was said first; so the order of clauses of
different keys is layout. Invariant: what is read back from the printed document has the same items, clause by clause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..format import join
from ..phrases import Captured, Hole, Match, Repeat, match
from ..syntax import File, Item, Kind, Statement
from .comments import Comments
from .shape import NAME, Body, Row, Shape, is_text, plural, root, row_of


@dataclass(frozen=True, slots=True)
class Leaf:
    """`text` True: the value is text as it is, and a string in every notation."""

    value: str
    text: bool = False


TRUE = Leaf("true")


@dataclass(slots=True)
class Entry:
    """One field, or one element of a list where the key is empty, with the comments that stand with it.

    `beside` is about its first line, `behind` about all of it.
    """

    key: str
    value: Leaf | Branch
    above: tuple[str, ...] = ()
    beside: str = ""
    behind: str = ""


@dataclass(slots=True)
class Branch:
    """A mapping or a list. `spread`: each entry has a line of its own, however short they are.

    Inside it stand comments, or it is one of many. `gathered`: the entries are all that a block says under one key, and
    what stands above the first of them stands above that key.
    """

    entries: list[Entry] = field(default_factory=list)
    keyed: bool = True
    spread: bool = False
    gathered: bool = False
    below: tuple[str, ...] = ()


class Unsaid(Exception):
    """A statement that is none of the language's, or stands where another of its kind does: it has no other form."""

    def __init__(self, statement: Statement) -> None:
        super().__init__(join(statement.items))
        self.statement = statement


def document_of(file: File) -> Branch:
    """The document of a file that was read without errors. Raises Unsaid where a statement is no clause."""
    comments = Comments(file)
    document = _body(comments, root(), file.statements, Branch(spread=True))
    document.below = comments.above(len(file.source.text) + 1)
    return document


def entries_of(comments: Comments, body: Body, statements: tuple[Statement, ...]) -> list[Entry]:
    """The fields of a block that has these clauses. Raises Unsaid as above."""
    return _body(comments, body, statements, Branch()).entries


def shape_of(body: Body, statement: Statement) -> tuple[Shape, Match]:
    """The form that a statement is written in, names for values not yet replaced."""
    for shape in body.by_opening.get(statement.items[0].text, ()):
        fitted = match(shape.form.phrase, statement.items, names=True)
        if isinstance(fitted, Match) and (statement.block is None or shape.form.body):
            return shape, fitted
    raise Unsaid(statement)


def _body(comments: Comments, body: Body, statements: tuple[Statement, ...], out: Branch) -> Branch:
    """Adds the clauses of a block to a mapping, grouped by their keys."""
    groups: dict[str, list[tuple[Shape, Entry, str]]] = {}
    for statement in statements:
        shape, fitted = shape_of(body, statement)
        if groups.get(shape.key) and not body.keys[shape.key].listed:
            raise Unsaid(statement)
        above, beside = comments.above(statement.span.start), comments.beside(statement)
        name = join(fitted.values[NAME].first) if shape.named else ""
        value = _content(comments, shape, fitted, statement)
        if statement.block is not None and not statement.block.statements:
            # What has no clauses has no lines inside.
            above += comments.below(statement.block)
        elif beside and statement.block is not None and isinstance(value, Branch):
            # On one line it would be read as the comment of the last clause inside.
            value.spread = True
        entry = Entry("", value, above, beside, comments.behind(statement.span))
        groups.setdefault(shape.key, []).append((shape, entry, name))
    out.entries += [_gathered(key, members) for key, members in groups.items()]
    return out


def _content(comments: Comments, shape: Shape, fitted: Match, statement: Statement) -> Leaf | Branch:
    if shape.flag:
        return TRUE
    given = {entry.key: entry for entry in _fields(shape.row, fitted.values, fitted.groups)}
    if shape.named:
        given.pop(shape.row.keys[NAME])
    out = Branch(list(given.values()))
    if statement.block is not None and statement.block.statements:
        _body(comments, shape.body, statement.block.statements, out)
        out.below = comments.below(statement.block)
    only = out.entries[0] if len(out.entries) == 1 and not out.below else None
    return only.value if only is not None and only.key in (shape.short, shape.listed) else out


def _gathered(key: str, members: list[tuple[Shape, Entry, str]]) -> Entry:
    """All that a block says under one key."""
    first = members[0][1]
    if not any(shape.many for shape, _, _ in members) and len(members) == 1:
        return Entry(key, first.value, first.above, first.beside, first.behind)
    above, first.above = first.above, ()
    names = [name for _, _, name in members]
    entries = [entry for _, entry, _ in members]
    if members[0][0].named and len(set(names)) == len(names):
        for entry, name in zip(entries, names, strict=True):
            entry.key = name
        return Entry(key, Branch(entries, spread=True, gathered=True), above)
    for shape, entry, name in members:
        if shape.named:
            # A mapping could not hold one name twice; that it must not be is for the resolver to say.
            entry.value = _with_name(shape, entry.value, name)
        if isinstance(entry.value, Branch) and entry.beside:
            # An element of a list has no line for its head but that of its first field, with clauses on those below.
            head, last = entry.value.entries[0], entry.value.entries[-1]
            if isinstance(head.value, Leaf) and head.key in shape.row.fields and last.key not in shape.row.fields:
                head.beside, entry.beside = entry.beside, ""
            else:
                entry.above, entry.beside = (*entry.above, entry.beside), ""
                entry.value.spread = False
    above, first.above = (*above, *first.above), ()
    return Entry(key, Branch(entries, keyed=False, spread=True, gathered=True), above)


def _with_name(shape: Shape, value: Leaf | Branch, name: str) -> Branch:
    named = Entry(shape.row.keys[NAME], Leaf(name))
    if isinstance(value, Branch) and value.keyed:
        value.entries.insert(0, named)
        return value
    only = shape.short or shape.listed
    return Branch([named, *([Entry(only, value)] if only else [])])


def _fields(
    row: Row, values: Mapping[str, Captured], groups: Mapping[str, list[Mapping[str, Captured]]]
) -> list[Entry]:
    out: list[Entry] = []
    for key, element in row.fields.items():
        if isinstance(element, Repeat):
            if element.field in groups:
                inner = row_of(element.elements)
                out.append(Entry(key, Branch([_element(inner, one) for one in groups[element.field]], keyed=False)))
        elif element.field in values and not _implied(element, row, values):
            out.append(Entry(key, _leaf(element, values[element.field])))
    return out


def _element(row: Row, values: Mapping[str, Captured]) -> Entry:
    fields = _fields(row, values, {})
    if len(fields) == 1 and row.required == (fields[0].key,):
        return Entry("", fields[0].value)
    return Entry("", Branch(fields))


def _implied(hole: Hole, row: Row, values: Mapping[str, Captured]) -> bool:
    """Whether a choice between singular and plural is the one that its number demands."""
    words = plural(hole)
    if words is None:
        return False
    before = list(row.keys)[max(list(row.keys).index(hole.field) - 1, 0)]
    number = values[before].first if before in values else ()
    wanted = words[0] if number and number[-1].text == "1" else words[1]
    return " ".join(item.text for item in values[hole.field].first) == wanted


def _leaf(hole: Hole, captured: Captured) -> Leaf:
    items = captured.first
    if is_text(hole) and items[0].kind is Kind.STRING:
        return Leaf(items[0].string, text=True)
    if hole.choices:
        return Leaf(" ".join(item.text for item in items))
    if not captured.last:
        return Leaf(join(items), text=is_text(hole))
    middle = Item(Kind.SYMBOL, "..", items[-1].span)
    return Leaf(join((*items, middle, *captured.last)))
