"""The registry -> the keys and fields of the other form: what a clause looks like as a value of YAML or JSON.

Everything follows from a clause's phrase, so a clause that is added to the registry has its shape at once. Its key is
the words that the phrase begins with (`break after <errors:positive> errors` -> `break_after`); its fields are the
holes of the phrase, and beside them stand the keys of its block. Invariant: within one body a key, or a key with the
fields that are given, belongs to one form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ..forms import ROOT, Form
from ..phrases import Element, Hole, Literal, Optional, Repeat, compiled
from ..syntax import Kind
from ..values import KINDS

NAME = "name"
"""The field by which declarations are listed: `pool <name:name>` becomes an entry of a mapping."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a phrase, or of one row of a list in it, by their keys and in the phrase's order.

    `required` are the keys that must be given whenever the row is; those inside an option are required with it.
    `plurals`: a choice between a word and its plural says nothing of its own and may be left out.
    """

    elements: tuple[Element, ...]
    fields: Mapping[str, Hole | Repeat]
    keys: Mapping[str, str]
    required: tuple[str, ...]
    plurals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """One form. `short` is the field that a bare value stands for, `listed` the one that a bare list stands for."""

    form: Form
    key: str
    row: Row
    body: Body
    named: bool
    short: str | None
    listed: str | None
    many: bool = field(init=False)
    content: Mapping[str, Hole | Repeat] = field(init=False)
    """The fields but for the name, which stands outside as the key of a mapping."""
    allowed: frozenset[str] = field(init=False)
    """All keys that may stand in the clause's mapping."""
    flag: bool = field(init=False)
    """Words alone, said or not said: the value is `true`."""

    def __post_init__(self) -> None:
        name = self.row.keys[NAME] if self.named else ""
        content = {key: one for key, one in self.row.fields.items() if key != name}
        object.__setattr__(self, "many", not self.form.is_single)
        object.__setattr__(self, "content", content)
        object.__setattr__(self, "allowed", frozenset({*self.row.fields, *self.body.keys}))
        object.__setattr__(self, "flag", not content and not self.form.body)


@dataclass(frozen=True, slots=True)
class Key:
    """The forms that share a key, told apart by their fields. `listed`: it may be said many times."""

    name: str
    shapes: tuple[Shape, ...]
    named: bool = field(init=False)
    listed: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "named", self.shapes[0].named)
        # Two forms that do not exclude each other may both be said.
        listed = any(shape.many for shape in self.shapes) or len({shape.form.slot for shape in self.shapes}) > 1
        object.__setattr__(self, "listed", listed)


@dataclass(frozen=True, slots=True)
class Body:
    """What may stand in a block."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    by_opening: Mapping[str, tuple[Shape, ...]] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, tuple[Shape, ...]] = {}
        for key in self.keys.values():
            for shape in key.shapes:
                found[shape.form.opening] = (*found.get(shape.form.opening, ()), shape)
        object.__setattr__(self, "by_opening", found)


@cache
def root() -> Body:
    """The shape of a whole file."""
    return _body(ROOT.body, {})


def _body(forms: tuple[Form, ...], done: dict[int, Body]) -> Body:
    # By identity: the registry shares bodies, and the tuples in it live as long as the process.
    if id(forms) not in done:
        groups: dict[str, list[Shape]] = {}
        for form in forms:
            inner = _body(form.body, done) if form.body else Body()
            _place(form, inner, groups)
        done[id(forms)] = Body({name: Key(name, tuple(shapes)) for name, shapes in groups.items()})
    return done[id(forms)]


def _place(form: Form, inner: Body, groups: dict[str, list[Shape]]) -> None:
    """Adds the form under the shortest key that leaves it told apart from the forms before it."""
    phrase = compiled(form.phrase)
    wanted = _snake(_leading(phrase)), _snake(_literals(phrase)), _snake([form.key])
    for key in (*wanted, *(f"{wanted[2]}_{number}" for number in range(2, 100))):
        shape = _shape(form, key, inner, groups.get(key, []))
        if shape is not None:
            groups.setdefault(key, []).append(shape)
            return
    raise ValueError(f"no key for {form.phrase}")


def _shape(form: Form, key: str, inner: Body, others: list[Shape]) -> Shape | None:
    """The form under a key, or None where it could be taken for one of those that have it already."""
    phrase = compiled(form.phrase)
    row = row_of(phrase, frozenset(inner.keys))
    many = not form.is_single
    behind = phrase[len(_leading(phrase)) :]
    named = many and bool(behind) and isinstance(behind[0], Hole) and behind[0].field == NAME
    shape = Shape(form, key, row, inner, named, None, None)
    required = set(row.required)
    for other in others:
        if other.named != named or required <= other.allowed or set(other.row.required) <= shape.allowed:
            return None
    # A choice between singular and plural would be guessed where a bare value stands for the whole clause.
    single = [name for name in shape.content if name in row.required or name in row.plurals]
    short = listed = None
    if len(single) == 1:
        only = row.fields[single[0]]
        if isinstance(only, Repeat):
            listed = None if many or any(other.listed for other in others) else single[0]
        elif not any(_confused(only, other) for other in others):
            short = single[0]
    return Shape(form, key, row, inner, named, short, listed)


def _confused(hole: Hole, other: Shape) -> bool:
    """Whether a bare value of this hole could be one of the other form's."""
    if other.short is None:
        return False
    theirs = other.row.fields[other.short]
    return not isinstance(theirs, Hole) or bool(_kinds(hole) & _kinds(theirs))


def _kinds(hole: Hole) -> set[Kind]:
    if hole.choices:
        return {Kind.WORD}
    return set(Kind) if is_text(hole) else set(items_of(hole))


def items_of(hole: Hole) -> tuple[Kind, ...]:
    """The kinds of item that can fill a hole which is no choice."""
    kind = KINDS.get(hole.kind.removesuffix(".."))
    return kind.items if kind is not None else tuple(Kind)


def is_text(hole: Hole) -> bool:
    """Whether it takes a string and nothing else: its value is written without the language's own quotes."""
    return not hole.choices and items_of(hole) == (Kind.STRING,)


@cache
def row_of(elements: tuple[Element, ...], taken: frozenset[str] = frozenset()) -> Row:
    """`taken` are keys of the clause's block; a field of the same name gets a `_` behind it."""
    fields: dict[str, Hole | Repeat] = {}
    keys: dict[str, str] = {}
    plurals: set[str] = set()
    for element in fields_of(elements):
        key = element.field if element.field not in taken else element.field + "_"
        fields[key] = element
        keys[element.field] = key
        if isinstance(element, Hole) and plural(element) is not None:
            plurals.add(key)
    required = tuple(
        keys[one.field] for one in elements if isinstance(one, Hole | Repeat) and keys[one.field] not in plurals
    )
    return Row(elements, fields, keys, required, frozenset(plurals))


def fields_of(elements: tuple[Element, ...]) -> Iterator[Hole | Repeat]:
    """The holes and lists, those inside options too, but not those inside lists."""
    for element in elements:
        if isinstance(element, Hole | Repeat):
            yield element
        elif isinstance(element, Optional):
            yield from fields_of(element.elements)


def plural(hole: Hole) -> tuple[str, str] | None:
    """A word and its plural, where the hole is a choice between the two."""
    words = sorted((" ".join(choice) for choice in hole.choices), key=len)
    return (words[0], words[1]) if len(words) == 2 and words[1] == words[0] + "s" else None


def _leading(phrase: tuple[Element, ...]) -> list[str]:
    words: list[str] = []
    for element in phrase:
        if not isinstance(element, Literal) or not _WORD.fullmatch(element.text):
            break
        words.append(element.text)
    return words


def _literals(phrase: tuple[Element, ...]) -> list[str]:
    return [one.text for one in phrase if isinstance(one, Literal) and _WORD.fullmatch(one.text)]


def _snake(words: list[str]) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", "_".join(words))
