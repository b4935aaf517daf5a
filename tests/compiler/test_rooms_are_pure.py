"""compiler/ and targets/ read no file, no clock, no network and no dice; each outer library stays in its room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("compiler", "targets", "dsl", "chaos")

PURE = {
    *(
        "__future__",
        "abc",
        "array",
        "bisect",
        "collections",
        "collections.abc",
        "csv",
        "dataclasses",
        "difflib",
        "enum",
        "fractions",
    ),
    *(
        "functools",
        "graphlib",
        "hashlib",
        "heapq",
        "io",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "statistics",
        "string",
    ),
    *("textwrap", "types", "typing", "unicodedata", "decimal", "numbers", "posixpath"),
}
"""What computes and does nothing else. `csv` and `io` are given texts, never files; `posixpath` joins names."""

ALLOWED = {
    "compiler/passes/traces.py": {"datetime"},  # parses time stamps; asks no clock (see below)
    "compiler/verify/exact/solve.py": {"z3"},  # the one call of the solver
    "targets/overlays.py": {"jsonpatch"},  # what differs between two documents
    "targets/provenance.py": {"pathlib"},  # PurePosixPath: parts of a document's path
    "targets/render.py": {"orjson", "yaml", "yaml.events"},  # writes a document as text
    "targets/runtime/emit.py": {"importlib.resources"},  # its own published schema, part of the package
}


def _modules(room: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> set[str]:
    """Absolute imports by module; relative ones stay inside the room."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("room", ["compiler", "targets"])
def test_a_pure_room_imports_what_computes_and_no_more(room: str) -> None:
    seen = 0
    for name, tree in _modules(room):
        seen += 1
        outer = {one for one in _imported(tree) if not one.startswith("seatrial.")}
        assert outer - PURE <= ALLOWED.get(name, set()), name
    assert seen > 10


@pytest.mark.parametrize("room", ["compiler", "targets"])
def test_a_pure_room_opens_nothing_prints_nothing_and_asks_no_clock(room: str) -> None:
    forbidden = {"open", "print", "input", "exec", "eval", "__import__"}
    clocks = {"now", "today", "utcnow", "read_text", "write_text", "read_bytes", "write_bytes"}
    packaged = {"targets/runtime/emit.py"}  # reads the schema that is part of the package
    for name, tree in _modules(room):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            match call.func:
                case ast.Name(id=called):
                    assert called not in forbidden, f"{name}:{call.lineno}"
                case ast.Attribute(attr=called):
                    assert called not in clocks or name in packaged, f"{name}:{call.lineno}"


def test_nobody_imports_a_room_by_its_bare_name() -> None:
    paths = [path for room in (*ROOMS, "seatrial/cli", "tests") for path in sorted((ROOT / room).rglob("*.py"))]
    assert len(paths) > 100
    for path in paths:
        text = path.read_text(encoding="utf-8")
        # Few so much as look like it: those are read.
        if re.search(rf"\b(from|import) +({'|'.join(ROOMS)})\b", text):
            assert not {one.split(".")[0] for one in _imported(ast.parse(text))} & set(ROOMS), path
