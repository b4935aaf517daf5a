"""A place in a text -> what may be written there: clauses, words, names, units. Derived from the phrases alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsprotocol import types

from seatrial.dsl.cuts import Part, open_blocks
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation
from seatrial.dsl.forms import Form, Times
from seatrial.dsl.forms.naming import declares, refers
from seatrial.dsl.parse import parse
from seatrial.dsl.phrases import Element, Hole, Literal, Optional, Repeat, compiled, spelled
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Item, Kind, Statement
from seatrial.dsl.values import KINDS, value

from . import amounts, in_yaml
from .beside import beside, variables
from .document import Document
from .hover import described
from .mentions import Mentions
from .phrasing import best, fit
from .understood import Understood, read

_MARK = "zz-here"
_PARTIAL = re.compile(r"[A-Za-z0-9_$%./\u00b5-]*$")
_IN_NAME = re.compile(r"[A-Za-z0-9_-]\$[A-Za-z0-9_-]*$")


@dataclass(frozen=True, slots=True)
class _Here:
    """`items` stand before the place in its statement; `parent` is the clause in whose block it stands.

    `changes`: the block is an environment's, where what is named is declared elsewhere.
    """

    parent: Form
    siblings: tuple[Statement, ...]
    items: tuple[Item, ...]
    changes: bool


def complete(document: Document, offset: int, snippets: bool, mentions: Mentions) -> list[types.CompletionItem]:
    """In the order of the registry; `snippets`: the editor can step through what is to be filled in."""
    if document.notation is Notation.YAML:
        return in_yaml.complete(document, offset, mentions)
    if document.notation is Notation.JSON:
        return in_yaml.complete_json(document, offset, mentions)
    text = document.text
    line = text[max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1 : offset]
    if _in_comment_or_string(line) or _IN_NAME.search(line):
        return beside(document, offset, line, mentions)
    partial = _partial(line)
    here = _here(document, offset - len(partial))
    if here is None:
        return []
    where = document.lines.range(offset - len(partial), offset)
    found: dict[str, types.CompletionItem] = {}
    for number, one in enumerate(_all(document, here, offset, partial, snippets, mentions)):
        if one.label in found:
            continue
        new = one.insert_text or one.label
        found[one.label] = types.CompletionItem(
            label=one.label,
            kind=one.kind,
            detail=one.detail,
            documentation=one.documentation,
            insert_text_format=one.insert_text_format,
            filter_text=one.filter_text or one.label,
            sort_text=f"{number:04}",
            text_edit=types.TextEdit(where, new),
        )
    return list(found.values())


def _in_comment_or_string(line: str) -> bool:
    quoted = False
    for at, char in enumerate(line):
        if char == '"' and (at == 0 or line[at - 1] != "\\"):
            quoted = not quoted
        elif char == "#" and not quoted:
            return True
    return quoted


def _partial(line: str) -> str:
    """The word before the place, of which what is completed takes the place."""
    match = _PARTIAL.search(line)
    word = match[0] if match is not None else ""
    word = word.rpartition("..")[2]
    return "" if word in ("-", "/") else word


def _here(document: Document, offset: int) -> _Here | None:
    """Reads the text up to the place, with a word put there; the blocks that are open around it are its context."""
    index = document.snapshot.at(offset)
    if index is None:
        return None
    placed = document.snapshot.pieces[index]
    if index and placed.start == offset and not document.text[:offset].endswith(("\n", "\r", ";", "{")):
        placed = document.snapshot.pieces[index - 1]
    parent: Form = document.understanding.root
    around: tuple[Understood, ...] = ()
    body: tuple[Statement, ...] = ()
    if placed.piece.part is Part.INNER or (placed.piece.part is Part.TAIL and offset <= placed.start):
        head = document.snapshot.pieces[placed.head] if placed.head is not None else None
        understood = document.understanding.of(head) if head is not None else ()
        if understood and understood[0].form is not None:
            parent = understood[0].form
            around = understood[:1]
    given = document.text[placed.start : offset] if placed.piece.part is not Part.TAIL else ""
    file, _ = parse(Source(document.path, given + _MARK + "\n" + "}" * open_blocks(given)))
    if file is None:
        return None
    last: Understood | None = None
    for one in read(file.statements, parent, around):
        if one.statement.items[-1].text == _MARK and not one.statement.block:
            last = one
    if last is None:
        return None
    statement = last.statement
    form = last.parent
    if form is None:
        return None
    if len(last.around) > len(around):
        owner = last.around[-1].statement
        body = _block_in(document, placed.start + owner.items[0].span.start) or (
            owner.block.statements if owner.block is not None else ()
        )
    changes = any(outer.form is not None and outer.form.key == "environment" for outer in last.around)
    return _Here(form, body, statement.items[:-1], changes)


def _block_in(document: Document, start: int) -> tuple[Statement, ...]:
    """What stands in the whole block of the statement that begins at an offset, behind the place too."""
    found = document.understanding.at(start)
    if found is None:
        return ()
    statement = found[1].statement
    return statement.block.statements if statement.block is not None else ()


def _all(
    document: Document, here: _Here, offset: int, partial: str, snippets: bool, mentions: Mentions
) -> Iterator[types.CompletionItem]:
    if not here.items:
        yield from _clauses(here, snippets)
        return
    for form in here.parent.body:
        if form.opening != here.items[0].text:
            continue
        for element in fit(form, here.items).next:
            if isinstance(element, Literal):
                yield types.CompletionItem(
                    element.text, kind=types.CompletionItemKind.Keyword, detail=spelled(form.phrase)
                )
            else:
                yield from _values(document, here, offset, form, element, partial, mentions)


def _clauses(here: _Here, snippets: bool) -> Iterator[types.CompletionItem]:
    """The clauses that may stand in this block and are not said yet."""
    said: set[str] = set()
    for statement in here.siblings:
        known = best(here.parent.body, statement.items)
        if known is not None and statement.items[0].text != _MARK:
            said.add(known[0].slot)
    for form in here.parent.body:
        if form.times in (Times.ONCE, Times.MAYBE) and form.slot in said:
            continue
        item = types.CompletionItem(
            _title(form),
            kind=types.CompletionItemKind.Struct if form.body else types.CompletionItemKind.Property,
            detail=spelled(form.phrase) + (" { … }" if form.body else ""),
            documentation=types.MarkupContent(types.MarkupKind.Markdown, described(form)),
        )
        if snippets:
            item.insert_text = snippet(form)
            item.insert_text_format = types.InsertTextFormat.Snippet
        yield item


def _title(form: Form) -> str:
    """The words that a clause begins with: `guarantee latency`."""
    words: list[str] = []
    for element in compiled(form.phrase):
        if not isinstance(element, Literal):
            break
        words.append(element.text)
    return " ".join(words)


def snippet(form: Form) -> str:
    """The clause with an example in each place that must be filled in."""
    number = 0

    def filled(elements: tuple[Element, ...]) -> Iterator[str]:
        nonlocal number
        for element in elements:
            match element:
                case Literal(text):
                    yield text
                case Hole(_, _, choices) if choices:
                    number += 1
                    yield f"${{{number}|{','.join(' '.join(words) for words in reversed(choices))}|}}"
                case Hole(_, kind):
                    number += 1
                    example = KINDS[kind.removesuffix("..")].example
                    yield f"${{{number}:{_escaped(example)}}}"
                case Repeat(_, inner):
                    yield from filled(inner)
                case Optional():
                    pass

    line = " ".join(filled(compiled(form.phrase)))
    must = any(inner.times in (Times.ONCE, Times.SOME) for inner in form.body) or form.opening == form.phrase
    return line + (" {\n\t$0\n}" if form.body and must else "")


def _escaped(text: str) -> str:
    return re.sub(r"([\\$}])", r"\\\1", text)


def _values(
    document: Document, here: _Here, offset: int, form: Form, hole: Hole, partial: str, mentions: Mentions
) -> Iterator[types.CompletionItem]:
    if hole.choices:
        for words in sorted(hole.choices):
            yield types.CompletionItem(" ".join(words), kind=types.CompletionItemKind.EnumMember)
        return
    if hole.kind == "name":
        kind = declares(form, hole.field)
        wanted = refers(form, hole.field) if kind is None else (kind,) if here.changes else ()
        for name in mentions.declared(document, wanted):
            yield types.CompletionItem(name.name, kind=types.CompletionItemKind.Reference, detail=name.kinds[0])
        if partial.startswith("$"):
            yield from variables(document, offset, mentions)
        return
    known = KINDS[hole.kind.removesuffix("..")]
    measured = amounts.offered(partial, hole.kind)
    if measured is not None:
        yield from measured
        return
    if not partial.startswith("$"):
        yield types.CompletionItem(
            known.example, kind=types.CompletionItemKind.Value, detail=f"{known.title}, for example"
        )
    lets = {f"${one.name}": one.bound[0][1][0] for one in mentions.declared(document, ("let",))}
    for variable in variables(document, offset, mentions):
        text = lets.get(variable.label, "$") if variable.detail == "let" else "$"
        if "$" in text or _fits(hole.kind, text):
            if variable.detail == "let":
                variable.detail = f"let, {text}"
            yield variable


def _fits(kind: str, text: str) -> bool:
    """Whether a value as it is written is one of a kind; of a range, whether a range may stand there."""
    file, _ = parse(Source("", f"is {text}"))
    if file is None or not file.statements:
        return False
    items = file.statements[0].items[1:]
    ends = [at for at, item in enumerate(items) if item.text == ".."] or [len(items)]
    first, last = items[: ends[0]], items[ends[0] + 1 :]
    plain = kind.removesuffix("..")
    if (last and plain == kind) or not first or first[0].kind not in (*KINDS[plain].items, Kind.SYMBOL):
        return False
    return not isinstance(value(plain, first, last), Diagnostic)
