"""Two readings of one graph: the plain evaluator's and the solver's."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.model import Stated
from seatrial.compiler.verify.exact.core import confirm
from seatrial.compiler.verify.exact.encode import encode, real
from seatrial.compiler.verify.exact.expression import (
    Expression,
    Leaf,
    Order,
    Relation,
    ceiling,
    derived,
    floor,
    largest,
    lift,
    smallest,
    value,
)
from seatrial.compiler.verify.exact.solve import Answer, Session
from seatrial.dsl.source import Source, Span

PLACE = Span(Source("t.fleet", "x"), 0, 1)


def leaf(name: str, number: int | Fraction, positive: bool = False) -> Leaf:
    if isinstance(number, int):
        return Leaf(name, Stated(number, PLACE), name, positive)
    return Leaf(name, Stated(number, PLACE), name, positive)


def _expressions() -> st.SearchStrategy[Expression]:
    numbers = st.integers(0, 9) | st.fractions(0, 9, max_denominator=7)
    leaves = st.builds(lambda n, name: leaf(f"{name} {n} {type(n).__name__}", n), numbers, st.sampled_from("abc"))
    constants = st.builds(lift, st.fractions(-9, 9, max_denominator=5))

    def deeper(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        pairs = st.tuples(inner, inner)
        return (
            pairs.map(lambda p: p[0] + p[1])
            | pairs.map(lambda p: p[0] - p[1])
            | pairs.map(lambda p: p[0] * p[1])
            | pairs.map(lambda p: p[0] / leaf("divisor", 3, positive=True) + p[1])
            | inner.map(ceiling)
            | inner.map(floor)
            | pairs.map(largest)
            | pairs.map(smallest)
        )

    return st.recursive(leaves | constants, deeper, max_leaves=8)


@settings(max_examples=150, deadline=None)
@given(_expressions(), st.integers(-1, 1))
def test_the_solver_computes_the_number_that_the_evaluator_does(expression: Expression, off: int) -> None:
    number = value(expression) + Fraction(off, 7)
    for order in Order:
        for relation in (Relation(expression, order, lift(number)), Relation(lift(number), order, expression)):
            script = encode(relation)
            answer = Session(script.text).check(script.switches)
            assert answer is (Answer.SAT if relation.holds else Answer.UNSAT)


def test_negative_and_broken_numbers_are_written_exactly() -> None:
    assert real(Fraction(-1, 50)) == "(- (/ 1.0 50.0))"
    assert real(Fraction(7)) == "7.0"


def test_a_core_leaves_out_what_does_not_matter_and_is_minimal() -> None:
    a, b, c, limit = leaf("a", 100), leaf("b", 3), leaf("c", 1), leaf("limit", 250)
    relation = Relation(c + a * b, Order.AT_MOST, limit)
    core = confirm(relation)
    assert {one.name for one in core.literals} == {"a", "b", "limit"}
    script = encode(relation)
    named = {one.name: switch for switch, one in script.switches.items()}
    session = Session(script.text)
    for left_out in ("a", "b", "limit"):
        rest = [named[one.name] for one in core.literals if one.name != left_out]
        assert session.check(rest) is Answer.SAT


def test_a_rule_speaks_for_its_own_literals_only() -> None:
    agents, share = leaf("agents", 9), leaf("share", Fraction(1, 10))
    out = derived("ejectable", 0, [agents, share])
    relation = Relation(lift(1), Order.AT_MOST, out)
    assert {one.name for one in confirm(relation).literals} == {"agents", "share"}


def test_a_relation_that_can_hold_is_not_confirmed() -> None:
    assert confirm(Relation(leaf("a", 3), Order.AT_MOST, leaf("b", 4))).answer is Answer.SAT


def test_a_text_that_a_solver_refuses_counts_as_unknown() -> None:
    assert Session("(assert (= 1 nonsense))").check([]) is Answer.UNKNOWN


def test_a_shared_part_is_written_once() -> None:
    node: Expression = leaf("a", 2)
    for _ in range(200):
        node = node + node
    assert value(node) == 2**201
    assert len(encode(Relation(node, Order.BELOW, lift(1))).text) < 20_000
