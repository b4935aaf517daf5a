"""Every guarantee of every spec, as text, decided by two solvers and replayed by a plain evaluator: the answers are the
checker's."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Finding, Status
from seatrial.compiler.verify.check import Depth
from seatrial.compiler.verify.documents import Document, documents
from seatrial.compiler.verify.exact.expression import Leaf, walk
from seatrial.dsl.diagnostics.codes import CODES, explanation
from seatrial.loading import load

from .by_hand import by_hand
from .solvers import by_cvc5, by_z3
from .specs import fleet_of

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.fleet"))
EXAMPLES = [code for code in CODES if re.match(r"ST[2-6]", code)]


@cache
def made_of(path: Path) -> tuple[Checked, tuple[Document, ...]]:
    checked = load(path, depth=Depth.CONFIRMED).checked
    assert checked.fleet is not None
    return checked, documents(checked.fleet)


def status(one: Document, answers: list[str]) -> Status:
    """What the answers to a text's questions come to."""
    left = list(answers)
    if one.obligation.must and left.pop(0) == "unsat":
        return Status.REFUTED
    return Status.PROVED if left and left[0] == "unsat" else Status.UNKNOWN


def agree(one: Document) -> None:
    expected = [answer.value for answer in one.expected]
    assert re.findall(r"\(set-info :status (\w+)\)", one.text) == expected
    claim, place, case, answers = one.text.splitlines()[:4]
    assert claim.startswith(f"; {one.obligation.id}: ") and one.obligation.status in place
    assert case.startswith("; worst case: ") or one.obligation.case is None
    assert re.findall(r"\b(sat|unsat) \(", answers) == expected, answers
    assert by_cvc5(one.text) == expected, one.text
    assert by_z3(one.text) == expected, one.text
    assert by_hand(one.text) == expected, one.text
    if expected:
        assert status(one, expected) is one.obligation.status


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_cvc5_and_z3_answer_as_the_checker_does(path: Path) -> None:
    checked, made = made_of(path)
    told: dict[str, Finding] = {one.id: one for one in checked.findings}
    assert [one.obligation.id for one in made] == list(told)
    assert len({one.name.lower() for one in made}) == len(made)
    for one in made:
        agree(one)
        # z3 confirmed every refutation on the way: nothing is refuted by arithmetic and unknown in the end.
        assert one.obligation.status is told[one.obligation.id].status


@pytest.mark.parametrize("code", EXAMPLES)
def test_they_agree_on_what_fails_too(code: str) -> None:
    text = explanation(code)
    assert text is not None
    found = re.search(r"## Fails\n\n```fleet\n(.*?)```", text, re.DOTALL)
    assert found is not None
    made = documents(fleet_of(found[1]))
    assert any(one.obligation.status is not Status.PROVED for one in made if one.obligation.code == code) or any(
        one.obligation.caution_code == code for one in made
    )
    for one in made:
        agree(one)


def test_a_text_names_the_clause_and_the_place_of_each_literal_and_what_a_model_gave() -> None:
    made = documents(fleet_of("fleet f { pool p { agents 900; each { price $1/h } }; budget agents $523/h }"))
    text = next(one.text for one in made if one.obligation.id == "budget/agents/hour")
    assert "(set-info :smt-lib-version 2.6)" in text and "(set-logic ALL)" in text
    assert "(test.fleet:1:27, 900)" in text and ":named |agents of p|" in text
    capacity = (ROOT / "specs" / "support.fleet").read_text()
    modelled = next(one for one in documents(fleet_of(capacity)) if one.obligation.id.startswith("capacity/"))
    _, computed = modelled.text.split("no solver confirms them:\n", 1)
    assert "requests in hand at " in computed.split("; v0 is")[0]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_one_name_means_one_literal(path: Path) -> None:
    """Two literals under one name would be one constant of the text, and could refute what holds."""
    for one in made_of(path)[1]:
        conditions = (*one.obligation.must, *(one.obligation.proof or ()))
        nodes = walk(side for each in conditions for side in (each.relation.need, each.relation.have))
        literals: dict[str, Leaf] = {}
        for node in nodes:
            if isinstance(node, Leaf):
                first = literals.setdefault(node.name, node)
                assert (first.stated, first.positive) == (node.stated, node.positive), node.name
