"""Documents to bytes.

Turns a `Document` into the bytes of its file. Invariant: the bytes depend on nothing but the document and the plan's
provenance (no clock, no hash order), and read back to a body equal to the one that was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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
"""Longer than any line, so that neither writer folds one."""

# libyaml writes several times faster than PyYAML's own code, and from events faster still: a document need not become
# a graph of nodes whose types are then guessed back from their text.
_WRITER: type[yaml.CDumper] | type[yaml.Dumper] = getattr(yaml, "CDumper", yaml.Dumper)


def render(document: Document, plan: Plan) -> bytes:
    """The bytes of a document's file, UTF-8 with a final newline.

    YAML opens with a comment that names the tool's version, the fleet and the spec's digest; JSON has no comments, and
    its emitters write the same three into the body where the format has room.
    Raises ValueError for a suffix other than .json and .yaml and TypeError for a body that is not plain data.
    """
    if document.path.endswith(".json"):
        body = _plain(document.body, document.path)
        return _json(body)
    if document.path.endswith(".yaml"):
        return _header(plan).encode() + to_yaml(document.body, document.path).encode()
    raise ValueError(f"no format for {document.path}")


def to_yaml(body: object, at: str = "", writer: type[yaml.CDumper] | type[yaml.Dumper] = _WRITER) -> str:
    """Block style, keys in their order, strings quoted wherever any YAML reader could take them for another type.

    Raises TypeError with the place, which begins with `at`, for what is not plain data.
    """
    return str(yaml.emit(_document(body, at), Dumper=writer, width=_WIDTH, indent=2, allow_unicode=True))


def _json(body: Json) -> bytes:
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
    plain = _PLAIN.match(text) is not None and text.lower() not in _WORDS
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
