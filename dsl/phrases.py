"""The pattern of a clause, written as the clause itself reads: `peak <rate:rate> [for <for:duration>]`.

Turns a phrase into elements, and matches a statement's items against them. In a phrase stand
literal words and symbols, `<field:kind>` for a value, `<field:one|other>` for a choice of words (an underscore in a
choice is a space: `in_flight`), `[ … ]` for what may be left out, `(field: … )+` for a list separated by commas.

Invariant: matching looks at the shape of items only; whether a value has the right dimension is told afterwards, so
that a wrong unit is reported as a wrong unit and not as a wrong clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from .syntax import Item, Kind
from .values import KINDS

_TOKEN = re.compile(
    r"<(?P<field>[a-z_]+):(?P<kind>[^>]+)>|\((?P<group>[a-z_]+):|(?P<close>\)\+)|(?P<plain>[^\s<(]+|<=?)"
)


MAX_NESTING = 16
"""Parentheses in a calculation; deeper ones are no value."""


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for a value. `choices` are sequences of words where the kind is a choice."""

    field: str
    kind: str
    choices: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Optional:
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    field: str
    elements: tuple[Element, ...]


Element = Literal | Hole | Optional | Repeat


@dataclass(frozen=True, slots=True)
class Captured:
    """The items that fill a hole: one or more of `first`, and those behind `..` in `last`."""

    first: tuple[Item, ...]
    last: tuple[Item, ...] = ()


@dataclass(slots=True)
class Match:
    values: dict[str, Captured] = field(default_factory=dict)
    groups: dict[str, list[Mapping[str, Captured]]] = field(default_factory=dict)
    at: int = 0
    names: bool = False
    """Whether a `$name` is taken for any value."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How far the items fitted, and what would have fitted there."""

    at: int
    expected: str


@cache
def compiled(phrase: str) -> tuple[Element, ...]:
    tokens = list(_TOKEN.finditer(phrase.replace("[", " [ ").replace("]", " ] ")))
    elements, rest = _elements(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"unbalanced phrase: {phrase}")
    return elements


def _elements(tokens: list[re.Match[str]], at: int) -> tuple[tuple[Element, ...], int]:
    out: list[Element] = []
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token["field"]:
            kind = token["kind"]
            if kind in KINDS or kind.removesuffix("..") in KINDS:
                out.append(Hole(token["field"], kind))
            else:
                choices = tuple(tuple(choice.split("_")) for choice in kind.split("|"))
                out.append(Hole(token["field"], "choice", tuple(sorted(choices, key=len, reverse=True))))
        elif token["group"]:
            inner, at = _elements(tokens, at)
            out.append(Repeat(token["group"], inner))
            at += 1
        elif token["close"] or token["plain"] == "]":
            return tuple(out), at - 1
        elif token["plain"] == "[":
            inner, at = _elements(tokens, at)
            out.append(Optional(inner))
            at += 1
        else:
            out.append(Literal(token["plain"]))
    return tuple(out), at


def match(phrase: str, items: tuple[Item, ...], *, names: bool = False) -> Match | Mismatch:
    """Fits all items to the phrase, or tells where they stop fitting.

    `names`: the items are as written, and a `$name` in them may stand for any value.
    """
    found = Match(names=names)
    failure = _match(compiled(phrase), items, found)
    if failure is not None:
        return failure
    if found.at < len(items):
        return Mismatch(found.at, _tail(compiled(phrase), found))
    return found


def fills(hole: Hole, items: tuple[Item, ...]) -> Mismatch | None:
    """None where the items, all of them, are one value of the hole as it may be written: a `$name` is one too."""
    found = Match(names=True)
    failure = _fill(hole, items, found)
    if failure is None and found.at < len(items):
        return Mismatch(found.at, describe(hole))
    return failure


def _tail(elements: tuple[Element, ...], found: Match) -> str:
    """What could still stand behind a complete match: the optional parts behind the last that was used."""
    more = ["`,`"] if isinstance(elements[-1], Repeat) else []
    return " or ".join([*more, *(describe(one.elements[0]) for one in _unused(elements, found)), "the end of the line"])


def _unused(elements: tuple[Element, ...], found: Match) -> tuple[Optional, ...]:
    unused: list[Optional] = []
    for element in reversed(elements):
        if not isinstance(element, Optional) or any(one.field in found.values for one in holes(element.elements)):
            break
        unused.insert(0, element)
    return tuple(unused)


def _match(elements: tuple[Element, ...], items: tuple[Item, ...], found: Match) -> Mismatch | None:
    for element in elements:
        match element:
            case Literal(text):
                if found.at >= len(items) or items[found.at].text != text or items[found.at].kind is Kind.STRING:
                    return Mismatch(found.at, f"`{text}`")
                found.at += 1
            case Hole():
                failure = _fill(element, items, found)
                if failure is not None:
                    return failure
            case Optional(inner):
                # Decided by its first element alone: what follows is then demanded, so that a half-written option
                # is reported where it breaks off.
                # A `$name` could be the first element of anything, so there the whole option must fit.
                probe = Match(at=found.at, names=found.names)
                if _match(inner if found.names else inner[:1], items, probe) is None:
                    failure = _match(inner, items, found)
                    if failure is not None:
                        return failure
            case Repeat(name, inner):
                rows = found.groups.setdefault(name, [])
                while True:
                    row = Match(at=found.at, names=found.names)
                    failure = _match(inner, items, row)
                    if failure is not None:
                        return failure
                    rows.append(row.values)
                    found.at = row.at
                    if found.at >= len(items) or items[found.at].text != ",":
                        break
                    found.at += 1
    return None


def _fill(hole: Hole, items: tuple[Item, ...], found: Match) -> Mismatch | None:
    at = found.at
    if hole.choices:
        if found.names and at < len(items) and is_name(items[at]):
            found.values[hole.field] = Captured(items[at : at + 1])
            found.at = at + 1
            return None
        for words in hole.choices:
            if tuple(item.text for item in items[at : at + len(words)]) == words:
                found.values[hole.field] = Captured(items[at : at + len(words)])
                found.at = at + len(words)
                return None
        return Mismatch(at, describe(hole))
    kind = KINDS[hole.kind.removesuffix("..")]
    first = _one(kind.items, items, at, found.names)
    if not first:
        return Mismatch(at, describe(hole))
    at += len(first)
    last: tuple[Item, ...] = ()
    if hole.kind.endswith("..") and at < len(items) and items[at].text == "..":
        last = _one(kind.items, items, at + 1, found.names)
        if not last:
            return Mismatch(at + 1, f"{kind.title} as the upper end")
        at += 1 + len(last)
    found.values[hole.field] = Captured(first, last)
    found.at = at
    return None


def is_name(item: Item) -> bool:
    """Whether it is a `$name` that stands for a value."""
    return item.kind is Kind.WORD and item.text.startswith("$")


def _one(kinds: tuple[Kind, ...], items: tuple[Item, ...], at: int, names: bool) -> tuple[Item, ...]:
    """One value: a literal, or an expression in parentheses."""
    if at >= len(items):
        return ()
    if items[at].kind in kinds or (names and is_name(items[at])):
        return items[at : at + 1]
    if items[at].text == "(" and Kind.QUANTITY in kinds:
        depth = 0
        for end in range(at, len(items)):
            depth += {"(": 1, ")": -1}.get(items[end].text, 0)
            if depth > MAX_NESTING:
                return ()
            if depth == 0:
                return items[at : end + 1]
    return ()


def holes(elements: tuple[Element, ...]) -> tuple[Hole, ...]:
    out: list[Hole] = []
    for element in elements:
        if isinstance(element, Hole):
            out.append(element)
        elif isinstance(element, Optional | Repeat):
            out.extend(holes(element.elements))
    return tuple(out)


def spoken(elements: tuple[Element, ...]) -> Iterator[str]:
    """The words and signs that are asked for by their text."""
    for element in elements:
        match element:
            case Literal(text):
                yield text
            case Hole():
                yield from (word for choice in element.choices for word in choice)
            case Optional(inner) | Repeat(_, inner):
                yield from spoken(inner)


def numbered(elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    """The words that stand behind a count, as of one and as of many: connection, connections."""
    for hole in holes(elements):
        words = {" ".join(choice) for choice in hole.choices}
        yield from ((word, word + "s") for word in words if word + "s" in words)


_EXAMPLES = {"version": "1"}
"""Where the usual example of a kind would mislead: there is no language 10."""


def describe(element: Element) -> str:
    """An element in the words of a message: "`per`", "a duration such as 30s"."""
    match element:
        case Literal(text):
            return f"`{text}`"
        case Hole(_, _, choices) if choices:
            words = sorted(" ".join(choice) for choice in choices)
            return "one of " + ", ".join(f"`{word}`" for word in words) if len(words) > 1 else f"`{words[0]}`"
        case Hole(name, kind):
            known = KINDS[kind.removesuffix("..")]
            return f"{known.title} such as {_EXAMPLES.get(name, known.example)}"
        case Optional(inner) | Repeat(_, inner):
            return describe(inner[0])


def spelled(phrase: str) -> str:
    """The phrase as documentation shows it: holes in capitals, `timeout DURATION`."""

    def show(elements: tuple[Element, ...]) -> str:
        parts: list[str] = []
        for element in elements:
            match element:
                case Literal(text):
                    parts.append(text)
                case Hole(_, _, choices) if choices:
                    words = "|".join(sorted({" ".join(choice) for choice in choices}))
                    parts.append(f"({words})" if "|" in words and parts else words)
                case Hole(_, kind):
                    base = kind.removesuffix("..")
                    name = KINDS[base].shown or base.upper()
                    parts.append(f"{name}[..{name}]" if kind.endswith("..") else name)
                case Optional(inner):
                    parts.append(f"[{show(inner)}]")
                case Repeat(_, inner):
                    parts.append(f"{show(inner)}, …")
        return " ".join(parts).replace(" , ", ", ")

    return show(compiled(phrase))


def opening(phrase: str) -> str:
    """The word by which a statement is recognised as this clause."""
    first = compiled(phrase)[0]
    if not isinstance(first, Literal):
        raise ValueError(f"a phrase begins with a word: {phrase}")
    return first.text
