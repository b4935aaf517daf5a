"""A guarantee is found by its id, in a report as in an edit: no two of a spec have the same one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from seatrial.compiler.verify.check import Depth
from seatrial.loading import load

SPECS = Path(__file__).parents[2] / "specs"
TWICE = {
    "requirements/R16.fleet": "budget agents $40_000/day { each agent at least $1; preempt lowest priority first }",
    "requirements/R33.fleet": 'approve "Refund above 500$" by head within 20m else deny',
    "requirements/R09.fleet": "budget agents $9_000/day; guarantee recovery within 9m; guarantee cost < $99_000/month",
}
"""What may be said twice, of one period or of two actions that are written alike."""


def _repeated(path: Path, text: str | None = None) -> list[str]:
    checked = load(path, text=text, depth=Depth.DECIDED).checked
    assert checked.fleet is not None, checked.diagnostics
    return [id for id, times in Counter(one.id for one in checked.findings).items() if times > 1]


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.fleet")), ids=lambda path: str(path.relative_to(SPECS)))
def test_each_guarantee_of_a_shipped_spec_has_a_name_of_its_own(path: Path) -> None:
    assert _repeated(path) == []


@pytest.mark.parametrize("name", TWICE)
def test_so_it_has_where_two_are_of_one_kind(name: str) -> None:
    path = SPECS / name
    text = path.read_text().rstrip().removesuffix("}")
    assert _repeated(path, f"{text}\n  {TWICE[name]}\n}}\n") == []
