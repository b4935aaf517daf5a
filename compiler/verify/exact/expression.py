"""Literals of a spec -> exact arithmetic over them, with the literals still in it.

Invariant: an expression is a finite acyclic graph whose leaves are the user's literals (or defaults), constants, and
numbers that a rule of `compiler.semantics` derived from named literals; `value` and the encoding for a solver
(`encode.py`) are two separate readings of the same graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import cast

from ...model import Stated

Number = int | Fraction


class Operator(StrEnum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    CEILING = "ceil"
    FLOOR = "floor"
    MIN = "min"
    MAX = "max"


class Expression:
    """Base of the four kinds of node. Nodes are equal only to themselves, so that shared parts are met once."""

    __slots__ = ()

    def __add__(self, other: Expression | Number) -> Expression:
        return Apply(Operator.ADD, (self, lift(other)))

    def __sub__(self, other: Expression | Number) -> Expression:
        return Apply(Operator.SUBTRACT, (self, lift(other)))

    def __mul__(self, other: Expression | Number) -> Expression:
        return Apply(Operator.MULTIPLY, (self, lift(other)))

    def __truediv__(self, other: Expression | Number) -> Expression:
        return Apply(Operator.DIVIDE, (self, lift(other)))


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expression):
    number: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Leaf(Expression):
    """A literal. `name` is unique in the fleet; `demands` says in a few words what it asks for.

    Every literal of the language is a number >= 0; `positive` says that 0 is no possible value, as for a divisor.
    """

    name: str
    stated: Stated[int] | Stated[Fraction]
    demands: str
    positive: bool = False
    assumption: bool = False
    """About the world, not a decision: another value is not a change that can be made."""
    may_be_zero: bool = False
    """None at all is one of the choices, as with retries."""
    aside: bool = False
    """It decides only by the way, as memory does how many starts share a cpu: nobody would change it for that."""
    trial: bool = False
    """Says how a trial goes: a gentler trial is no repair."""

    @property
    def number(self) -> Fraction:
        return _exact(self.stated.value)

    @property
    def is_integer(self) -> bool:
        return isinstance(self.stated.value, int)


@dataclass(frozen=True, slots=True, eq=False)
class Derived(Expression):
    """A number >= 0 that a rule gave for exactly these literals; `name` says what it is and is unique in the fleet."""

    name: str
    number: Fraction
    of: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Apply(Expression):
    """`number` is worked out as the node is made, from its operands' numbers: each node of a graph once."""

    operator: Operator
    operands: tuple[Expression, ...]
    number: Fraction = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", _RULES[self.operator]([value(operand) for operand in self.operands]))


Node = Constant | Leaf | Derived | Apply
"""The four kinds."""


class Order(StrEnum):
    AT_MOST = "<="
    BELOW = "<"


@dataclass(frozen=True, slots=True)
class Relation:
    """`need` <= `have`, or `need` < `have`."""

    need: Expression
    order: Order
    have: Expression

    @property
    def holds(self) -> bool:
        need, have = value(self.need), value(self.have)
        return need <= have if self.order is Order.AT_MOST else need < have

    @property
    def slack(self) -> Fraction:
        """What is left of `have` as a share of it; negative where the relation fails by more than nothing."""
        need, have = value(self.need), value(self.have)
        if have == 0:
            return Fraction(0) if need == 0 else Fraction(-1)
        return (have - need) / have


def lift(number: Expression | Number) -> Expression:
    return number if isinstance(number, Expression) else Constant(_exact(number))


def _exact(number: Number) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(number)


def ceiling(of: Expression) -> Expression:
    return Apply(Operator.CEILING, (of,))


def floor(of: Expression) -> Expression:
    return Apply(Operator.FLOOR, (of,))


def largest(of: Iterable[Expression]) -> Expression:
    return _flat(Operator.MAX, tuple(of))


def smallest(of: Iterable[Expression]) -> Expression:
    return _flat(Operator.MIN, tuple(of))


def total(of: Iterable[Expression]) -> Expression:
    parts = tuple(of)
    return _flat(Operator.ADD, parts) if parts else Constant(Fraction(0))


def _flat(operator: Operator, operands: tuple[Expression, ...]) -> Expression:
    return operands[0] if len(operands) == 1 else Apply(operator, operands)


def derived(name: str, number: Number, of: Iterable[Expression]) -> Derived:
    """A rule's result; it rests on every literal below the expressions `of`."""
    return Derived(name, _exact(number), leaves(of))


def parts(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Apply():
            return expression.operands
        case Derived():
            return expression.of
        case _:
            return ()


def walk(roots: Iterable[Expression]) -> tuple[Expression, ...]:
    """Every node once, a node after its parts, in the order of the text that built them."""
    seen: set[Expression] = set()
    ordered: list[Expression] = []
    stack = [(root, False) for root in reversed(tuple(roots))]
    while stack:
        node, entered = stack.pop()
        if entered:
            ordered.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((part, False) for part in reversed(parts(node)))
    return tuple(ordered)


def leaves(roots: Iterable[Expression]) -> tuple[Leaf, ...]:
    """The literals below these expressions, each name once."""
    named: dict[str, Leaf] = {}
    for node in walk(roots):
        if isinstance(node, Leaf):
            named.setdefault(node.name, node)
    return tuple(named.values())


_RULES: dict[Operator, Callable[[list[Fraction]], Fraction]] = {
    Operator.ADD: lambda numbers: sum(numbers[1:], numbers[0]),
    Operator.SUBTRACT: lambda numbers: numbers[0] - numbers[1],
    Operator.MULTIPLY: lambda numbers: math.prod(numbers[1:], start=numbers[0]),
    Operator.DIVIDE: lambda numbers: numbers[0] / numbers[1],
    Operator.CEILING: lambda numbers: Fraction(math.ceil(numbers[0])),
    Operator.FLOOR: lambda numbers: Fraction(math.floor(numbers[0])),
    Operator.MIN: min,
    Operator.MAX: max,
}


def combined(operator: Operator, numbers: list[Fraction]) -> Fraction:
    """What an operator makes of its operands' numbers. A division by zero raises ZeroDivisionError."""
    return _RULES[operator](numbers)


def value(expression: Expression) -> Fraction:
    """The exact number. A division by zero raises ZeroDivisionError as it is made: a divisor must be positive."""
    return cast(Node, expression).number
