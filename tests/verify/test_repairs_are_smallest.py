"""Every repair that is offered for what comes with the project: typed in it proves, and half of the way does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify import Finding, Repair, Status, check
from seatrial.compiler.verify.check import statuses
from seatrial.compiler.verify.finding import Edit
from seatrial.dsl.diagnostics.codes import CODES, explanation
from seatrial.dsl.source import Source
from seatrial.loading import used

pytestmark = pytest.mark.long

SPECS = Path(__file__).parents[2] / "specs"
REFUTED = sorted([*SPECS.rglob("before*.fleet"), SPECS / "playbook-10k.fleet", SPECS / "fragile.fleet"])
RANK = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}


def _fails(code: str) -> str | None:
    found = re.search(r"## Fails\n+```fleet\n(.*?)```", explanation(code) or "", re.DOTALL)
    return found[1] if found else None


EXAMPLES = [code for code in CODES if re.match(r"ST[2-6]", code) and _fails(code)]


def _judged(path: str, text: str) -> dict[str, Status] | None:
    """None where the text is no spec any more."""
    reading = read(Source(path, text), used)
    fleet, errors = resolve(reading.clauses, {})
    told = (*reading.diagnostics, *errors)
    return None if fleet is None or any(one.is_error for one in told) else statuses(fleet)


def _findings(path: str, text: str) -> tuple[Finding, ...]:
    fleet, _ = resolve(read(Source(path, text), used).clauses, {})
    assert fleet is not None
    return check(fleet)


def _with(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: -one.span.start):
        assert text[edit.span.start : edit.span.end] == edit.old
        text = text[: edit.span.start] + edit.new + text[edit.span.end :]
    return text


_AMOUNT = re.compile(r"(\$?)(\d[\d_]*(?:\.\d+)?)(\D*)")


def _half_way(edit: Edit) -> str | None:
    """A value between the old one and the new, in the new one's unit: whole where both are. None where none is."""
    old, new = _AMOUNT.fullmatch(edit.old), _AMOUNT.fullmatch(edit.new)
    if old is None or new is None or old[3] != new[3]:
        return None
    ends = [Fraction(one[2].replace("_", "")) for one in (old, new)]
    middle = sum(ends, Fraction(0)) / 2
    if all(one.denominator == 1 for one in ends):
        middle = Fraction(int(middle)) if ends[1] > ends[0] else Fraction(-int(-middle // 1))
        if middle in ends:
            return None
        return f"{new[1]}{middle.numerator}{new[3]}"
    places = max(len(one[2].partition(".")[2]) for one in (old, new))
    text = f"{float(middle):.{places}f}"
    return None if Fraction(text) in ends else f"{new[1]}{text}{new[3]}"


def _less(repair: Repair) -> Iterator[tuple[Edit, ...]]:
    """Of several edits one left out; of a single one half of it."""
    if len(repair.edits) > 1:
        yield from (tuple(one for one in repair.edits if one is not left_out) for left_out in repair.edits)
        return
    (edit,) = repair.edits
    half = _half_way(edit)
    if half is not None:
        yield (replace(edit, new=half),)


def _smallest(path: str, text: str) -> int:
    seen = 0
    before: dict[str, Status] = {}
    findings = _findings(path, text)
    before = {one.id: one.status for one in findings}
    for finding in findings:
        for repair in finding.repairs:
            seen += 1
            after = _judged(path, _with(text, repair.edits))
            assert after is not None and after[finding.id] is Status.PROVED, repair
            worse = [id for id, was in before.items() if id in after and RANK[after[id]] < RANK[was]]
            assert not worse, (repair, worse)
            for less in _less(repair):
                middle = _judged(path, _with(text, less))
                assert middle is None or middle.get(finding.id) is not Status.PROVED, (finding.id, repair, less)
    return seen


@pytest.mark.parametrize("path", REFUTED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_of_the_specs(path: Path) -> None:
    _smallest(str(path), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", EXAMPLES)
def test_of_the_explanations(code: str) -> None:
    text = _fails(code)
    assert text is not None
    _smallest("example.fleet", text)


def test_there_are_repairs_to_judge() -> None:
    playbook = SPECS / "playbook-10k.fleet"
    assert _smallest(str(playbook), playbook.read_text(encoding="utf-8")) > 1
