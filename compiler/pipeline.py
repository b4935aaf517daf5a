"""The whole compiler on one screen: text -> clauses -> model -> findings -> plan.

Pure: the texts of the spec and of its traces come in as values. Each stage gives what it could and says what is
wrong; a later stage runs only on a sound result of the one before.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from seatrial.dsl.clauses import Clause, read_clauses
from seatrial.dsl.compose import Library, Parser, compose, no_library
from seatrial.dsl.diagnostics import Diagnostic, Severity, in_order
from seatrial.dsl.elsewhere import is_misplaced
from seatrial.dsl.exchange import Notation, notation_of, parse_any
from seatrial.dsl.no_fleet import of_a_part, of_nothing
from seatrial.dsl.one_name import run_of
from seatrial.dsl.parse import parse_by_layout
from seatrial.dsl.source import Source, Span
from seatrial.dsl.suppress import Allowance, allowances, idle, mark
from seatrial.dsl.syntax import File

from .memory import Memory
from .model import Fleet
from .passes.biting import biting
from .passes.minutes import minutes
from .passes.resolve import resolve
from .verify import Finding, Status, to_diagnostics
from .verify.check import Depth, findings
from .verify.decided import Watch, unwatched
from .verify.exact.solve import IN_THIS_PROCESS, Solver
from .verify.finding import Late

if TYPE_CHECKING:
    from .plan import Plan


@dataclass(frozen=True, slots=True)
class Reading:
    """A spec as text understood: `clauses` are what could be read even where something is wrong.

    `file` is the text as it was written; in `clauses` files that are used, names, templates, loops and the
    environment are worked in. What stands in clauses, and in all that is made of them, may be placed in a piece of a
    text (`place`); diagnostics have their places in the texts.
    """

    source: Source
    file: File | None
    clauses: tuple[Clause, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...] = ()
    """All texts that it was made of."""
    files: tuple[File, ...] = ()
    """What was read of them: those that it uses behind its own."""
    lets: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    @property
    def place(self) -> Callable[[Span], Span]:
        """A span of a clause, or of what was made of it -> the same in the whole text."""
        return _placing(self.files)

    @property
    def traces(self) -> dict[str, str]:
        """The path of each demand's recorded trace, from where the spec's own paths count, by the demand's name."""
        return {
            demand.values["name"].text: posixpath.join(
                posixpath.dirname(trace.values["path"].span.source.path), trace.values["path"].text
            )
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
    allowances: tuple[Allowance, ...] = ()

    @property
    def verdict(self) -> str:
        """feasible: all proved or allowed; infeasible: something refuted; unknown otherwise, unreadable included."""
        statuses = {finding.status.value for finding in self.findings if not finding.allowed}
        if "refuted" in statuses:
            return "infeasible"
        return "unknown" if self.fleet is None or "unknown" in statuses else "feasible"


@dataclass(frozen=True, slots=True)
class Variant:
    """Which of the specs that a text holds is meant: an environment's, with other values for some lets.

    `changes` are clauses that are tried in the place of the spec's own.
    """

    environment: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()


PLAIN = Variant()


def read(
    source: Source,
    library: Library = no_library,
    variant: Variant = PLAIN,
    parser: Parser = parse_any,
    memory: Memory | None = None,
) -> Reading:
    """What a text says. `library` gives the files that it uses; `parser` reads all of them."""
    reading = _read(source, library, variant, parser, memory)
    if any(is_misplaced(one) for one in reading.diagnostics):
        # Where a `{` and another block's `}` were lost the braces pair, and what stands between is in the wrong block.
        again = _read(source, library, variant, partial(_by_layout, parser), None)
        mended = not any(is_misplaced(one) for one in again.diagnostics)
        # Two lost braces are worth two errors at their places, where one stands far behind them.
        if len(again.diagnostics) <= len(reading.diagnostics) + mended:
            return again
    return reading


def _by_layout(parser: Parser, source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    return (parse_by_layout(source) if notation_of(source.path) is Notation.FLEET else None) or parser(source)


def _read(source: Source, library: Library, variant: Variant, parser: Parser, memory: Memory | None) -> Reading:
    file, syntax_errors = parser(source)
    if file is None:
        return Reading(source, None, (), in_order(syntax_errors))
    # A text that is broken for a moment is read otherwise, and what is remembered is wanted after it.
    memory = memory if not syntax_errors else None
    kept = None
    if memory is not None:
        kept = memory.clauses
        kept.turn()
        memory.composed.turn()
    remembered = memory.composed if memory is not None else None
    composed = compose(file, library, variant.environment, variant.settings, variant.changes, parser, remembered)
    clauses, clause_errors = read_clauses(composed.file, kept)
    elsewhere: tuple[Diagnostic, ...] = ()
    if variant.environment is None and not variant.changes and not any(one.is_error for one in clause_errors):
        # An environment that nobody asked for must be sound too, or its errors wait for the day it is shipped.
        for name in composed.environments:
            other = composed.under(name)
            elsewhere += tuple(one for one in other.diagnostics if one not in composed.diagnostics)
            elsewhere += read_clauses(other.file, kept)[1]
    place = _placing(composed.files)
    # What follows from a syntax error at the same place says nothing new.
    further = [one.placed(place) for one in composed.explained(clause_errors + elsewhere)]
    told_before = [one.placed(place) for one in syntax_errors + composed.diagnostics]
    before = _not_said_better(_outside_of_names(told_before, further), further)
    before = tuple([one for one in before if not any(_opens_it(other, one) for other in further)])
    places = {(label.span.source.path, label.span.start) for one in before for label in one.labels[:1]}
    # What is left of a word without its first sign is no word of its own: `€500/month`.
    places |= {(one.labels[0].span.source.path, one.labels[0].span.end) for one in before if _is_a_sign(one)}
    unlike = {_line(one) for one in before if one.code == "ST1011"}
    news = (one for one in further if _place(one) not in places and not (one.code == "ST1002" and _line(one) in unlike))
    told = in_order(_causes((*before, *news)))
    return Reading(source, file, clauses, told, composed.sources, composed.files, composed.lets, composed.environments)


def _outside_of_names(found: list[Diagnostic], further: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Without the characters of a name, `naïve`, that is itself refused: what it should be says so of each."""
    names = {one.labels[0].span.text for one in further if one.code == "ST1105"}
    return tuple([one for one in found if not (names and one.code == "ST0001" and run_of(one.labels[0].span) in names)])


def _not_said_better(found: tuple[Diagnostic, ...], further: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Without what has something written that is then written otherwise: of `“triage”` for a name not that it is
    `"triage"`, but that it is `triage`."""
    mended = {fix.span for one in further for fix in one.fixes}
    return tuple([one for one in found if not (one.code == "ST0001" and any(fix.span in mended for fix in one.fixes))])


def _is_a_sign(one: Diagnostic) -> bool:
    return one.code == "ST0001" and bool(one.fixes) and len(one.labels[0].span.text) == 1


def _opens_it(unknown: Diagnostic, unclosed: Diagnostic) -> bool:
    """Whether a block that is not closed is that of a word that means nothing here: `resource "pool" "api" {`."""
    if (unknown.code, unclosed.code) != ("ST1001", "ST0003"):
        return False
    word, brace = unknown.labels[0].span, unclosed.labels[0].span
    between = brace.source.text[word.end : brace.start] if word.source is brace.source else "{"
    return word.start < brace.start and not set(between) & set("{};\n")


def _placing(files: tuple[File, ...]) -> Callable[[Span], Span]:
    pieced = [file for file in files if file.pieces]

    def place(span: Span) -> Span:
        file = next((file for file in pieced if span.source.key in file.pieces), None)
        return span if file is None else file.place(span)

    return place


def _place(one: Diagnostic) -> tuple[str, int]:
    return (one.labels[0].span.source.path, one.labels[0].span.start)


def _line(one: Diagnostic) -> tuple[str, int]:
    return (one.labels[0].span.source.path, one.labels[0].span.line)


def _causes(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Without what is missing because a file that would say it cannot be used."""
    if all(one.code != "ST1042" for one in found):
        return found
    return tuple(one for one in found if one.code not in ("ST1002", "ST1011", "ST1040"))


def judge(
    reading: Reading,
    assets: Mapping[str, str],
    solver: Solver = IN_THIS_PROCESS,
    watch: Watch = unwatched,
    memory: Memory | None = None,
    *,
    depth: Depth = Depth.MENDED,
) -> Checked:
    """Resolves and checks. `assets`: the text of each trace by the name of its demand; a missing one is an error.

    `depth`: how far what is refuted is looked into.
    """
    checked = _judge(reading, assets, solver, watch, memory, depth)
    if all(notation_of(one.path) is Notation.FLEET for one in reading.sources or (reading.source,)):
        return checked
    # What to write is told as the file has it. Loaded when it is wanted: most specs are texts.
    from seatrial.dsl.exchange.hints import in_its_form

    return replace(checked, diagnostics=tuple([in_its_form(one) for one in checked.diagnostics]))


def _judge(
    reading: Reading,
    assets: Mapping[str, str],
    solver: Solver,
    watch: Watch,
    memory: Memory | None,
    depth: Depth,
) -> Checked:
    memory = memory or Memory()
    place = reading.place
    fleet, errors = resolve(reading.clauses, assets, memory.unchanged)
    allowed, unread = _allowances(reading)
    told = mark(allowed, _causes((*reading.diagnostics, *(one.placed(place) for one in errors), *unread)))
    if fleet is None and not any(one.is_error for one in told):
        parts = [one for one in reading.file.statements if one.word != "language"] if reading.file else []
        told += (of_a_part(parts[0]) if parts else of_nothing(reading.source),)
    if fleet is None or any(one.is_error for one in told):
        # What a trial would not play is of no use to whoever cannot have it read yet.
        return Checked(reading, None, (), in_order(one for one in told if one.severity is not Severity.NOTE))
    found = findings(memory.decide(fleet, watch), solver, watch, place=place, depth=depth)
    if allowed:
        found = tuple([_allowed(one, allowed, place) for one in found])
    bites = mark(allowed, (one.placed(place) for one in (*biting(fleet), *minutes(fleet))))
    # What is told late is proved: of a large fleet that is nearly all.
    unsure = [one for one in found if one.__class__ is not Late and _is_told(one)]
    judged = told + bites + to_diagnostics([one.placed(place) for one in unsure])
    return Checked(reading, fleet, found, in_order(judged + idle(allowed, judged)), allowed)


def _allowances(reading: Reading) -> tuple[tuple[Allowance, ...], tuple[Diagnostic, ...]]:
    """Of every text that the spec was made of."""
    allowed: tuple[Allowance, ...] = ()
    told: tuple[Diagnostic, ...] = ()
    files = reading.files or (reading.file,) if reading.file is not None else ()
    for file in {one.source: one for one in files}.values():
        # Looked for in the text first: most specs allow nothing.
        if "seatrial" in file.source.text:
            more, unread = allowances(file)
            allowed, told = allowed + more, told + unread
    return allowed, told


def _is_told(one: Finding) -> bool:
    return one.status is not Status.PROVED or bool(one.caution)


def _allowed(finding: Finding, given: tuple[Allowance, ...], place: Callable[[Span], Span]) -> Finding:
    if not _is_told(finding):
        return finding
    told = mark(given, to_diagnostics((finding.placed(place),)))
    return replace(finding, allowed=told[0].allowed) if told and told[0].allowed else finding


def plan(checked: Checked, assets: Mapping[str, str], version: str) -> Plan | None:
    """What is shipped; None where nothing could be judged. A refuted spec still has a plan: a trial may show why."""
    if checked.fleet is None:
        return None
    # Not for `check`, which plans nothing: a fifth of what it takes to start.
    from .lower import lower

    digest = hashlib.sha256()
    for source in checked.reading.sources:
        digest.update(source.text.encode() + b"\0")
    for demand in sorted(assets):
        digest.update(b"\0" + demand.encode() + b"\0" + assets[demand].encode())
    return lower(checked.fleet, checked.findings, version, digest.hexdigest())
