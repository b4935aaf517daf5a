"""Document -> JSON, indented by two blanks. Comments have no place in it and are left out."""

from __future__ import annotations

import json

from .documents import TRUE, Branch, Leaf
from .yaml_print import is_number


def json_text(document: Branch) -> str:
    return _value(document, "") + "\n"


def _value(value: Leaf | Branch, indent: str) -> str:
    if isinstance(value, Leaf):
        return scalar(value)
    opening, closing = "{}" if value.keyed else "[]"
    if not value.entries:
        return opening + closing
    inner = indent + "  "
    lines = [
        inner + (f"{_string(entry.key)}: " if value.keyed else "") + _value(entry.value, inner)
        for entry in value.entries
    ]
    return opening + "\n" + ",\n".join(lines) + "\n" + indent + closing


def scalar(leaf: Leaf) -> str:
    return leaf.value if leaf is TRUE or is_number(leaf) else _string(leaf.value)


def _string(text: str) -> str:
    shown = json.dumps(text, ensure_ascii=False)
    # What does not print is escaped: a line separator, or a mark that turns the direction of writing.
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in shown)
