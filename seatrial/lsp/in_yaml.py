"""A place in a spec in YAML or JSON -> what may be written there: keys, fields, words, names, units.

The line that is being typed seldom parses, and then nothing of the text does: the way to the place is read from the
indentation of the lines above it and the braces that are open, and what it leads to from the shapes that the readers
have. Limits: in strings of several lines nothing is offered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lsprotocol import types

from seatrial.dsl.exchange import Notation
from seatrial.dsl.exchange.shape import Body, Key, Shape, fields_of, root, row_of
from seatrial.dsl.exchange.statements import wanted_of
from seatrial.dsl.forms import Form
from seatrial.dsl.forms.naming import declares, refers
from seatrial.dsl.phrases import Hole, Repeat, describe
from seatrial.dsl.values import KINDS

from . import amounts
from .document import Document
from .hover import described
from .in_braces import Open, closed, opened
from .mentions import Mentions
from .text import Text

_LINE = re.compile(r"(?P<lead>[ ]*(?:-[ ]+)*)(?:(?P<key>\"[^\"]*\"|[A-Za-z_$][\w$.-]*):(?:[ ]+(?P<rest>.*))?)?")
_TYPED = re.compile(r"[\w$%./\u00b5-]*$")
_COMMA_LEFT = re.compile(r",(\s*[}\]])")
_OPEN_QUOTE = re.compile(r'"([^"\\]*)$')


@dataclass(frozen=True, slots=True)
class _Open:
    """What is expected below a key: the keys of a block, and the fields of clauses, each with its form."""

    body: Body = field(default_factory=Body)
    fields: Mapping[str, tuple[Form | None, Hole | Repeat]] = field(default_factory=dict)
    named: Key | None = None
    """Where names stand for keys, whose entries these are."""


def complete(document: Document, offset: int, mentions: Mentions) -> list[types.CompletionItem]:
    text = document.text
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    head = text[start:offset]
    typed = _TYPED.search(head)
    partial = typed[0] if typed is not None else ""
    before = head[: len(head) - len(partial)]
    if "#" in before or before.count('"') % 2 or before.count("'") % 2:
        return []
    items = _offered(document, start + len(before), offset, partial, mentions)
    where = document.lines.range(offset - len(partial), offset)
    out = list(items)
    for number, one in enumerate(out):
        one.sort_text = f"{number:04}"
        one.filter_text = one.filter_text or one.label
        one.text_edit = types.TextEdit(where, one.insert_text or one.label)
    return out


def complete_json(document: Document, offset: int, mentions: Mentions) -> list[types.CompletionItem]:
    """As `complete`; keys and texts come in quotes, which may be there already."""
    text = document.text
    head = text[text.rfind("\n", 0, offset) + 1 : offset]
    quoted = _OPEN_QUOTE.search(head) if head.count('"') % 2 else None
    typed = _TYPED.search(head)
    partial = quoted[1] if quoted is not None else typed[0] if typed is not None else ""
    begin = offset - len(partial) - (quoted is not None)
    braces = opened(text[:begin], by_lines=False)
    if not braces:
        return []
    closing = quoted is not None and text[offset : offset + 1] == '"'
    where = document.lines.range(begin, offset + closing)
    behind = text[offset + closing :].lstrip(" ")
    out = list(_in_braces(document, [], braces, text[:begin], partial, offset, mentions))
    for number, one in enumerate(out):
        new = one.label if one.label == "true" or one.label.isdigit() else json.dumps(one.label)
        if one.kind in _KEYS:
            new = new if behind.startswith(":") else f"{new}: "
        one.sort_text = f"{number:04}"
        one.filter_text = new
        one.text_edit = types.TextEdit(where, new)
    return out


_KEYS = (types.CompletionItemKind.Field, types.CompletionItemKind.Struct, types.CompletionItemKind.Property)


def _offered(
    document: Document, end: int, offset: int, partial: str, mentions: Mentions
) -> Iterable[types.CompletionItem]:
    """`end`: where the text ends behind which something is offered."""
    text = document.text
    braces = opened(text[:end], by_lines=True)
    at = braces[0].at if braces else end
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    found = _LINE.match(text[start:at])
    assert found is not None, "the pattern takes the empty text"
    if found["rest"] or (found["key"] is None and found.end() != at - start):
        return ()
    way = _way(text[:start], found["lead"])
    if found["key"] is not None:
        way = [*way, found["key"].strip('"')]
    if braces:
        return _in_braces(document, way, braces, text[:end], partial, offset, mentions)
    if found["key"] is not None:
        return _values(document, way, partial, offset, mentions)
    said = _beside(text, start, found["lead"])
    return _items(document, way, said, partial, offset, mentions) if "-" in found["lead"] else _keys(way, said)


def _in_braces(
    document: Document, way: list[str], braces: list[Open], before: str, partial: str, offset: int, mentions: Mentions
) -> Iterable[types.CompletionItem]:
    """`way` leads to the outermost of the braces."""
    for outer in braces[:-1]:
        if outer.sign == "{" and outer.key is None:
            return ()
        way = [*way, outer.key] if outer.key is not None else way
    here = braces[-1]
    if before[here.behind :].strip():
        return ()
    if here.sign == "[":
        # What may be said many times is a list, and each may be its one value alone.
        return (*_listed(document, way, partial, offset, mentions), *_values(document, way, partial, offset, mentions))
    if here.key is None:
        return _keys(way, set(here.keys))
    return _values(document, [*way, here.key], partial, offset, mentions)


def _way(above: str, lead: str) -> list[str]:
    """The keys that a line with this beginning stands below, from the top."""
    stack: list[tuple[int, str]] = []

    def leave(lead: str) -> None:
        # The items of a list may stand as far left as the key that they are of.
        dash = lead.find("-")
        while stack and (stack[-1][0] >= len(lead) if dash < 0 else stack[-1][0] > dash):
            stack.pop()

    for line in above.splitlines():
        found = _LINE.match(line)
        if found is None or not line.strip() or line.lstrip().startswith("#"):
            continue
        leave(found["lead"])
        if found["key"] is not None and not (found["rest"] or "").split("#")[0].strip():
            stack.append((len(found["lead"]), found["key"].strip('"')))
    leave(lead)
    return [key for _, key in stack]


def _beside(text: str, start: int, lead: str) -> set[str]:
    """The keys that are said already in the mapping in which a line stands."""
    column, said = len(lead), set()

    def look(lines: list[str], *, up: bool) -> None:
        for line in lines:
            found = _LINE.match(line)
            if found is None or not line.strip() or line.lstrip().startswith("#"):
                continue
            at, item = len(found["lead"]), "-" in found["lead"]
            if at < column or (not up and item and at <= column):
                return
            if at == column and found["key"] is not None:
                said.add(found["key"].strip('"'))
            if up and item and at <= column:
                return

    if "-" not in lead:
        look(text[:start].splitlines()[::-1], up=True)
    rest = text[start:].partition("\n")[2]
    look(rest.splitlines(), up=False)
    return said


def _opened(way: list[str]) -> _Open | None:
    """What may stand below the last key; None where nothing is known of it."""
    here = _Open(root())
    for name in way:
        if here.named is not None:
            here = _below(here.named.shapes)
        elif name in here.fields and isinstance(here.fields[name][1], Repeat):
            form, rows = here.fields[name]
            assert isinstance(rows, Repeat)
            here = _Open(fields={key: (form, one) for key, one in row_of(rows.elements).fields.items()})
        elif (key := here.body.keys.get(name)) is not None:
            here = _Open(named=key) if key.named else _below(key.shapes)
        else:
            return None
    return here


def _below(shapes: tuple[Shape, ...]) -> _Open:
    keys = {name: key for shape in shapes for name, key in shape.body.keys.items()}
    fields = {name: (shape.form, one) for shape in shapes for name, one in shape.content.items()}
    return _Open(Body(keys), fields)


def _keys(way: list[str], said: set[str]) -> Iterator[types.CompletionItem]:
    here = _opened(way)
    if here is None:
        return
    for name, (_, one) in here.fields.items():
        if name not in said:
            kind = types.CompletionItemKind.Field
            yield types.CompletionItem(name, kind=kind, detail=describe(one), insert_text=f"{name}: ")
    for name, key in here.body.keys.items():
        if name in said:
            continue
        form = key.shapes[0].form
        below = key.named or (form.body and key.shapes[0].short is None)
        yield types.CompletionItem(
            name,
            kind=types.CompletionItemKind.Struct if form.body else types.CompletionItemKind.Property,
            detail=wanted_of(key),
            documentation=types.MarkupContent(types.MarkupKind.Markdown, described(form, Notation.YAML)),
            insert_text=f"{name}:" if below else f"{name}: ",
        )


def _items(
    document: Document, way: list[str], said: set[str], partial: str, offset: int, mentions: Mentions
) -> Iterator[types.CompletionItem]:
    """Of a list: the fields of a clause that may be said many times, or the values that are joined in one."""
    above = _opened(way[:-1])
    if above is None or above.named is not None or not way:
        return
    key = above.body.keys.get(way[-1])
    if (key is not None and key.listed) or isinstance(above.fields.get(way[-1], (None, None))[1], Repeat):
        yield from _keys(way, said)
    yield from _listed(document, way, partial, offset, mentions)


def _listed(
    document: Document, way: list[str], partial: str, offset: int, mentions: Mentions
) -> Iterator[types.CompletionItem]:
    """The values that are joined in a list."""
    above = _opened(way[:-1])
    key = above.body.keys.get(way[-1]) if above is not None and above.named is None and way else None
    for shape in key.shapes if key is not None else ():
        rows = shape.row.fields[shape.listed] if shape.listed is not None else None
        holes = list(fields_of(rows.elements)) if isinstance(rows, Repeat) else []
        if len(holes) == 1 and isinstance(holes[0], Hole):
            yield from _of_hole(document, shape.form, holes[0], partial, offset, mentions)


def _values(
    document: Document, way: list[str], partial: str, offset: int, mentions: Mentions
) -> Iterator[types.CompletionItem]:
    here = _opened(way[:-1])
    if here is None or here.named is not None:
        return
    wanted: list[tuple[Form | None, Hole | Repeat]] = []
    if way[-1] in here.fields:
        wanted = [here.fields[way[-1]]]
    for shape in here.body.keys[way[-1]].shapes if way[-1] in here.body.keys else ():
        if shape.flag:
            yield types.CompletionItem("true", kind=types.CompletionItemKind.Keyword)
        elif shape.short is not None:
            wanted.append((shape.form, shape.row.fields[shape.short]))
    offered: set[str] = set()
    for form, hole in wanted:
        for one in _of_hole(document, form, hole, partial, offset, mentions) if isinstance(hole, Hole) else ():
            if one.label not in offered:
                offered.add(one.label)
                yield one


def _of_hole(
    document: Document, form: Form | None, hole: Hole, partial: str, offset: int, mentions: Mentions
) -> Iterator[types.CompletionItem]:
    if hole.choices:
        for words in sorted(hole.choices):
            yield types.CompletionItem(" ".join(words), kind=types.CompletionItemKind.EnumMember)
        return
    if hole.kind == "name":
        kinds = refers(form, hole.field) if form is not None and declares(form, hole.field) is None else ()
        for name, kind in _names(document, kinds, offset, mentions).items():
            yield types.CompletionItem(name, kind=types.CompletionItemKind.Reference, detail=kind)
        return
    known = KINDS[hole.kind.removesuffix("..")]
    measured = amounts.offered(partial, hole.kind)
    if measured is not None:
        yield from measured
        return
    if not partial.startswith("$"):
        detail = f"{known.title}, for example"
        yield types.CompletionItem(known.example.strip('"'), kind=types.CompletionItemKind.Value, detail=detail)
    for name in _names(document, ("let",), offset, mentions):
        yield types.CompletionItem(f"${name}", kind=types.CompletionItemKind.Variable, detail="let")


def _names(document: Document, kinds: tuple[str, ...], offset: int, mentions: Mentions) -> dict[str, str]:
    """By name, what it is of. Of a text that does not parse those that it has without the line that is typed, and up to
    it with all braces closed."""
    found = {one.name: one.kinds[0] for one in mentions.declared(document, kinds)}
    if not document.snapshot.errors:
        return found
    text = document.text
    start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset)
    without = text[:start] + (text[end:] if end >= 0 else "")
    if document.notation is Notation.JSON:
        without = _COMMA_LEFT.sub(r"\1", without)
    for other in (without, closed(text[:offset], by_lines=document.notation is Notation.YAML)):
        for one in Text(document.uri, document.path, other).names.among({}):
            if one.declares and one.kinds[0] in kinds:
                found.setdefault(one.name, one.kinds[0])
    return found
