"""Documents to bytes.

Turns a `Document` into the bytes of its file. Invariant: the bytes depend on nothing but the document and the plan's
provenance (no clock, no hash order), and read back to a body equal to the one that was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import isfinite

import orjson
import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from seatrial.compiler.plan import Plan

from .base import Document, Json

# YAML 1.1 (PyYAML), YAML 1.2 and Go's yaml (kubectl) disagree about which plain scalars are strings: yes, 1e3, 0o17,
# 1:30, 2024-01-01, ~. A string is left plain only where all of them agree, and quoted everywhere else.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._/-]+[A-Za-z0-9]+)*\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"})

_WIDTH = 1 << 20
"""Longer than any line, so that neither writer of PyYAML folds one."""

_KEY_LENGTH = 120
"""Longer keys, and those that take more than a line, stand behind a `?`; PyYAML and libyaml differ on from where."""

_PRINTABLE = re.compile(r"[ -~]*\Z")

_WRITER: type[yaml.CDumper] | type[yaml.Dumper] = getattr(yaml, "CDumper", yaml.Dumper)


def render(document: Document, plan: Plan) -> bytes:
    """The bytes of a document's file, UTF-8 with a final newline.

    YAML opens with a comment that names the tool's version, the fleet and the spec's digest; JSON has no comments, and
    its emitters write the same three into the body where the format has room.
    Raises ValueError for a suffix other than .json and .yaml and TypeError for a body that is not plain data.
    """
    if document.path.endswith(".json"):
        return _json(plain(document))
    if document.path.endswith(".yaml"):
        return _header(plan).encode() + to_yaml(document.body, document.path).encode()
    raise ValueError(f"no format for {document.path}")


def plain(document: Document) -> object:
    """The body as it reads back. Raises TypeError for what is not plain data."""
    return document.body if _is_exact(document.body) else _plain(document.body, document.path)


def to_yaml(body: object, at: str = "") -> str:
    """Block style, keys in their order, strings quoted wherever any YAML reader could take them for another type.

    Byte for byte what libyaml writes from `from_events`, three times as fast: blocks need no look ahead.
    Raises TypeError with the place, which begins with `at`, for what is not plain data.
    """
    if isinstance(body, dict) and body:
        lines: list[str] = []
        try:
            _mapping(lines, body, "", "")
        except (_Unusual, TypeError):
            return from_events(body, at)
        return "".join(lines)
    return from_events(body, at)


class _Unusual(Exception):
    """Something that only libyaml is trusted to write, or that it must refuse."""


def _mapping(lines: list[str], body: dict[object, object], first: str, indent: str) -> None:
    """`first` stands before the first key, `indent` before the others: they differ inside an item of a list."""
    for key, value in body.items():
        name = _name(key)
        kind = type(value)
        if kind is str:
            lines.append(f"{first}{name}: {_scalar(value)}\n")
        elif kind is dict and value:
            lines.append(f"{first}{name}:\n")
            _mapping(lines, value, indent + "  ", indent + "  ")  # type: ignore[arg-type]
        elif kind is list and value:
            lines.append(f"{first}{name}:\n")
            _items(lines, value, indent, indent)  # type: ignore[arg-type]
        else:
            lines.append(f"{first}{name}: {_leaf(value)}\n")
        first = indent


def _items(lines: list[str], body: list[object], first: str, indent: str) -> None:
    for value in body:
        kind = type(value)
        if kind is str:
            lines.append(f"{first}- {_scalar(value)}\n")
        elif kind is dict and value:
            _mapping(lines, value, first + "- ", indent + "  ")  # type: ignore[arg-type]
        elif kind is list and value:
            _items(lines, value, first + "- ", indent + "  ")  # type: ignore[arg-type]
        else:
            lines.append(f"{first}- {_leaf(value)}\n")
        first = indent


def _leaf(value: object) -> str:
    match value:
        case str():
            return _scalar(str(value))
        case None | bool() | int() | float():
            return _number(value, "")
        case dict() if not value:
            return "{}"
        case list() | tuple() if not value:
            return "[]"
        case _:
            raise _Unusual


@lru_cache(maxsize=1 << 16)
def _scalar(text: str) -> str:
    if _is_plain(text):
        return text
    if _PRINTABLE.match(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    raise _Unusual


@lru_cache(maxsize=1 << 12)
def _name(key: object) -> str:
    if type(key) is str and 0 < len(key) <= _KEY_LENGTH:
        return _scalar(key)
    raise _Unusual


def _is_plain(text: str) -> bool:
    return _PLAIN.match(text) is not None and text.lower() not in _WORDS


def from_events(body: object, at: str = "", writer: type[yaml.CDumper] | type[yaml.Dumper] = _WRITER) -> str:
    """What `to_yaml` writes, of any data, by PyYAML: the document as events, never as a graph of nodes."""
    return str(yaml.emit(_document(body, at), Dumper=writer, width=_WIDTH, indent=2, allow_unicode=True))


def _json(body: object) -> bytes:
    try:
        return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # An integer beyond 64 bits, which JSON has and orjson has not.
        return (json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _header(plan: Plan) -> str:
    return (
        f"# Made by seatrial {plan.version} from the spec of fleet {plan.fleet}; change the spec, not this file.\n"
        f"# Spec digest: sha256 {plan.digest}\n"
    )


_MAPPING = MappingStartEvent(None, None, True, flow_style=False)
_SEQUENCE = SequenceStartEvent(None, None, True, flow_style=False)
_EMPTY_MAPPING = MappingStartEvent(None, None, True, flow_style=True)
_EMPTY_SEQUENCE = SequenceStartEvent(None, None, True, flow_style=True)
_MAPPING_END, _SEQUENCE_END = MappingEndEvent(), SequenceEndEvent()


def _document(body: object, at: str) -> Iterator[Event]:
    yield StreamStartEvent()
    yield DocumentStartEvent(explicit=False)
    yield from _events(body, at)
    yield DocumentEndEvent(explicit=False)
    yield StreamEndEvent()


def _events(value: object, at: str) -> list[Event]:
    """Emitters do not change events, so equal ones are one object."""
    found: list[Event] = []
    _append(found, value, at)
    return found


def _append(found: list[Event], value: object, at: str) -> None:
    match value:
        case str():
            found.append(_string(value))
        case Mapping():
            found.append(_MAPPING if value else _EMPTY_MAPPING)
            for key, one in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"{at}: key {key!r} is not a string")
                found.append(_string(key))
                if isinstance(one, str):
                    found.append(_string(one))
                else:
                    _append(found, one, f"{at}.{key}")
            found.append(_MAPPING_END)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            found.append(_SEQUENCE if value else _EMPTY_SEQUENCE)
            for index, one in enumerate(value):
                _append(found, one, f"{at}[{index}]")
            found.append(_SEQUENCE_END)
        case None | bool() | int() | float():
            found.append(ScalarEvent(None, None, (True, False), _number(value, at)))
        case _:
            raise TypeError(f"{at}: {value!r} is not plain data")


@lru_cache(maxsize=1 << 16)
def _string(text: str) -> ScalarEvent:
    plain = _is_plain(text)
    return ScalarEvent(None, None, (plain, True), str(text), style=None if plain else '"')


def _number(value: float | bool | None, at: str) -> str:
    """null, true, 12, 1.5: as every version of YAML and JSON reads them."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case _ if isfinite(value):
            # YAML 1.1 takes an exponent for one only with a point before it and a sign after its letter.
            digits, letter, power = float.__repr__(value).partition("e")
            if not letter:
                return digits
            return f"{digits if '.' in digits else digits + '.0'}e{power if power[0] in '+-' else '+' + power}"
        case _:
            raise TypeError(f"{at}: {value!r} is not plain data")


_SCALARS = frozenset({str, int, bool, type(None)})


def _is_exact(body: object) -> bool:
    """Whether it is plain data of the exact built-in types; False also where only a closer look can tell."""
    left: list[object] = [[body]]
    while left:
        one = left.pop()
        if type(one) is dict:
            if any(type(key) is not str for key in one):
                return False
            parts: Iterable[object] = one.values()
        elif type(one) is list:
            parts = one
        else:
            return False
        for part in parts:
            kind = type(part)
            if kind not in _SCALARS and not (kind is float and isfinite(part)):  # type: ignore[arg-type]
                left.append(part)
    return True


def _plain(value: object, at: str) -> Json:
    """The value as dicts, lists and scalars of the exact built-in types, or TypeError with the place."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float() if isfinite(value):
            return value
        case Mapping():
            if strange := [key for key in value if not isinstance(key, str)]:
                raise TypeError(f"{at}: key {strange[0]!r} is not a string")
            return {str(key): _plain(one, f"{at}.{key}") for key, one in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_plain(one, f"{at}[{index}]") for index, one in enumerate(value)]
        case _:
            raise TypeError(f"{at}: {value!r} is not plain data")
