"""Every scalar of a document, and copies of the document with one of them changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def scalars(node: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """With their paths; what is empty counts as one."""
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from scalars(value, (*path, name))
    elif isinstance(node, list | tuple) and node:
        for index, value in enumerate(node):
            yield from scalars(value, (*path, index))
    else:
        yield path, node


def mappings(node: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(node, dict):
        yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list | tuple) else ()
    for name, value in inner:
        yield from mappings(value, (*path, name))


def other(value: object) -> object:
    """Another value of the same kind, and of the same unit."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 7
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+)(.*)", value, re.S)):
        return f"{int(found[1]) + 7}{found[2]}"
    return f"{value}x" if isinstance(value, str) else "x"


def put(body: object, path: Path, value: object) -> Any:
    made: Any = json.loads(json.dumps(body))
    node = _parent(made, path)
    node[path[-1]] = value
    return made


def without(body: object, path: Path) -> Any:
    made: Any = json.loads(json.dumps(body))
    del _parent(made, path)[path[-1]]
    return made


def _parent(node: Any, path: Path) -> Any:
    for step in path[:-1]:
        node = node[step]
    return node


def pattern(path: Path) -> str:
    """Items of a list are one."""
    return ".".join("*" if isinstance(step, int) else step for step in path)
