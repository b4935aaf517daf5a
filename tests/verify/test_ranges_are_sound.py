"""What intervals say of a relation with open literals holds for every value that is tried."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.model import Stated
from seatrial.compiler.verify.exact.expression import (
    Expression,
    Leaf,
    Order,
    Relation,
    ceiling,
    floor,
    largest,
    leaves,
    lift,
    smallest,
    total,
)
from seatrial.compiler.verify.exact.ranges import Ranges
from seatrial.dsl.source import Source, Span

AT = Span(Source("test.fleet", "x"), 0, 1)
NAMES = ("a", "b", "c")
VALUES = st.fractions(0, 20, max_denominator=6)


def relation(shape: list[int], values: dict[str, Fraction], order: Order) -> Relation:
    """The same expression for each list of numbers, over other values."""
    nodes: list[Expression] = [lift(2), *(Leaf(name, Stated(values[name], AT), name) for name in NAMES)]
    for index in range(0, len(shape) - 2, 3):
        what, one, other = shape[index], nodes[shape[index + 1] % len(nodes)], nodes[shape[index + 2] % len(nodes)]
        made = (
            one + other,
            one * other,
            one - other,
            smallest([one, other]),
            largest([one, other]),
            ceiling(one),
            floor(other),
            one / (total([other, lift(1)]) if _is_positive(other) else lift(3)),
        )[what % 8]
        nodes.append(made)
    return Relation(nodes[-1], order, nodes[-2])


def _is_positive(one: Expression) -> bool:
    return isinstance(one, Leaf)


@given(
    st.lists(st.integers(0, 40), min_size=3, max_size=18),
    st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)),
    st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)),
    st.sets(st.sampled_from(NAMES)),
    st.sampled_from(list(Order)),
)
def test_what_fails_with_open_literals_fails_for_all_their_values(
    shape: list[int], values: dict[str, Fraction], others: dict[str, Fraction], free: set[str], order: Order
) -> None:
    ranges = Ranges(relation(shape, values, order))
    free = {name for name in sorted(free) if ranges.leave_open(name)}
    if free:
        tried = {name: others[name] if name in free else values[name] for name in NAMES}
        assert not relation(shape, tried, order).holds


@given(
    st.lists(st.integers(0, 40), min_size=3, max_size=18),
    st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)),
    st.sampled_from(NAMES),
    st.sampled_from(list(Order)),
)
def test_a_way_out_with_one_literal_is_a_value_with_which_it_holds(
    shape: list[int], values: dict[str, Fraction], name: str, order: Order
) -> None:
    stated = relation(shape, values, order)
    leaf = next((one for one in leaves((stated.need, stated.have)) if one.name == name), None)
    if leaf is not None and Ranges(stated).holds_with_another(leaf):
        assert any(relation(shape, values | {name: number}, order).holds for number in (Fraction(0), Fraction(10**18)))
