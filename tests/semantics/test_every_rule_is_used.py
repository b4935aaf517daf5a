"""No rule stands in `compiler/semantics` for the tests' sake: the checker, the simulator or a trial calls each one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEMANTICS = ROOT / "compiler" / "semantics"
ROOMS = ("dsl", "compiler", "targets", "chaos", "seatrial/cli", "seatrial/lsp", "seatrial/solver")


def _names(node: ast.AST) -> set[str]:
    """Every name and attribute that is read in it."""
    read = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    return read | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def _defined(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name, node
            case ast.Assign(targets=[ast.Name() as name]) | ast.AnnAssign(target=ast.Name() as name):
                yield name.id, node


def _outside() -> set[str]:
    """What the product reads besides `semantics` itself."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if SEMANTICS not in path.parents]
    return set().union(*(_names(ast.parse(path.read_text("utf-8"))) for path in files))


def test_every_rule_is_called_by_the_product() -> None:
    rules = {name: (path.name, node) for path in SEMANTICS.glob("*.py") for name, node in _defined(path)}
    reached, open_ = set[str](), set(rules) & _outside()
    while open_:
        name = open_.pop()
        reached.add(name)
        open_ |= (_names(rules[name][1]) & set(rules)) - reached
    assert {f"{rules[name][0]}: {name}" for name in set(rules) - reached} == set()


def test_every_method_of_a_rule_is_called_by_the_product() -> None:
    inside = set().union(*(_names(ast.parse(path.read_text("utf-8"))) for path in SEMANTICS.glob("*.py")))
    methods = {
        f"{name}.{each.name}": each.name
        for path in SEMANTICS.glob("*.py")
        for name, node in _defined(path)
        if isinstance(node, ast.ClassDef)
        for each in node.body
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("__")
    }
    read = inside | _outside()
    assert [name for name, method in methods.items() if method not in read] == []
