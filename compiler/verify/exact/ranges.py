"""A relation of which some literals are left open -> whether it fails for all their values, or holds for some.

Invariant: sound both ways: an interval is never smaller than what an expression can come to, so "fails" is certain;
where a literal occurs twice it may be larger, and "fails" is then not found. "Holds" is a value that was put in. Exact;
an open end is None.

Source: Moore, Kearfott & Cloud, "Introduction to Interval Analysis" (2009), ch. 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Set
from fractions import Fraction
from typing import NamedTuple

from .expression import (
    Apply,
    Constant,
    Derived,
    Expression,
    Leaf,
    Operator,
    Order,
    Relation,
    combined,
    leaves,
    parts,
    value,
    walk,
)


class Range(NamedTuple):
    """From `low`, to `high`, None for none; every literal is a number >= 0."""

    low: Fraction | None
    high: Fraction | None


_Above = tuple[Expression, tuple[Expression, ...]]
"""A node, and those of its parts that rest on a literal."""

_OPEN = Range(Fraction(0), None)


_SMALL, _LARGE = Fraction(1, 10**9), Fraction(10**18)
"""Beyond the literals of any spec."""


class Ranges:
    """The nodes of one relation, walked once; every literal is as stated until it is left open."""

    def __init__(self, relation: Relation) -> None:
        self._relation = relation
        self._nodes = walk((relation.need, relation.have))
        self._above = _nodes_above(self._nodes)
        self._open: frozenset[str] = frozenset()
        self._at: dict[Expression, Fraction] = {}
        self._found: dict[Expression, Range] = {}
        for node in self._nodes:
            self._found[node] = _range(node, self._open, self._found)

    def leave_open(self, name: str) -> bool:
        """Whether the relation fails whatever this literal is too, besides those that were left open before; only then
        it is left open."""
        free, found = self._open | {name}, dict(self._found)
        for node, _ in self._above.get(name, ()):
            found[node] = _range(node, free, found)
        need, have = found[self._relation.need].low, found[self._relation.have].high
        if need is None or have is None:
            return False
        fails = need > have if self._relation.order is Order.AT_MOST else need >= have
        if fails:
            self._open, self._found = free, found
        return fails

    def holds_with_another(self, leaf: Leaf) -> bool:
        """Whether the relation holds with the least or a large value of this literal, all others being as stated
        or settled.

        Of what a rule found of it and others nothing is known then but that it is no less than 0.
        """
        least = _least_of(leaf)
        nodes = self._above.get(leaf.name, ())
        return any(
            self._holds(nodes, number, rule)
            for number in (least, _LARGE)
            if number != leaf.number
            for rule in (Fraction(0), _LARGE)
        )

    def settle(self, names: Set[str]) -> None:
        """From here on `holds_with_another` takes these literals for as small as can be, or large where only what there
        is rests on them, and what rules found of them for nothing."""
        needed = {leaf.name for leaf in leaves((self._relation.need,))}
        for node in self._nodes:
            match node:
                case Leaf() if node.name in names:
                    self._at[node] = _least_of(node) if node.name in needed else _LARGE
                case Derived() if any(leaf.name in names for leaf in node.of):
                    self._at[node] = Fraction(0) if any(leaf.name in needed for leaf in node.of) else _LARGE
                case Apply():
                    try:
                        self._at[node] = combined(node.operator, [self._at[one] for one in node.operands])
                    except ZeroDivisionError:
                        self._at = {}
                        return
                case _:
                    self._at[node] = value(node)

    def _now(self, node: Expression) -> Fraction:
        return self._at[node] if node in self._at else value(node)

    def _holds(self, nodes: Iterable[_Above], number: Fraction, rule: Fraction) -> bool:
        """With a literal at `number`, and what rules found of it at `rule`."""
        numbers: dict[Expression, Fraction] = {}
        for node, changed in nodes:
            match node:
                case Leaf():
                    numbers[node] = number
                case Apply(operator=Operator.ADD):
                    # A sum over a fleet has thousands of parts, of which one literal moves one.
                    numbers[node] = self._now(node) + sum(numbers[one] - self._now(one) for one in changed)
                case Apply():
                    operands = [numbers[one] if one in numbers else self._now(one) for one in node.operands]
                    try:
                        numbers[node] = combined(node.operator, operands)
                    except ZeroDivisionError:
                        return False
                case _:
                    numbers[node] = rule
        need, have = (
            numbers[side] if side in numbers else self._now(side) for side in (self._relation.need, self._relation.have)
        )
        return need <= have if self._relation.order is Order.AT_MOST else need < have


def _least_of(leaf: Leaf) -> Fraction:
    return Fraction(0) if not leaf.positive else Fraction(1) if leaf.is_integer else _SMALL


def _nodes_above(nodes: Iterable[Expression]) -> dict[str, list[_Above]]:
    """For each literal its own node and those that rest on it, each after its parts."""
    above: dict[str, list[_Above]] = {}
    below: dict[Expression, frozenset[str]] = {}
    for node in nodes:
        if isinstance(node, Leaf):
            below[node] = frozenset((node.name,))
            above.setdefault(node.name, []).append((node, ()))
            continue
        changed: dict[str, list[Expression]] = {}
        for part in parts(node):
            for name in below[part]:
                changed.setdefault(name, []).append(part)
        below[node] = frozenset(changed)
        for name, moved in changed.items():
            above.setdefault(name, []).append((node, tuple(moved)))
    return above


def _range(node: Expression, free: frozenset[str], found: dict[Expression, Range]) -> Range:
    match node:
        case Constant(number):
            return Range(number, number)
        case Leaf():
            return _OPEN if node.name in free else Range(node.number, node.number)
        case Derived():
            is_open = any(leaf.name in free for leaf in node.of)
            return _OPEN if is_open else Range(node.number, node.number)
        case Apply():
            return _apply(node.operator, [found[operand] for operand in node.operands])
        case _:
            return Range(None, None)


def _apply(operator: Operator, operands: list[Range]) -> Range:
    lows, highs = [one.low for one in operands], [one.high for one in operands]
    match operator:
        case Operator.ADD:
            return Range(_sum(lows), _sum(highs))
        case Operator.SUBTRACT:
            return Range(_minus(lows[0], highs[1]), _minus(highs[0], lows[1]))
        case Operator.MULTIPLY if all(low is not None and low >= 0 for low in lows):
            return Range(_product(lows), _product(highs))
        case Operator.DIVIDE if all(low is not None and low >= 0 for low in lows):
            return Range(_quotient(lows[0], highs[1], Fraction(0)), _quotient(highs[0], lows[1], None))
        case Operator.CEILING:
            return Range(*(None if end is None else Fraction(math.ceil(end)) for end in operands[0]))
        case Operator.FLOOR:
            return Range(*(None if end is None else Fraction(math.floor(end)) for end in operands[0]))
        case Operator.MIN:
            return Range(_least(lows), min((one for one in highs if one is not None), default=None))
        case Operator.MAX:
            return Range(max((one for one in lows if one is not None), default=None), _most(highs))
        case _:
            return Range(None, None)


def _sum(ends: list[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for end in ends:
        if end is None:
            return None
        total += end
    return total


def _minus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _product(ends: list[Fraction | None]) -> Fraction | None:
    """Of ends >= 0. Nothing times anything is nothing, however large the other may be."""
    if any(end == 0 for end in ends):
        return Fraction(0)
    product = Fraction(1)
    for end in ends:
        if end is None:
            return None
        product *= end
    return product


def _quotient(one: Fraction | None, by: Fraction | None, beyond: Fraction | None) -> Fraction | None:
    """`beyond` where the divisor has no end; without an end where the divisor may be 0."""
    if by is None:
        return beyond
    return None if one is None or by == 0 else one / by


def _least(ends: list[Fraction | None]) -> Fraction | None:
    return None if None in ends else min(end for end in ends if end is not None)


def _most(ends: list[Fraction | None]) -> Fraction | None:
    return None if None in ends else max(end for end in ends if end is not None)
