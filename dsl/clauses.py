"""Tree -> clauses: each statement recognised as one of the forms, its values typed.

Invariant: a statement that is not recognised is reported, with what was probably meant, and its siblings are read all
the same; nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from .diagnostics import Diagnostic, Label, Severity
from .forms import ROOT, Form, Times
from .phrases import Captured, Hole, Match, Mismatch, compiled, holes, match, spelled
from .source import Span
from .syntax import File, Kind, Statement
from .values import Value, value


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement that was understood. `groups` are the rows of a list, `children` the clauses of the block."""

    form: Form
    values: Mapping[str, Value]
    groups: Mapping[str, tuple[Mapping[str, Value], ...]]
    children: tuple[Clause, ...]
    head: Span
    sound: bool
    """False where something in the clause or its block was reported: what is missing may only be misspelt."""

    def child(self, slot: str) -> Clause | None:
        """The one clause of a slot in this block, None where it was not said."""
        return next((child for child in self.children if child.form.slot == slot), None)

    def all(self, slot: str) -> tuple[Clause, ...]:
        return tuple(child for child in self.children if child.form.slot == slot)

    def get(self, field: str) -> Value | None:
        return self.values.get(field)


def read_clauses(file: File) -> tuple[tuple[Clause, ...], tuple[Diagnostic, ...]]:
    """The clauses of a file, and every error in how they are written."""
    found: list[Diagnostic] = []
    clauses, _ = _body(ROOT, file.statements, None, found)
    return clauses, tuple(found)


def _body(
    form: Form, statements: tuple[Statement, ...], owner: Statement | None, found: list[Diagnostic]
) -> tuple[tuple[Clause, ...], bool]:
    clauses: list[Clause] = []
    meant: set[str] = set()
    sound = True
    for statement in statements:
        read = _statement(form, statement, found)
        if isinstance(read, Clause):
            clauses.append(read)
            sound = sound and read.sound
        else:
            sound = False
            meant.add(read)
    _count(form, clauses, meant, owner, found)
    return tuple(clauses), sound


def _statement(parent: Form, statement: Statement, found: list[Diagnostic]) -> Clause | str:
    """The clause, or the slot that was probably meant ("" where there is no telling)."""
    first = statement.items[0].text
    candidates = [form for form in parent.body if form.opening == first]
    if not candidates:
        return _unknown(parent, statement, found)
    best: tuple[Mismatch, Form] | None = None
    for form in candidates:
        fitted = match(form.phrase, statement.items)
        if isinstance(fitted, Match):
            return _clause(form, statement, fitted, found)
        if best is None or fitted.at > best[0].at:
            best = (fitted, form)
    assert best is not None
    found.append(_mismatch(statement, best[0], best[1], candidates))
    if statement.block is not None:
        _body(best[1], statement.block.statements, statement, found)
    return best[1].slot


def _clause(form: Form, statement: Statement, fitted: Match, found: list[Diagnostic]) -> Clause | str:
    kinds = {hole.field: hole for hole in holes(compiled(form.phrase))}
    before = len(found)
    values = _values(fitted.values, kinds, found)
    groups = {name: tuple(_values(row, kinds, found) for row in rows) for name, rows in fitted.groups.items()}
    broken = len(found) > before
    children: tuple[Clause, ...] = ()
    sound = True
    if statement.block is not None and not form.body:
        found.append(
            Diagnostic(
                "ST1005",
                Severity.ERROR,
                f"`{form.opening}` takes no block",
                (Label(statement.block.span if statement.block.span.line == statement.span.line else statement.head),),
                help=f"the form is: {spelled(form.phrase)}",
            )
        )
        return form.slot
    if form.body:
        inside = statement.block.statements if statement.block is not None else ()
        children, sound = _body(form, inside, statement, found)
    if broken:
        return form.slot
    return Clause(form, values, groups, children, statement.head, sound)


def _values(captured: Mapping[str, Captured], kinds: Mapping[str, Hole], found: list[Diagnostic]) -> dict[str, Value]:
    out: dict[str, Value] = {}
    for field, items in captured.items():
        hole = kinds[field]
        if hole.choices:
            span = items.first[0].span.to(items.first[-1].span)
            out[field] = Value(" ".join(item.text for item in items.first), span)
            continue
        read = value(hole.kind.removesuffix(".."), items.first, items.last)
        if isinstance(read, Diagnostic):
            found.append(read)
        else:
            out[field] = read
    return out


def _unknown(parent: Form, statement: Statement, found: list[Diagnostic]) -> str:
    word = statement.items[0]
    if word.kind is not Kind.WORD:
        found.append(
            Diagnostic(
                "ST0001",
                Severity.ERROR,
                f"a statement begins with a word, not with `{word.text}`",
                (Label(word.span),),
                help="is it the rest of the line above? Only a comma carries a statement over to the next line",
            )
        )
        return ""
    openings = list(dict.fromkeys(form.opening for form in parent.body))
    close = get_close_matches(word.text.lower(), openings, n=1, cutoff=0.6)
    place = f"in `{parent.opening}`" if parent is not ROOT else "at the top of a file"
    help_ = f"did you mean `{close[0]}`?" if close else f"what may stand {place}: {', '.join(openings)}"
    found.append(
        Diagnostic(
            "ST1001",
            Severity.ERROR,
            f"`{word.text}` is not a clause that may stand {place}",
            (Label(word.span, "not known here"),),
            help=help_,
        )
    )
    if not close:
        return ""
    meant = [form for form in parent.body if form.opening == close[0]]
    if statement.block is not None and meant[0].body:
        _body(meant[0], statement.block.statements, statement, found)
    return meant[0].slot


def _mismatch(statement: Statement, failure: Mismatch, form: Form, candidates: list[Form]) -> Diagnostic:
    forms = [spelled(candidate.phrase) for candidate in candidates]
    help_ = f"the form is: {spelled(form.phrase)}" if len(forms) == 1 else "the forms are: " + " | ".join(forms)
    if failure.at < len(statement.items):
        item = statement.items[failure.at]
        message = f"`{item.text}` does not fit here: expected {failure.expected}"
        label = Label(item.span, f"expected {failure.expected}")
    else:
        end = statement.head.end
        message = f"`{form.opening}` breaks off: expected {failure.expected}"
        label = Label(Span(statement.span.source, end, end), f"expected {failure.expected}")
    return Diagnostic("ST1004", Severity.ERROR, message, (label,), help=help_)


def _count(
    form: Form, clauses: list[Clause], meant: set[str], owner: Statement | None, found: list[Diagnostic]
) -> None:
    """Clauses that must be there are there, and none is said twice."""
    first: dict[str, Clause] = {}
    for clause in clauses:
        if clause.form.times in (Times.MANY, Times.SOME):
            continue
        slot = clause.form.slot
        if slot in first:
            found.append(
                Diagnostic(
                    "ST1003",
                    Severity.ERROR,
                    f"`{clause.form.opening}` is said twice",
                    (Label(clause.head, "again here"), Label(first[slot].head, "first said here")),
                    help="keep one of them",
                )
            )
        else:
            first[slot] = clause
    said = {clause.form.slot for clause in clauses} | meant
    for wanted in form.body:
        if wanted.times in (Times.ONCE, Times.SOME) and wanted.slot not in said and "" not in meant and owner:
            name = " ".join(item.text for item in owner.items[:2])
            found.append(
                Diagnostic(
                    "ST1002",
                    Severity.ERROR,
                    f"`{name}` does not say `{wanted.opening}`",
                    (Label(owner.head, f"`{wanted.opening}` is missing here"),),
                    notes=(wanted.doc,),
                    help=f"add: {spelled(wanted.phrase)}",
                )
            )
