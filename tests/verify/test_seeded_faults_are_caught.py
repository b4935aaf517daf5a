"""Each guarantee broken in turn, in a spec that is proved: it is caught, by its own code and at the right place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from seatrial.compiler.model import Fleet
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify import Status
from seatrial.compiler.verify.documents import documents
from seatrial.compiler.verify.exact.core import confirm
from seatrial.compiler.verify.exact.solve import Answer
from seatrial.compiler.verify.obligation import Obligation
from seatrial.dsl.diagnostics.codes import CODES
from seatrial.dsl.source import Source, Span
from seatrial.loading import used

from .seeded_faults import FAULTS, Fault

SPECS = Path(__file__).parents[2] / "specs"
OPEN = {"ST2110", "ST2706", "ST3003", "ST4502", "ST5104", "ST6321"}
"""Never refuted: what they tell of is that something cannot be promised."""
ADVICE = {"ST4702", "ST4704", "ST4706"}
"""Told with a guarantee that holds."""
WORDS = {"ST3002", "ST4501", "ST4603", "ST4604", "ST6302", "ST6320", "ST6322", "ST6340"}
"""The fault is in what is said or left out, and in no figure."""


def _fleet(path: Path, text: str) -> Fleet:
    reading = read(Source(str(path), text), used)
    fleet, errors = resolve(reading.clauses, {})
    told = [one.message for one in (*reading.diagnostics, *errors) if one.is_error]
    assert fleet is not None and not told, told
    return fleet


def _told(fleet: Fleet) -> dict[str, list[Obligation]]:
    """What does not hold, or is told all the same, by its code."""
    found: dict[str, list[Obligation]] = {}
    for one in documents(fleet):
        if one.obligation.status is not Status.PROVED:
            found.setdefault(one.obligation.code, []).append(one.obligation)
        if one.obligation.caution:
            found.setdefault(one.obligation.caution_code, []).append(one.obligation)
    return found


def _seeded(fault: Fault, text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with the fault in it, and where."""
    places: list[tuple[int, int]] = []
    for old, new in fault.changes:
        at = text.index(old)
        text = text[:at] + new + text[at + len(old) :]
        places.append((at, at + len(new)))
    return text, places


def test_every_code_of_the_prover_has_a_fault_that_it_catches() -> None:
    assert set(FAULTS) == {code for code in CODES if re.match("ST[2-6]", code)}


@pytest.mark.parametrize("code", FAULTS)
def test_the_fault_is_caught_by_its_own_code(code: str) -> None:
    fault = FAULTS[code]
    path = SPECS / fault.path
    text = path.read_text(encoding="utf-8")
    before = _told(_fleet(path, text))
    assert all(one.status is Status.PROVED for told in before.values() for one in told), "proved before it is broken"
    broken, places = _seeded(fault, text)
    found = _told(_fleet(path, broken))
    assert code not in before and set(found) == {code} | fault.also | set(before)
    for one in found[code]:
        if code in ADVICE:
            assert one.status is Status.PROVED and one.caution
        elif code in OPEN:
            assert one.status is Status.UNKNOWN and one.finding().reason
        else:
            _refuted(one, places, code)


def _refuted(one: Obligation, places: list[tuple[int, int]], code: str) -> None:
    """On the solver's word, by a minimal core in which what was changed stands."""
    assert one.broken is not None and one.broken.broken
    core = confirm(one.broken.relation)
    assert core.answer is Answer.UNSAT and core.minimal
    if code in WORDS:
        return
    spans: list[Span] = [leaf.stated.span for leaf in core.literals]
    assert any(start <= span.start and span.end <= end for span in spans for start, end in places), spans
