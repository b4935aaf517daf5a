"""Manifests with one field changed -> what an import makes of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read as clauses_of
from seatrial.dsl.source import Source
from seatrial.targets import reading


@dataclass(frozen=True)
class Made:
    text: str
    left: dict[tuple[str, str], str]
    """What is listed: the reason by the object and the path."""
    whole: str
    """All that an import tells, to see whether anything of it is different."""

    def errors(self) -> list[str]:
        """Why the spec cannot be read, of syntax, names, types and units."""
        found = clauses_of(Source("imported.fleet", self.text))
        _, resolved = resolve(found.clauses, {})
        told = (*found.diagnostics, *resolved)
        return [f"{one.code} {one.message}" for one in told if one.is_error and one.code.startswith(("ST0", "ST1"))]


def imported(bodies: list[Any], fleet: str, namespace: str) -> Made:
    found = reading.read([reading.Manifest(body, "a.yaml", 1) for body in bodies], fleet, namespace)
    text = reading.text_of(found)
    left = {(one.place.object, one.place.path): one.why for one in found.left}
    values = [(str(one.place), repr(one.value), one.why) for one in found.left]
    return Made(text, left, json.dumps([text, values]))


def changed(bodies: list[Any], number: int, path: tuple[str | int, ...], value: object) -> list[Any]:
    """Copies, with this value at a path of the object of this number; mappings on the way are made."""
    made = [*bodies[:number], json.loads(json.dumps(bodies[number])), *bodies[number + 1 :]]
    node: Any = made[number]
    for step in path[:-1]:
        node = node[int(step)] if isinstance(node, list) else node.setdefault(str(step), {})
    node[path[-1]] = value
    return made
