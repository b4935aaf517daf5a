"""Document -> YAML in one style: two blanks of indentation, short clauses in braces on one line.

Invariant: a scalar is quoted wherever YAML 1.1 or 1.2 would make a number, a date or a truth value of it that it is
not, so that every reader of YAML sees what ours does.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from .documents import TRUE, Branch, Entry, Leaf

WIDTH = 100
FEW = 8
"""Values that stand in braces on one line."""

_PLAIN = re.compile(r"[A-Za-z0-9_$(./µ][A-Za-z0-9_$()./%µ+*:@-]*( [A-Za-z0-9_$()./%µ+*@-]+)*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?")
_TYPED = re.compile(
    r"[-+]?(0x[0-9a-fA-F_]+|0o[0-7]+|0b[01_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9_]+)([eE][-+]?[0-9]+)?|\.(inf|nan))",
    re.IGNORECASE,
)
_NOT_IN_A_COMMENT = re.compile("[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML cannot hold outside of quotes, and what ends a line for it and not for us: behind it a comment would be
read as a part of the document."""
_RESOLVER: Any = yaml.resolver.Resolver()


def yaml_text(document: Branch) -> str:
    lines: list[str] = []
    _block(document, "", lines)
    return "\n".join(lines) + "\n" if document.entries else "\n".join([*lines, "{}"]) + "\n"


def is_number(leaf: Leaf) -> bool:
    """Whether it is a number in every notation, exact in a reader that has floats only."""
    return not leaf.text and _NUMBER.fullmatch(leaf.value) is not None


def _block(branch: Branch, indent: str, lines: list[str]) -> None:
    for entry in branch.entries:
        head, value = _head(branch, entry, indent), entry.value
        short = _on_one_line(value, WIDTH - len(head) - 1)
        beside = entry.beside or (entry.behind if short is not None else "")
        above = [*entry.above, *_raised(branch, entry, indent)]
        if isinstance(value, Branch) and value.gathered:
            above += _raised(value, value.entries[0], indent + "  ")
        elif branch.gathered and entry is branch.entries[0]:
            above = [*entry.above]
        lines.extend(indent + _remark(comment) for comment in above)
        beside = f"  {_remark(beside)}" if beside else ""
        if short is not None:
            lines.append(f"{head} {short}{beside}")
        elif isinstance(value, Branch) and not branch.keyed and value.keyed and not value.entries[0].above:
            # Its first field stands behind the dash.
            place = len(lines)
            _block(value, indent + "  ", lines)
            lines[place] = f"{head} {lines[place].lstrip()}"
        elif isinstance(value, Branch):
            lines.append(head + beside)
            _block(value, indent + "  ", lines)
    lines.extend(indent + _remark(comment) for comment in branch.below)


def _head(branch: Branch, entry: Entry, indent: str) -> str:
    return f"{indent}{_key(entry.key)}:" if branch.keyed else f"{indent}-"


def _raised(branch: Branch, entry: Entry, indent: str) -> list[str]:
    """The comment about all of an entry, where no line ends that is all of it: there it goes above."""
    short = _on_one_line(entry.value, WIDTH - len(_head(branch, entry, indent)) - 1)
    return [entry.behind] if entry.behind and (short is None or entry.beside) else []


def _remark(comment: str) -> str:
    return _NOT_IN_A_COMMENT.sub("\ufffd", comment)


def _on_one_line(value: Leaf | Branch, room: int) -> str | None:
    """A value without line ends, or None where it has comments or is too long for one line."""
    if isinstance(value, Leaf):
        return scalar(value, flow=False)
    if not value.entries:
        return "{}" if value.keyed else "[]"
    if _leaves(value) > FEW:
        return None
    text = _flow(value)
    return text if text is not None and len(text) <= room else None


def _leaves(value: Leaf | Branch) -> int:
    return 1 if isinstance(value, Leaf) else sum(_leaves(entry.value) for entry in value.entries)


def _flow(value: Leaf | Branch) -> str | None:
    if isinstance(value, Leaf):
        return scalar(value, flow=True)
    if value.spread or value.below:
        return None
    parts: list[str] = []
    for entry in value.entries:
        inner = None if entry.above or entry.beside or entry.behind else _flow(entry.value)
        if inner is None:
            return None
        parts.append(f"{_key(entry.key)}: {inner}" if value.keyed else inner)
    return "{" + ", ".join(parts) + "}" if value.keyed else "[" + ", ".join(parts) + "]"


def _key(text: str) -> str:
    return scalar(Leaf(text, text=True), flow=True)


def scalar(leaf: Leaf, *, flow: bool) -> str:
    text = leaf.value
    if leaf is TRUE or is_number(leaf):
        return text
    safe = _PLAIN.fullmatch(text) and not _TYPED.fullmatch(text) and not text.endswith(":") and ": " not in text
    if safe and not (flow and ":" in text) and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _STRING:
        return text
    return quoted(text)


_STRING = "tag:yaml.org,2002:str"


def quoted(text: str) -> str:
    """In double quotes, with escapes for what does not print."""
    out = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() and char != "\ufeff" else _escape(char) for char in out)


def _escape(char: str) -> str:
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"
