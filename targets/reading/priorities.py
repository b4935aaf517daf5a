"""PriorityClasses to levels of the language.

Invariant: a level that no word or number of the language says is left, never rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .common import metadata
from .figures import MOST, taken, whole
from .manifest import Fields

_WORDS = {-100: "low", 0: "normal", 100: "high", 1000: "critical"}


@dataclass(frozen=True, slots=True)
class Level:
    value: int
    fields: Fields


def levels(classes: Iterable[Fields]) -> dict[str, Level]:
    """By the name of the class."""
    found: dict[str, Level] = {}
    for one in classes:
        metadata(one)
        one.known("preemptionPolicy", "PreemptLowerPriority")
        one.known("globalDefault", False)
        one.skip("description")
        value = taken(one, "value", lambda value: whole(value, least=-MOST))
        if value is not None:
            found[one.manifest.name] = Level(value, one)
    return found


def clause(level: int) -> str | None:
    """None where the language has no such level."""
    if level in _WORDS:
        return f"priority {_WORDS[level]}"
    return f"priority {level:_}" if level > 0 else None
