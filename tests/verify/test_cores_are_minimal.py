"""Every refutation that comes with the project: its core clashes, and without any one of its clauses it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.compiler.model import Fleet
from seatrial.compiler.verify.check import Depth
from seatrial.compiler.verify.documents import documents
from seatrial.compiler.verify.exact.core import confirm
from seatrial.compiler.verify.exact.encode import encode
from seatrial.compiler.verify.exact.solve import Answer
from seatrial.dsl.diagnostics.codes import CODES, explanation
from seatrial.loading import load

from .solvers import by_cvc5, by_z3
from .specs import fleet_of

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.fleet"))


def _fails(code: str) -> str | None:
    found = re.search(r"## Fails\n+```fleet\n(.*?)```", explanation(code) or "", re.DOTALL)
    return found[1] if found else None


EXAMPLES = [code for code in CODES if re.match(r"ST[2-6]", code) and _fails(code)]


def _cores_are_minimal(fleet: Fleet) -> int:
    refuted = 0
    for one in documents(fleet):
        if one.obligation.broken is None:
            continue
        refuted += 1
        relation = one.obligation.broken.relation
        core = confirm(relation)
        assert core.answer is Answer.UNSAT and core.minimal, one.obligation.id
        script = encode(relation)
        names = [leaf.name for leaf in core.literals]
        kept = [switch for switch, leaf in script.switches.items() if leaf.name in names]
        assert len(kept) == len(names)
        # One text, all questions: the whole core, and then each clause left out in turn.
        questions = [kept, *([other for other in kept if other != left_out] for left_out in kept)]
        text = "(set-logic ALL)\n" + script.text
        text += "\n".join(f"(check-sat-assuming ({' '.join(one)}))" for one in questions)
        expected = ["unsat", *["sat"] * len(kept)]
        assert by_z3(text) == expected, one.obligation.id
        assert by_cvc5(text) == expected, one.obligation.id
    return refuted


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_of_the_specs(path: Path) -> None:
    # What would mend it is not looked for, which takes most of the time.
    checked = load(path, depth=Depth.DECIDED).checked
    assert checked.fleet is not None
    refuted = _cores_are_minimal(checked.fleet)
    assert (refuted > 0) == (checked.verdict == "infeasible") or checked.allowances


def test_of_a_sum_over_a_hundred_pools() -> None:
    pools = "\n".join(f"  pool p{n} {{ agents 20; each {{ holds 2 connections to db }} }}" for n in range(100))
    fleet = fleet_of(f"fleet f {{ dependency db {{ connections 900 }}\n{pools} }}")
    (one,) = [one.obligation for one in documents(fleet) if one.obligation.broken is not None]
    assert one.broken is not None
    core = confirm(one.broken.relation)
    # 40 connections each: of 23 pools, and not of 22, with the two literals that say so, and the limit.
    assert core.answer is Answer.UNSAT and core.minimal and len(core.literals) == 2 * 23 + 1


def test_of_a_hundred_pools_that_no_nodes_fit() -> None:
    large = "each { cpu 5; memory 1Gi }"
    pools = "\n".join(
        f"  pool p{n} {{ agents 4; {large if n % 10 == 3 else 'each { cpu 100m; memory 1Gi }'} }}" for n in range(100)
    )
    fleet = fleet_of(f"fleet f {{ nodes n {{ count 46; cpu 8; memory 64Gi; pods 110 }}\n{pools} }}")
    (one,) = [one.obligation for one in documents(fleet) if one.obligation.broken is not None]
    assert one.broken is not None
    assert (
        one.broken.broken.startswith("in a rolling update 5 of p3, 5 of p13")
        and "no fewer than 50 nodes" in one.broken.broken
    )
    core = confirm(one.broken.relation)
    # Five of each of the ten large pools in an update, no two of which share a node: their cpu and counts, and the
    # cpu and the count of the nodes.
    assert core.answer is Answer.UNSAT and core.minimal and len(core.literals) == 2 * 10 + 2


@pytest.mark.parametrize("code", EXAMPLES)
def test_of_the_explanations(code: str) -> None:
    text = _fails(code)
    assert text is not None
    _cores_are_minimal(fleet_of(text))


def test_of_a_bill_whose_every_part_is_too_much_already() -> None:
    def each(form: str) -> str:
        return "\n".join(form.format(n=n, rate=n + 1) for n in range(7))

    text = f"""fleet f {{
  dependency api {{ price $1 / 1M tokens }}
  {each("demand d{n} {{ steady {rate}/s }}")}
  {each("pool p{n} {{ serves d{n} {{ timeout 1s }}; agents 2 }}")}
  {each("call p{n} -> api {{ tokens 1000; timeout 1s }}")}
  budget tokens $1/day
}}"""
    (one,) = [one.obligation for one in documents(fleet_of(text)) if one.obligation.broken is not None]
    assert one.broken is not None
    core = confirm(one.broken.relation)
    # One demand with its calls and tokens, the price and the budget: products of what is left open are not asked about.
    assert core.answer is Answer.UNSAT and core.minimal and len(core.literals) == 5
