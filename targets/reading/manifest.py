"""One object as it was read, and what of it has been used.

Turns an object's body into a cursor that remembers which fields somebody asked for. Invariant: every field of a body is
either asked for (`take`, `known`, `skip`) or among what is `left`; nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

_STEP = re.compile(r"[.\[]")
"""Where a path goes one step down."""


@dataclass(frozen=True)
class Manifest:
    """An object of a cluster. `file` and `line` say where its document begins."""

    body: Mapping[str, object]
    file: str
    line: int

    @cached_property
    def kind(self) -> str:
        return str(self.body.get("kind", ""))

    @cached_property
    def group(self) -> str:
        """The API group without its version; "" for the core."""
        version = str(self.body.get("apiVersion", ""))
        return version.rpartition("/")[0]

    @cached_property
    def metadata(self) -> Mapping[str, object]:
        found = self.body.get("metadata")
        return found if isinstance(found, Mapping) else {}

    @property
    def name(self) -> str:
        return str(self.metadata.get("name", ""))

    @property
    def namespace(self) -> str:
        return str(self.metadata.get("namespace") or "")

    @property
    def labels(self) -> dict[str, str]:
        return texts(self.metadata.get("labels"))

    @property
    def is_ours(self) -> bool:
        """Whether it carries the mark of compiled objects."""
        return self.labels.get("app.kubernetes.io/managed-by") == "seatrial"

    @property
    def title(self) -> str:
        """`Deployment/triage`."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Place:
    """A field of an object that was read, "" for the object itself."""

    file: str
    line: int
    object: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.object} {self.path}".rstrip()


@dataclass(frozen=True, slots=True)
class Left:
    """A field that the spec does not carry, with its value as it stands and the reason."""

    place: Place
    value: object
    why: str


class Fields:
    """A cursor on one mapping of an object; cursors on its parts share what they remember."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.path = ""
        self.node: Mapping[str, object] = manifest.body
        self._used: set[str] = set()
        self._why: dict[str, str] = {}
        self.skip("apiVersion", "kind")

    def take(self, path: str) -> object:
        """The value at a dotted path below this cursor, None where there is none. It counts as carried."""
        self._used.add(self._join(path))
        return self.peek(path)

    def peek(self, path: str) -> object:
        if "." not in path:
            return self.node.get(path)
        node: object = self.node
        for name in path.split("."):
            if not isinstance(node, Mapping) or name not in node:
                return None
            node = node[name]
        return node

    def known(self, path: str, *values: object) -> bool:
        """Whether the field has one of these values, which then counts as used: it changes nothing for a spec."""
        if self.peek(path) in values:
            self._used.add(self._join(path))
            return True
        return False

    def skip(self, *paths: str) -> None:
        """Fields that say nothing of a fleet, whatever their values."""
        self._used.update(self._join(path) for path in paths)

    def refuse(self, path: str, why: str) -> None:
        """The field stays among what is left, with this reason."""
        self._why[self._join(path)] = why

    def leave(self, path: str, why: str) -> None:
        """The field is among what is left, whatever was asked for before."""
        self._used.discard(self._join(path))
        self.refuse(path, why)

    def refuse_whole(self, why: str) -> None:
        """What the cursor is on stays among what is left, as one."""
        self._why[self.path] = why

    def within(self, path: str) -> Fields:
        """A cursor on the mapping at a path, an empty one where there is none."""
        found = self.peek(path)
        return self._at(self._join(path), found if isinstance(found, Mapping) else {})

    def each(self, path: str) -> Iterator[Fields]:
        """Cursors on the mappings of the list at a path."""
        found = self.peek(path)
        for index, one in enumerate(found if isinstance(found, Sequence) and not isinstance(found, str) else ()):
            if isinstance(one, Mapping):
                yield self._at(f"{self._join(path)}[{index}]", one)

    def place(self, path: str = "") -> Place:
        manifest = self.manifest
        return Place(manifest.file, manifest.line, manifest.title, self._join(path) if path else self.path)

    def left(self) -> Iterator[Left]:
        """What nobody asked for, each subtree once at its highest such place."""
        around = {place for path in (*self._used, *self._why) for place in _above(path)}
        yield from self._left("", self.manifest.body, "the language has no word for it", around)

    def _left(self, path: str, node: object, why: str, around: set[str]) -> Iterator[Left]:
        """`around`: the paths below which something was asked for."""
        if path in self._used:
            return
        why = self._why.get(path, why)
        inner = f"{path}." if path else ""
        if path in around and isinstance(node, Mapping):
            for name, value in node.items():
                yield from self._left(f"{inner}{name}", value, why, around)
        elif path in around and isinstance(node, Sequence) and not isinstance(node, str):
            for index, value in enumerate(node):
                yield from self._left(f"{path}[{index}]", value, why, around)
        elif path not in around or node is not None:
            manifest = self.manifest
            yield Left(Place(manifest.file, manifest.line, manifest.title, path), node, why)

    def _at(self, path: str, node: Mapping[str, object]) -> Fields:
        made = object.__new__(Fields)
        made.manifest, made.path, made.node, made._used, made._why = self.manifest, path, node, self._used, self._why
        return made

    def _join(self, path: str) -> str:
        return f"{self.path}.{path}" if self.path else path


@lru_cache(maxsize=1 << 14)
def _above(path: str) -> tuple[str, ...]:
    """The places that a path goes through, the object itself first."""
    return ("", *(path[: cut.start()] for cut in _STEP.finditer(path)))


def texts(value: object) -> dict[str, str]:
    """A mapping of texts such as labels; what is none is left out."""
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, Mapping) else {}


def items(value: object) -> tuple[object, ...]:
    """The items of a list, none where it is none."""
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else ()


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector of exact labels matches; an empty one selects nothing here."""
    return bool(selector) and selector.items() <= labels.items()
