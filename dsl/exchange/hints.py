"""What a message bids to write, as the notation of the file has it: `timeout 2s` -> `timeout: 2s` in YAML.

Messages are made where clauses are known and notations are not; what they quote is a clause as people write it. Limits:
what fits no clause whole, as a word alone or a value, is left as it is; so is what stands in a `.fleet` file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache

from ..diagnostics import Diagnostic
from ..parse import parse
from ..phrases import spelled
from ..source import Source
from ..syntax import Statement
from . import Notation, notation_of
from .comments import Comments
from .documents import Branch, Leaf, Unsaid, entries_of
from .json_print import scalar as json_scalar
from .shape import Body, Key, root
from .statements import wanted_of
from .yaml_print import scalar as yaml_scalar

_QUOTED = re.compile(r"`([^`\n]+)`")
_ADD = re.compile(r"add: (.+)")
_FORMS = re.compile(r"the forms? (?:is|are): (.+)", re.S)
_KEYED = re.compile(r"[a-z_]+: ")
_PLAIN = re.compile(r"[^\s{}\[\],:](?:[^{}\[\],:]*[^\s{}\[\],:])?")
"""A scalar of a YAML flow without quotes: in messages none has a sign of the flow in it."""
_NAME = re.compile(r"[a-z]+(?: [a-z]+)+")
_OPEN = "…"
_STANDS_FOR_IT = ("971s", "971", "971/s", "971Mi", "97.1%", "seatrial-971")
"""What is tried in the place of an ellipsis, and read back from what comes out."""


def in_its_form(one: Diagnostic) -> Diagnostic:
    """A diagnostic in the words of the file that it is about."""
    notation = notation_of(one.labels[0].span.source.path) if one.labels else Notation.FLEET
    if notation is Notation.FLEET:
        return one
    said = replace(
        one,
        message=_said(one.message, notation),
        help=_said(one.help, notation),
        notes=tuple([_said(note, notation) for note in one.notes]),
    )
    return one if said == one else said


def in_notation(clause: str, notation: Notation) -> str:
    """One clause as that notation has it; as it is where it has no other form."""
    return clause if notation is Notation.FLEET else _clause(clause, notation) or clause


def _said(text: str, notation: Notation) -> str:
    missing = _ADD.fullmatch(text)
    if missing is not None and (key := _by_phrase().get(missing[1])) is not None:
        return f"add `{key.name}`: {wanted_of(key)}"
    forms = _FORMS.fullmatch(text)
    if forms is not None:
        wanted = {one.name: wanted_of(one) for each in forms[1].split("\n") if (one := _by_phrase().get(each))}
        return "; ".join(f"`{name}` is {what}" for name, what in wanted.items()) or text
    if text.startswith("write: ") and (clause := _clause(text.removeprefix("write: "), notation)):
        return f"write `{clause}`"
    return _QUOTED.sub(lambda quoted: f"`{_quoted(quoted[1], notation)}`", text)


def _quoted(text: str, notation: Notation) -> str:
    if notation is Notation.JSON and _KEYED.match(text):
        return _in_json(text)
    return _clause(text, notation) or text


def _in_json(text: str) -> str:
    """A key with its value, as what reads documents has it for YAML: `drain: 30s` -> `"drain": "30s"`."""
    return _PLAIN.sub(lambda one: one[0] if one[0] in (_OPEN, "true") else json_scalar(Leaf(one[0])), text)


@lru_cache(maxsize=1000)
def _clause(text: str, notation: Notation) -> str:
    """A clause in another notation, or as much as is said of it; "" where the text is none, or a word alone."""
    if " " not in text:
        return ""
    if _NAME.fullmatch(text) and (key := text.replace(" ", "_")) in _keys():
        return key
    return _whole(text, notation) or ("" if _OPEN in text else _whole(f"{text} {_OPEN}", notation))


def _whole(text: str, notation: Notation) -> str:
    for value in _STANDS_FOR_IT if _OPEN in text.replace("{ … }", "{ }") else ("",):
        file, errors = parse(Source("", text.replace("{ … }", "{ }").replace(_OPEN, value)))
        if file is None or errors or len(file.statements) != 1:
            continue
        for body in _bodies():
            made = _made(file.statements[0], body, Comments(file))
            if made is not None:
                said = f"{_scalar(Leaf(made[0], text=True), notation)}: {_one_line(made[1], notation)}"
                return said.replace(value, _OPEN) if value else said
    return ""


def _made(statement: Statement, body: Body, comments: Comments) -> tuple[str, Leaf | Branch] | None:
    if statement.items[0].text not in body.by_opening:
        return None
    try:
        (entry,) = entries_of(comments, body, (statement,))
    except Unsaid:
        return None
    named = isinstance(entry.value, Branch) and entry.value.spread
    inner = entry.value.entries[0].value if named and isinstance(entry.value, Branch) else entry.value
    if isinstance(inner, Branch) and not inner.entries:
        # A name alone: it is what something is called, and no clause.
        return None
    return entry.key, entry.value


def _one_line(value: Leaf | Branch, notation: Notation) -> str:
    if isinstance(value, Leaf):
        return _scalar(value, notation)
    parts = [
        f"{_scalar(Leaf(entry.key, text=True), notation)}: {_one_line(entry.value, notation)}"
        if value.keyed
        else _one_line(entry.value, notation)
        for entry in value.entries
    ]
    return f"{{{', '.join(parts)}}}" if value.keyed else f"[{', '.join(parts)}]"


def _scalar(leaf: Leaf, notation: Notation) -> str:
    return json_scalar(leaf) if notation is Notation.JSON else yaml_scalar(leaf, flow=True)


@cache
def _bodies() -> tuple[Body, ...]:
    """Those of all blocks, each once, the outermost first."""
    found: dict[int, Body] = {}
    todo = [root()]
    while todo:
        body = todo.pop(0)
        if id(body) not in found:
            found[id(body)] = body
            todo.extend(shape.body for key in body.keys.values() for shape in key.shapes)
    return tuple(found.values())


@cache
def _keys() -> frozenset[str]:
    return frozenset(name for body in _bodies() for name, key in body.keys.items() if not _says_all(key))


def _says_all(key: Key) -> bool:
    """Whether its words are the whole clause: `stop at budget`."""
    return any(spelled(shape.form.phrase) == key.name.replace("_", " ") for shape in key.shapes)


@cache
def _by_phrase() -> dict[str, Key]:
    """Keys by the forms that they stand for, as a message shows those."""

    def pairs() -> Iterator[tuple[str, Key]]:
        for body in _bodies():
            for key in body.keys.values():
                for shape in key.shapes:
                    yield spelled(shape.form.phrase), key

    return dict(pairs())
