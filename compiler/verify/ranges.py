"""A relation of which some literals are left open -> whether it fails for all values that they may have.

Invariant: sound: an interval is never smaller than what an expression can come to, so "fails" is certain; where a
literal occurs twice it may be larger, and "fails" is then not found. Exact; an open end is None.

Source: Moore, Kearfott & Cloud, "Introduction to Interval Analysis" (2009), ch. 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from .expression import Apply, Constant, Derived, Expression, Leaf, Operator, Order, Relation, walk


class Range(NamedTuple):
    """From `low`, to `high`, None for none; every literal is a number >= 0."""

    low: Fraction | None
    high: Fraction | None


_OPEN = Range(Fraction(0), None)


class Ranges:
    """The nodes of one relation, walked once."""

    def __init__(self, relation: Relation) -> None:
        self._relation = relation
        self._nodes = walk((relation.need, relation.have))

    def fails_with_open(self, names: Iterable[str]) -> bool:
        """Whether the relation fails whatever the literals of these names are."""
        free, found = frozenset(names), dict[Expression, Range]()
        for node in self._nodes:
            found[node] = _range(node, free, found)
        need, have = found[self._relation.need].low, found[self._relation.have].high
        if need is None or have is None:
            return False
        return need > have if self._relation.order is Order.AT_MOST else need >= have


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


def _apply(operator: Operator, parts: list[Range]) -> Range:
    lows, highs = [part.low for part in parts], [part.high for part in parts]
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
            return Range(*(None if end is None else Fraction(math.ceil(end)) for end in parts[0]))
        case Operator.FLOOR:
            return Range(*(None if end is None else Fraction(math.floor(end)) for end in parts[0]))
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
