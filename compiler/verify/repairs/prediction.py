"""An obligation and the place of one literal -> whether its conditions would hold with another value there.

Only arithmetic: nothing of the fleet is made anew, so that a search can look at hundreds of values. Invariant: `False`
is certain as far as the conditions keep their form; `True` says only that nothing speaks against it, and is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from ..exact.expression import Apply, Derived, Expression, Leaf, Order, Relation, combined, value, walk
from ..obligation import Obligation

Values = Mapping[Span, Fraction]
"""Other values of literals, by their places."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition; `steps` are the nodes that rest on the literals, each after its own parts."""

    relation: Relation
    steps: tuple[Expression, ...]


class Prediction:
    """What arithmetic alone says of an obligation with other values at some places."""

    def __init__(self, obligation: Obligation, places: frozenset[Span]) -> None:
        self._parts: list[_Part] = []
        self.hopeless = False
        """A condition that the guarantee needs fails, and does not rest on any of the literals."""
        self.certain = True
        """Whether all that rests on the literals could be followed."""
        for index, condition in enumerate((*obligation.must, *(obligation.proof or ()))):
            steps, followed = _dependent(condition.relation, places)
            if not followed:
                self.certain = False
            elif steps:
                self._parts.append(_Part(condition.relation, steps))
            elif index < len(obligation.must) and not condition.holds:
                self.hopeless = True

    def holds(self, values: Values) -> bool:
        """False: with these values some condition fails."""
        return all(self._holds(part, values) for part in self._parts)

    @staticmethod
    def _holds(part: _Part, values: Values) -> bool:
        numbers: dict[Expression, Fraction] = {}
        for node in part.steps:
            if isinstance(node, Leaf):
                numbers[node] = values.get(node.stated.span, node.number)
            else:
                assert isinstance(node, Apply)
                operands = [numbers[one] if one in numbers else value(one) for one in node.operands]
                try:
                    numbers[node] = combined(node.operator, operands)
                except ZeroDivisionError:
                    return False
        relation = part.relation
        need = numbers.get(relation.need, value(relation.need))
        have = numbers.get(relation.have, value(relation.have))
        return need <= have if relation.order is Order.AT_MOST else need < have


def _dependent(relation: Relation, places: frozenset[Span]) -> tuple[tuple[Expression, ...], bool]:
    """The nodes that rest on the literals, in order; False where a rule's result is among them."""
    found: dict[Expression, None] = {}
    for node in walk((relation.need, relation.have)):
        match node:
            case Leaf():
                if node.stated.written and node.stated.span in places:
                    found[node] = None
            case Derived():
                # Of a rule's result that names no literals nobody can say what it rests on.
                if not node.of or any(leaf in found for leaf in node.of):
                    return (), False
            case Apply():
                if any(operand in found for operand in node.operands):
                    found[node] = None
    return tuple(found), True
