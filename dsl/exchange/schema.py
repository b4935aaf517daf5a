"""The registry -> a JSON Schema (draft 2020-12) of the other form, for editors and for machines that write specs.

Strict: no key is allowed that is not known, what must be said is required, a quantity has the units of its dimension.
What depends on other clauses or on the size of a value is the checker's. Invariant: what the schema accepts, the reader
reads without an error, or with one about the range of a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ..forms import Form, Times
from ..phrases import Element, Hole, Optional, Repeat, spelled
from . import SCHEMA_KEY, patterns
from .shape import NAME, Body, Key, Row, Shape, fields_of, root, row_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTITY = "urn:seatrial:language:1"

Schema = dict[str, object]


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """The whole schema as data."""
    return _Writer().whole()


class _Writer:
    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}
        self.names: dict[tuple[tuple[int, ...], bool], str] = {}

    def whole(self) -> Schema:
        body = root()
        properties: dict[str, object] = {
            SCHEMA_KEY: {"type": "string", "description": "Where an editor finds this schema."},
            **self._properties(body, "", partial=False),
        }
        known = {**self.defs, **patterns.definitions()}
        used = _used(properties.values(), known)
        return {
            "$schema": DIALECT,
            "$id": IDENTITY,
            "title": "A spec of seatrial",
            "description": "The policy of a fleet of software agents: assumptions, policies, guarantees and trials.",
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            **_constraints(body, (), partial=False),
            "$defs": {name: known[name] for name in sorted(used)},
        }

    def _properties(self, body: Body, place: str, *, partial: bool) -> dict[str, object]:
        return {name: {"$ref": f"#/$defs/{self._key(key, place, partial)}"} for name, key in body.keys.items()}

    def _key(self, key: Key, place: str, partial: bool) -> str:
        """The name of the definition of a key's value; forms that are shared by blocks are defined once."""
        # Where nothing inside must be said it does not matter whether parts will do.
        partial = partial and any(_demands(shape.form) for shape in key.shapes)
        forms = (tuple(id(shape.form) for shape in key.shapes), partial)
        if forms in self.names:
            return self.names[forms]
        name = key.name
        for around in reversed(place.split(".")):
            if name not in self.defs:
                break
            name = f"{around}.{name}"
        while name in self.defs:
            name += "_"
        self.names[forms] = name
        self.defs[name] = {}
        self.defs[name] = self._value(key, f"{place}.{key.name}", partial)
        return name

    def _value(self, key: Key, place: str, partial: bool) -> Schema:
        one = [choice for shape in key.shapes for choice in self._choices(shape, place, partial, named=False)]
        ways: list[Schema] = one
        if key.named:
            inner = [choice for shape in key.shapes for choice in self._choices(shape, place, partial, named=True)]
            by_name: Schema = {
                "type": "object",
                "propertyNames": patterns.reference(_name_hole(key.shapes[0])),
                "additionalProperties": _any(inner),
            }
            in_a_list: Schema = {"type": "array", "items": _any(one)}
            if {shape.form.slot for shape in key.shapes} <= _ONE_A_FILE:
                by_name |= {"minProperties": 1, "maxProperties": 1}
                in_a_list |= {"minItems": 1, "maxItems": 1}
            ways = [by_name, in_a_list]
        elif key.listed:
            ways = [{"type": "array", "items": _any(one)}, *one]
        doc = "\n\n".join(
            f"{shape.form.doc}\n`{spelled(shape.form.phrase)}`{' { … }' if shape.form.body else ''}"
            for shape in key.shapes
        )
        return {"description": doc, **_any(ways)}

    def _choices(self, shape: Shape, place: str, partial: bool, *, named: bool) -> list[Schema]:
        """The ways in which one clause may be written."""
        if shape.flag:
            return [{"const": True}]
        out: list[Schema] = []
        # In a list of declarations each is a mapping, for its name must stand in it.
        bare = named or not shape.named
        if not partial and (shape.form.demanded or shape.form.some):
            # A bare value leaves no room for what must be said in the block.
            bare = False
        if bare and shape.short is not None:
            out.append(self._field(shape.row.fields[shape.short]))
        if bare and shape.listed is not None:
            out.append(self._field(shape.row.fields[shape.listed]))
        out.append(self._mapping(shape, place, partial, named))
        return out

    def _mapping(self, shape: Shape, place: str, partial: bool, named: bool) -> Schema:
        inside = partial or shape.form.slot in _PARTS
        fields = shape.content if named else shape.row.fields
        properties: dict[str, object] = {key: self._field(one) for key, one in fields.items()}
        properties |= self._properties(shape.body, place, partial=inside)
        required = [key for key in shape.row.required if key in fields]
        out: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            out["required"] = required
        needs = _needs(shape.row)
        if needs:
            out["dependentRequired"] = needs
        more = _constraints(shape.body, shape.form.some, partial=inside)
        origin = [key for key in fields if key in _ORIGINS]
        if origin and "required" in more:
            # What the other one says need not be said again.
            wanted = more.pop("required")
            more["anyOf"] = [{"required": [*required, *origin]}, {"required": [*required, *_strings(wanted)]}]
        if "required" in more:
            more["required"] = [*required, *_strings(more["required"])]
        if shape.form.slot in _FILLED:
            out["minProperties"] = len(required) + 1
        return {**out, **more}

    def _field(self, element: Hole | Repeat) -> Schema:
        if isinstance(element, Hole):
            return patterns.reference(element)
        row = row_of(element.elements)
        properties = {key: self._field(one) for key, one in row.fields.items()}
        mapping: Schema = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "required": list(row.required),
        }
        needs = _needs(row)
        if needs:
            mapping["dependentRequired"] = needs
        ways = [mapping]
        if len(row.required) == 1:
            ways.insert(0, self._field(row.fields[row.required[0]]))
        return {"type": "array", "minItems": 1, "items": _any(ways)}


_PARTS = frozenset({"environment", "template"})
"""Their blocks hold parts of clauses, that are complete where they are laid over others."""
_FILLED = frozenset({"for"})
"""What has something in its block, whatever it is."""
_ONE_A_FILE = frozenset({"fleet"})
"""What a file describes one of: the key that holds none, or two, is refused."""
_ORIGINS = frozenset({"template"})
"""The field that names a clause from which others are taken over."""


def _demands(form: Form) -> bool:
    """Whether something in its block must be said."""
    return bool(form.demanded or form.some) or any(_demands(inner) for inner in form.body)


def _used(parts: Iterable[object], known: Mapping[str, Schema]) -> set[str]:
    """The definitions that are referred to, those that only definitions refer to included."""
    found: set[str] = set()
    waiting = list(parts)
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            name = str(one.get("$ref", "")).removeprefix("#/$defs/")
            if name in known and name not in found:
                found.add(name)
                waiting.append(known[name])
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return found


def _any(ways: list[Schema]) -> Schema:
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _name_hole(shape: Shape) -> Hole:
    hole = shape.row.fields[shape.row.keys[NAME]]
    assert isinstance(hole, Hole)
    return hole


def _needs(row: Row) -> dict[str, list[str]]:
    """Inside an option: each field wants the others that the option cannot be written without."""
    out: dict[str, list[str]] = {}

    def walk(elements: tuple[Element, ...], around: tuple[str, ...]) -> None:
        for element in elements:
            if isinstance(element, Optional):
                inner = tuple(
                    row.keys[one.field]
                    for one in element.elements
                    if isinstance(one, Hole | Repeat) and row.keys[one.field] not in row.plurals
                )
                for one in fields_of(element.elements):
                    key = row.keys[one.field]
                    wanted = [*around, *(each for each in inner if each != key)]
                    if wanted:
                        out[key] = sorted({*out.get(key, []), *wanted})
                walk(element.elements, (*around, *inner))

    walk(row.elements, ())
    return out


def _constraints(body: Body, some: tuple[tuple[str, ...], ...], *, partial: bool) -> Schema:
    """What must be said in a block, of which slots at least one, and of what only one may be said."""
    slots: dict[str, list[str]] = {}
    once: dict[str, bool] = {}
    for name, key in body.keys.items():
        for shape in key.shapes:
            slot = shape.form.slot
            if name not in slots.setdefault(slot, []):
                slots[slot].append(name)
            if shape.form.times in (Times.ONCE, Times.SOME):
                once[slot] = True
    out: Schema = {}
    must = [names for slot, names in slots.items() if once.get(slot)]
    must += [[name for slot in group for name in slots[slot]] for group in some]
    if partial:
        must = []
    if plain := [names[0] for names in must if len(names) == 1]:
        out["required"] = plain
    rules: list[Schema] = [{"anyOf": [{"required": [name]} for name in names]} for names in must if len(names) > 1]
    for names in _exclusive(body, slots):
        rules.extend(
            {"not": {"required": [one, other]}} for number, one in enumerate(names) for other in names[number + 1 :]
        )
    if rules:
        out["allOf"] = rules
    return out


def _exclusive(body: Body, slots: Mapping[str, list[str]]) -> list[list[str]]:
    """The keys of a slot whose forms are alternatives, said once."""
    return [names for names in slots.values() if len(names) > 1 and not any(body.keys[name].listed for name in names)]
