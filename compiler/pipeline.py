"""The whole compiler on one screen: text -> clauses -> model -> findings -> plan.

Pure: the texts of the spec and of its traces come in as values. Each stage gives what it could and says what is
wrong; a later stage runs only on a sound result of the one before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.dsl.clauses import Clause, read_clauses
from seatrial.dsl.diagnostics import Diagnostic, in_order
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import File

from .lower import lower
from .model import Fleet
from .passes.resolve import resolve
from .plan import Plan
from .verify import Finding, check, to_diagnostics


@dataclass(frozen=True, slots=True)
class Reading:
    """A spec as text understood: `clauses` are what could be read even where something is wrong."""

    source: Source
    file: File | None
    clauses: tuple[Clause, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def traces(self) -> dict[str, str]:
        """The path of each demand's recorded trace, as written, by the name of the demand."""
        return {
            demand.values["name"].text: trace.values["path"].text
            for fleet in self.clauses
            for demand in fleet.all("demand")
            if (trace := demand.child("trace")) is not None
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """`fleet` None: the spec could not be read, and nothing was judged."""

    reading: Reading
    fleet: Fleet | None
    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def verdict(self) -> str:
        """feasible: all proved; infeasible: something refuted, or unreadable; unknown otherwise."""
        statuses = {finding.status.value for finding in self.findings}
        if self.fleet is None or "refuted" in statuses:
            return "infeasible"
        return "unknown" if "unknown" in statuses else "feasible"


def read(source: Source) -> Reading:
    file, syntax_errors = parse(source)
    if file is None:
        return Reading(source, None, (), in_order(syntax_errors))
    clauses, clause_errors = read_clauses(file)
    # What follows from a syntax error at the same place says nothing new.
    places = {label.span.start for one in syntax_errors for label in one.labels[:1]}
    further = tuple(one for one in clause_errors if one.labels[0].span.start not in places)
    return Reading(source, file, clauses, in_order(syntax_errors + further))


def judge(reading: Reading, assets: Mapping[str, str]) -> Checked:
    """Resolves and checks. `assets`: the text of each trace by the name of its demand; a missing one is an error."""
    fleet, errors = resolve(reading.clauses, assets)
    told = reading.diagnostics + errors
    if fleet is None or any(one.is_error for one in told):
        return Checked(reading, None, (), in_order(told))
    findings = check(fleet)
    return Checked(reading, fleet, findings, in_order(told + to_diagnostics(findings)))


def plan(checked: Checked, assets: Mapping[str, str], version: str) -> Plan | None:
    """What is shipped; None where nothing could be judged. A refuted spec still has a plan: a trial may show why."""
    if checked.fleet is None:
        return None
    digest = hashlib.sha256(checked.reading.source.text.encode())
    for demand in sorted(assets):
        digest.update(b"\0" + demand.encode() + b"\0" + assets[demand].encode())
    return lower(checked.fleet, checked.findings, version, digest.hexdigest())
