"""What a spec does not carry, told shortly: alike fields of several objects are one line.

Invariant: each field that is left is counted in exactly one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .draft import Reading
from .manifest import Left

_INDEX = re.compile(r"\[[0-9]+\]")
_MOST_NAMES = 4
_LONGEST = 60


def grouped(reading: Reading) -> Iterator[str]:
    """`Deployment spec.strategy (checkout, cart): why`, then notes."""
    groups: dict[tuple[str, str, str], list[Left]] = {}
    for one in reading.left:
        kind = one.place.object.partition("/")[0]
        groups.setdefault((kind, _INDEX.sub("[]", one.place.path), one.why), []).append(one)
    for (kind, path, why), found in groups.items():
        names = list(dict.fromkeys(one.place.object.partition("/")[2] for one in found))
        shown = ", ".join(names[:_MOST_NAMES]) + (
            f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        )
        values = {_value(one.value) for one in found}
        value = f" = {values.pop()}" if path and len(values) == 1 else ""
        yield one_line(f"{kind} {path}{value} ({shown}): {why}".replace("  ", " "))
    yield from map(one_line, reading.notes)


def one_line(text: str) -> str:
    """On one line and without signs that steer a terminal, whatever the manifests say."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
