"""A relation over literals -> SMT-LIB 2 text that is unsatisfiable exactly when the literals rule the relation out.

Invariant: nothing but type facts and definitions is asserted outright; each literal's value hangs on a switch of its
own, so that a solver's core is a set of literals. No value of an inner node is computed here: what `expression.value`
says is not used, and an error there cannot hide.

Source: The SMT-LIB Standard, version 2.6 (https://smt-lib.org/papers/smt-lib-reference-v2.6-r2021-05-12.pdf).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .expression import Apply, Constant, Derived, Expression, Leaf, Operator, Relation, leaves, walk


@dataclass(frozen=True, slots=True)
class Script:
    """`text` declares and asserts; `switches` maps the name of each literal's switch to the literal."""

    text: str
    switches: dict[str, Leaf]
    hints: str
    """That products of what is never negative are not, which follows from `text`: with it a sum of products of open
    literals is no question of its own to z3. Others it slows down."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything below some relations, written down: `names` of the literals, and the term of each node."""

    lines: tuple[str, ...]
    literals: tuple[Leaf, ...]
    names: dict[str, str]
    terms: dict[Expression, str]
    hints: tuple[str, ...]

    def holds(self, relation: Relation) -> str:
        return f"({relation.order} {self.terms[relation.need]} {self.terms[relation.have]})"

    def stated(self, leaf: Leaf) -> str:
        return _equals(leaf, self.names)


def declared(relations: Iterable[Relation]) -> Declared:
    """Literals with their type facts, what rules found of them, and a defined name for each node above them."""
    lines: list[str] = []
    terms: dict[Expression, str] = {}
    roots = [side for relation in relations for side in (relation.need, relation.have)]
    literals = leaves(roots)
    names = {leaf.name: f"v{index}" for index, leaf in enumerate(literals)}
    hints: list[str] = []
    never_negative: set[Expression] = set()
    for leaf in literals:
        name = names[leaf.name]
        lines.append(f"; {name} is {' '.join(leaf.name.split())}")
        lines.append(f"(declare-const {name} {'Int' if leaf.is_integer else 'Real'})")
        lines.append(f"(assert ({'>' if leaf.positive else '>='} {name} {'0' if leaf.is_integer else '0.0'}))")
    for index, node in enumerate(walk(roots)):
        match node:
            case Constant(number):
                terms[node] = real(number)
            case Leaf():
                terms[node] = f"(to_real {names[node.name]})" if node.is_integer else names[node.name]
            case Derived():
                terms[node] = f"d{index}"
                lines.extend(_lemma(node, f"d{index}", names))
            case Apply():
                # A defined name a node keeps the text as long as the graph, however often a part is shared.
                body = _apply(node.operator, [terms[operand] for operand in node.operands])
                lines.append(f"(define-fun e{index} () Real {body})")
                terms[node] = f"e{index}"
                if node.operator is Operator.MULTIPLY and never_negative.issuperset(node.operands):
                    hints.append(f"(assert (>= e{index} 0.0))")
        if _never_negative(node, never_negative):
            never_negative.add(node)
    return Declared(tuple(lines), literals, names, terms, tuple(hints))


def _never_negative(node: Expression, known: set[Expression]) -> bool:
    """Whether its form says so; `known` are those below of which it does."""
    match node:
        case Constant(number):
            return number >= 0
        case Apply():
            return node.operator not in (Operator.SUBTRACT, Operator.DIVIDE) and known.issuperset(node.operands)
        case _:
            return True


def encode(relation: Relation) -> Script:
    """The claim that the relation holds, and one switch a literal: with all of them on, unsat means refuted."""
    below = declared([relation])
    lines = [*below.lines, f"(assert {below.holds(relation)})"]
    switches: dict[str, Leaf] = {}
    for index, leaf in enumerate(below.literals):
        switches[f"k{index}"] = leaf
        lines.append(f"(declare-const k{index} Bool)")
        lines.append(f"(assert (=> k{index} {below.stated(leaf)}))")
    return Script("\n".join(lines) + "\n", switches, "\n".join(below.hints))


def real(number: Fraction) -> str:
    """An exact real constant: -1/50 is (- (/ 1.0 50.0))."""
    size = f"{abs(number.numerator)}.0"
    if number.denominator != 1:
        size = f"(/ {size} {number.denominator}.0)"
    return f"(- {size})" if number < 0 else size


def _equals(leaf: Leaf, names: dict[str, str]) -> str:
    number = str(leaf.number.numerator) if leaf.is_integer else real(leaf.number)
    return f"(= {names[leaf.name]} {number})"


def _lemma(node: Derived, name: str, names: dict[str, str]) -> list[str]:
    """What a rule found holds for these very literals and says nothing of any others."""
    given = " ".join(_equals(leaf, names) for leaf in node.of)
    claim = f"(= {name} {real(node.number)})"
    return [
        f"; {name} is {' '.join(node.name.split())}",
        f"(declare-const {name} Real)",
        f"(assert (>= {name} 0.0))",
        f"(assert (=> (and {given}) {claim}))" if node.of else f"(assert {claim})",
    ]


def _apply(operator: Operator, terms: list[str]) -> str:
    match operator:
        case Operator.CEILING:
            return f"(to_real (- (to_int (- {terms[0]}))))"
        case Operator.FLOOR:
            return f"(to_real (to_int {terms[0]}))"
        case Operator.MIN | Operator.MAX:
            sign = "<=" if operator is Operator.MIN else ">="
            best = terms[0]
            for term in terms[1:]:
                best = f"(let ((a {best}) (b {term})) (ite ({sign} a b) a b))"
            return best
        case _:
            return f"({operator} {' '.join(terms)})"
