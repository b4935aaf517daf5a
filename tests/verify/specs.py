"""From a spec's text to its findings, as the commands do it."""

from __future__ import annotations

from functools import lru_cache

from seatrial.compiler.model import Fleet
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify import Finding, Nature, Repair, Status
from seatrial.compiler.verify.check import Depth
from seatrial.compiler.verify.check import findings as found
from seatrial.compiler.verify.decided import decide, unwatched
from seatrial.dsl.source import Source


def fleet_of(text: str) -> Fleet:
    """The resolved fleet of a spec that must be sound."""
    reading = read(Source("test.fleet", text))
    fleet, errors = resolve(reading.clauses, {})
    told = [one.message for one in (*reading.diagnostics, *errors) if one.is_error]
    assert fleet is not None and not told, told
    return fleet


@lru_cache(maxsize=200)
def _found(text: str, depth: Depth) -> tuple[Finding, ...]:
    return found(decide(fleet_of(text), unwatched), depth=depth)


def findings(text: str) -> dict[str, Finding]:
    return {one.id: one for one in _found(text, Depth.MENDED)}


def judged(text: str) -> dict[str, Finding]:
    """The same verdicts, confirmed; what would mend the refuted is not looked for, which takes most of the time."""
    return {one.id: one for one in _found(text, Depth.CONFIRMED)}


def status(text: str, id: str) -> Status:
    return judged(text)[id].status


def repaired(text: str, repair: Repair) -> str:
    """The text with the repair applied to it."""
    for edit in sorted(repair.edits, key=lambda one: one.span.start, reverse=True):
        start, end = edit.span.start, edit.span.end
        assert text[start:end] == edit.old
        text = text[:start] + edit.new + text[end:]
    return text


def refuted(text: str, id: str) -> Finding:
    """The finding, refuted; and every repair that it offers, typed into the text, proves it and worsens nothing."""
    before = findings(text)
    finding = before[id]
    assert finding.status is Status.REFUTED, finding
    assert finding.witness and finding.core
    rank = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}
    for repair in finding.repairs:
        after = judged(repaired(text, repair))
        assert after[id].status is Status.PROVED, repair
        assert all(rank[one.status] >= rank[before[name].status] for name, one in after.items() if name in before)
    order = [(list(Nature).index(one.nature), one.change) for one in finding.repairs]
    assert order == sorted(order)
    return finding


def proved(text: str, id: str) -> Finding:
    finding = judged(text)[id]
    assert finding.status is Status.PROVED, finding
    assert finding.margin
    return finding


def unknown(text: str, id: str) -> Finding:
    finding = judged(text)[id]
    assert finding.status is Status.UNKNOWN, finding
    assert finding.reason
    return finding


def core(finding: Finding) -> set[str]:
    """The literals of the core, as written; a default by its words."""
    return {clause.text if clause.default else clause.span.text for clause in finding.core}


def offers(finding: Finding) -> set[tuple[str, str]]:
    return {(one.old, one.new) for one in finding.repairs}
