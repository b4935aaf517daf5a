"""Text of YAML or JSON -> plain data, one document after the other, as kubectl reads it.

Composed by libyaml; PyYAML's own constructor takes four times as long. Invariant: no key is said twice, nothing is
nested or unfolded without end, and what kubectl would not take ends the command with its place.

Source: sigs.k8s.io/yaml (YAML 1.1 without dates; keys become texts, as in JSON).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .refusal import Refused

_DEEPEST = 100
"""So many levels has no object of a cluster."""
_UNFOLDED = 1_000_000
"""So many values more than characters has no text but one whose aliases repeat one another."""

_TAG = "tag:yaml.org,2002:"
_TEXT, _MERGE = f"{_TAG}str", f"{_TAG}merge"
_RESOLVERS = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (f"{_TAG}timestamp", f"{_TAG}value")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]
    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        """What a value without a tag is. PyYAML asks for each node: this is where it spends most of its time."""
        if kind is ScalarNode:
            return _tag(value) if implicit[0] else _TEXT
        return f"{_TAG}map" if kind is MappingNode else f"{_TAG}seq"


@lru_cache(maxsize=1 << 16)
def _tag(value: str) -> str:
    for tag, pattern in _RESOLVERS.get(value[:1], ()):
        if pattern.match(value):
            return str(tag)
    return _TEXT


def documents(text: str, name: str) -> Iterator[tuple[object, int]]:
    """Each document's data, and the line on which it begins. `name` is the file's, for messages."""
    try:
        loader = _Loader(text)
        try:
            while loader.check_node():
                node = loader.get_node()
                yield _Data(len(text)).of(node, 0), node.start_mark.line + 1
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise Refused(_told(error, text, name)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise Refused(f"{name}: not readable as YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise Refused(f"{name}: nested too deep to be an object of a cluster") from None


def _told(error: yaml.MarkedYAMLError, text: str, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
    lines = text.splitlines()
    template = mark is not None and mark.line < len(lines) and "{{" in lines[mark.line]
    hint = "; a template has to be rendered first: helm template NAME CHART | seatrial import -" if template else ""
    return f"{place}: not readable as YAML: {error.problem or error.context}{hint}"


class _Data:
    """One document. What an alias names is made anew each time, so that no two places share a part."""

    def __init__(self, characters: int) -> None:
        self.left = characters + _UNFOLDED

    def of(self, node: Node, depth: int) -> object:
        if type(node) is ScalarNode:
            return node.value if node.tag == _TEXT else self._scalar(node)
        if type(node) is MappingNode and node.tag == f"{_TAG}map":
            return self._mapping(node, depth)
        if type(node) is SequenceNode and node.tag == f"{_TAG}seq":
            self._bound(node, depth)
            return [self.of(one, depth + 1) for one in node.value]
        raise _error(node, f"`{node.tag}` is no tag that a cluster reads")

    def _bound(self, node: Node, depth: int) -> None:
        self.left -= 1 + len(node.value)
        if depth > _DEEPEST:
            raise _error(node, "nested too deep to be an object of a cluster")
        if self.left < 0:
            raise _error(node, f"its aliases unfold to more than {_UNFOLDED:,} values")

    def _scalar(self, node: ScalarNode) -> object:
        try:
            return _plain(node.tag, node.value)
        except (KeyError, ValueError, AttributeError):
            raise _error(node, f"`{node.value}` with the tag `{node.tag}` is nothing that a cluster reads") from None

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, object]:
        self._bound(node, depth)
        made: dict[str, object] = {}
        merged = False
        for key, value in node.value:
            if type(key) is not ScalarNode:
                raise _error(key, "a key has to be a text")
            if key.tag == _MERGE:
                merged = True
                continue
            name = key.value if key.tag == _TEXT else _key(self._scalar(key))
            if name in made:
                raise _error(key, f"`{key.value}` is said twice")
            made[name] = self.of(value, depth + 1)
        return {**self._merged(node, depth), **made} if merged else made

    def _merged(self, node: MappingNode, depth: int) -> dict[str, object]:
        """What `<<` takes over; of several the first that says a thing."""
        found: dict[str, object] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for one in value.value if type(value) is SequenceNode else (value,):
                    if type(one) is not MappingNode:
                        raise _error(one, "`<<` takes mappings only")
                    found = {**self._mapping(one, depth + 1), **found}
        return found


@lru_cache(maxsize=1 << 12)
def _plain(tag: str, value: str) -> object:
    """Raises KeyError, ValueError or AttributeError for a tag or a value that has no place in JSON."""
    made: object = _CONSTRUCTORS[tag](yaml.SafeLoader(""), ScalarNode(tag, value))
    if isinstance(made, float) and not isfinite(made):
        raise ValueError(value)
    return made


_CONSTRUCTORS = {
    _TEXT: lambda _, node: node.value,
    **{
        f"{_TAG}{name}": yaml.SafeLoader.yaml_constructors[f"{_TAG}{name}"] for name in ("null", "bool", "int", "float")
    },
}


def _key(value: object) -> str:
    """A key as JSON writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _error(node: Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
