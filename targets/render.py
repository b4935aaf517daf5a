"""Documents to bytes.

Turns a `Document` into the bytes of its file. Invariant: the bytes depend on nothing but the document and the plan's
provenance (no clock, no hash order), and read back to a body equal to the one that was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import cast

import yaml

from seatrial.compiler.plan import Plan

from .base import Document, Json

# YAML 1.1 (PyYAML), YAML 1.2 and Go's yaml (kubectl) disagree about which plain scalars are strings: yes, 1e3, 0o17,
# 1:30, 2024-01-01, ~. A string is left plain only where all of them agree, and quoted everywhere else.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[._/-]+[A-Za-z0-9]+)*\Z")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"})

_WIDTH = 1 << 20
"""Longer than any line, so that neither writer folds one."""


def render(document: Document, plan: Plan) -> bytes:
    """The bytes of a document's file, UTF-8 with a final newline.

    YAML opens with a comment that names the tool's version, the fleet and the spec's digest; JSON has no comments, and
    its emitters write the same three into the body where the format has room.
    Raises ValueError for a suffix other than .json and .yaml and TypeError for a body that is not plain data.
    """
    body = _plain(document.body, document.path)
    if document.path.endswith(".json"):
        return (json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    if document.path.endswith(".yaml"):
        return (_header(plan) + to_yaml(body)).encode()
    raise ValueError(f"no format for {document.path}")


def to_yaml(body: Json, dumper: type[yaml.SafeDumper] | None = None) -> str:
    """Block style, keys in their order, strings quoted wherever any YAML reader could take them for another type."""
    return yaml.dump(
        body,
        Dumper=dumper or _WRITER,
        default_flow_style=False,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        indent=2,
    )


def _header(plan: Plan) -> str:
    return (
        f"# Made by seatrial {plan.version} from the spec of fleet {plan.fleet}; change the spec, not this file.\n"
        f"# Spec digest: sha256 {plan.digest}\n"
    )


def writer(base: type[yaml.SafeDumper]) -> type[yaml.SafeDumper]:
    """One of PyYAML's two safe dumpers with our styles, which leave it no choice of its own in plain ASCII."""
    # Anchors are legal, but no one expects them in a manifest.
    made = cast(type[yaml.SafeDumper], type("Writer", (base,), {"ignore_aliases": _never}))
    made.add_representer(str, _string)
    return made


def _never(_dumper: yaml.SafeDumper, _value: object) -> bool:
    return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.match(text) is not None and text.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


# libyaml writes some ten times faster than PyYAML's own code.
_WRITER = writer(getattr(yaml, "CSafeDumper", yaml.SafeDumper))


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
