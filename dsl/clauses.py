"""Tree -> clauses: each statement recognised as one of the forms, its values typed.

Invariant: a statement that is not recognised is reported, with what was probably meant, and its siblings are read all
the same; nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from .diagnostics import Diagnostic, Fix, Label, Severity
from .each import of_which, rows_told_again, told_again
from .elsewhere import by_itself, elsewhere_of
from .forms import DECLARATIONS, PART, ROOT, Form, Times, is_part
from .habits import ALSO_CALLED, CALLED_IN, NOT_SAID, SAID_OTHERWISE, SAID_SO
from .heads import Head, head_of, values_of
from .joined import at_comma, joined_clauses, told_of_comma
from .kept import Rows
from .no_fleet import of_a_cluster, of_a_part
from .one_name import as_one_name
from .phrases import Match, Mismatch, match, spelled
from .slips import Slip, slip
from .source import Span
from .syntax import File, Item, Kind, Statement
from .values import Value

_WORDS = re.compile(r"`([^`]+)`")


class Clause(NamedTuple):
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
        for child in self.children:
            if child.form.slot == slot:
                return child
        return None

    @property
    def by_slot(self) -> dict[str, Clause]:
        """The same for who asks for many of them."""
        return {child.form.slot: child for child in reversed(self.children)}

    def all(self, slot: str) -> tuple[Clause, ...]:
        return tuple([child for child in self.children if child.form.slot == slot])

    def get(self, field: str) -> Value | None:
        return self.values.get(field)


def read_clauses(file: File, kept: Rows[Clause] | None = None) -> tuple[tuple[Clause, ...], tuple[Diagnostic, ...]]:
    """The clauses of a file, and every error in how they are written.

    `kept` takes the clauses of fleets in which nothing is wrong, by their statements: read again they are the same.
    """
    found: list[Diagnostic] = []
    cluster = next((one for one in file.statements if one.word == "apiVersion"), None)
    if cluster is not None:
        return (), (of_a_cluster(cluster.items[0].span),)
    if is_part({one.word for one in file.statements}):
        found.append(of_a_part(file.statements[0]))
        return _body(PART, file.statements, None, found)[0], tuple(found)
    clauses, _ = _body(ROOT, file.statements, None, found, kept)
    inner = {opening for form in ROOT.body for opening in form.by_opening} - set(ROOT.by_opening)
    if any(statement.word in inner for statement in file.statements):
        # What stands behind the fleet was meant to be in it: nothing is missing there that may be here.
        clauses = tuple(clause._replace(sound=False) for clause in clauses)
    return clauses, tuple(found)


def _body(
    form: Form,
    statements: tuple[Statement, ...],
    owner: Statement | None,
    found: list[Diagnostic],
    kept: Rows[Clause] | None = None,
) -> tuple[tuple[Clause, ...], bool]:
    meant: set[str] = set()
    sound = True
    inner = kept if form.key == "fleet" else None
    remembered: list[Clause | None] = inner.each(statements) if inner is not None else [None] * len(statements)
    read = remembered.copy()
    for at in [at for at, known in enumerate(remembered) if known is None]:
        before = len(found)
        new = _statement(form, statements[at], found, meant, kept)
        if isinstance(new, Clause):
            read[at] = new
            if new.sound and len(found) == before:
                remembered[at] = new
            sound = sound and new.sound
        else:
            sound = False
            meant.add(new)
    clauses = [one for one in read if one is not None]
    complete = _count(form, clauses, meant, owner, found)
    return tuple(clauses), sound and complete


def _statement(
    parent: Form, statement: Statement, found: list[Diagnostic], meant: set[str], kept: Rows[Clause] | None = None
) -> Clause | str:
    """The clause, or the slot that was probably meant ("" where there is no telling).

    `meant` takes the slots of further clauses where a statement turns out to be several.
    """
    head = head_of(parent, statement)
    if head is not None:
        return _with_block(head, statement, found, kept)
    first = statement.word
    candidates = parent.by_opening.get(first, ())
    if not candidates:
        return _unknown(parent, statement, found, meant)
    failures: list[tuple[Mismatch, Form]] = []
    for form in candidates:
        fitted = match(form.phrase, statement.items)
        if isinstance(fitted, Match):
            return _clause(form, statement, fitted, found)
        failures.append((fitted, form))
    furthest = max(failure.at for failure, _ in failures)
    # The forms that fit the longest are those that can have been meant.
    nearest = [(failure, form) for failure, form in failures if failure.at == furthest]
    return _misfit(parent, statement, nearest, found, meant)


def _misfit(
    parent: Form,
    statement: Statement,
    nearest: list[tuple[Mismatch, Form]],
    found: list[Diagnostic],
    meant: set[str],
) -> Clause | str:
    """Reports a statement that fits none of its forms, and reads on with what was probably meant."""
    at = nearest[0][0].at
    forms = tuple(form for _, form in nearest)
    if (named := as_one_name(parent.by_opening[statement.word], statement, at)) is not None:
        return _statement(parent, named, found, meant)
    halves = at_comma(parent, statement, at)
    joined = None if halves is not None else joined_clauses(parent, statement, at, forms)
    if joined is not None:
        told, first, second = joined
        found.append(told)
        read = _unsound(_statement(parent, first, found, meant))
        if second is None:
            return read
        meant.update(
            one.form.slot if isinstance(one, Clause) else one
            for one in (read, _statement(parent, second, found, meant))
        )
        return forms[0].slot
    if halves is not None:
        found.append(told_of_comma(statement.items[at], halves[1]))
        for half in halves:
            if half is not None:
                read = _statement(parent, half, found, meant)
                meant.add(read.form.slot if isinstance(read, Clause) else read)
        return forms[0].slot
    expected = _either(failure.expected for failure, _ in nearest)
    slipped = slip(forms, statement.items, at, expected)
    before = len(found)
    found.append(_mismatch(statement, at, expected, forms, slipped))
    if slipped is not None:
        mended = Statement(slipped.items, statement.block, statement.span)
        read = _unsound(_statement(parent, mended, found, meant))
        following = found[before + 1] if len(found) > before + 1 else None
        if following is not None and _of_the_same_word(found[before], following):
            # What was made of it is a slip too: `USD per month`, `USD/month` and then `$500/month` are one.
            del found[before]
        return read
    if statement.block is not None:
        # What the line lacks may stand in the block: `health { every 10s }` is one slip, not two.
        inside = tuple(one for one in statement.block.statements if f"`{one.word}`" != expected)
        _body(forms[0], inside, statement, found)
    return forms[0].slot


def _unsound(read: Clause | str) -> Clause | str:
    """A clause that was read from something else than what stands there: others may name it all the same."""
    return read._replace(sound=False) if isinstance(read, Clause) else read


def _either(expected: Iterable[str]) -> str:
    """Several expectations in one: one of `a`, `b` or a duration such as 30s."""
    parts = list(dict.fromkeys(expected))
    words = sorted({word for part in parts if part.startswith(("`", "one of")) for word in _WORDS.findall(part)})
    others = [part for part in parts if not part.startswith(("`", "one of"))]
    if len(parts) == 1:
        return parts[0]
    told = (
        [f"one of {', '.join(f'`{word}`' for word in words)}" if len(words) > 1 else f"`{words[0]}`"] if words else []
    )
    return " or ".join((*told, *others))


def _clause(form: Form, statement: Statement, fitted: Match, found: list[Diagnostic]) -> Clause | str:
    before = len(found)
    values = values_of(form, fitted.values, found)
    groups = {name: tuple(values_of(form, row, found) for row in rows) for name, rows in fitted.groups.items()}
    broken = any(one.code != "ST1105" for one in found[before:]) or len(values) < len(fitted.values)
    misnamed = len(found) > before
    read = _with_block(Head(form, values, groups), statement, found)
    return form.slot if broken else _unsound(read) if misnamed else read


def _with_block(
    head: Head, statement: Statement, found: list[Diagnostic], kept: Rows[Clause] | None = None
) -> Clause | str:
    form, values, groups = head
    if groups:
        found += rows_told_again(form, groups)
    children: tuple[Clause, ...] = ()
    sound = True
    if form.body:
        inside = statement.block.statements if statement.block is not None else ()
        children, sound = _body(form, inside, statement, found, kept)
    elif statement.block is not None:
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
    return Clause(form, values, groups, children, statement.head, sound)


def _unknown(parent: Form, statement: Statement, found: list[Diagnostic], meant: set[str]) -> Clause | str:
    word = statement.items[0]
    if word.kind is not Kind.WORD:
        found.append(
            Diagnostic(
                "ST0001",
                Severity.ERROR,
                f"a statement begins with a word, not with `{word.text}`",
                (Label(word.span),),
                help="a comment begins with `#`"
                if [item.text for item in statement.items[:2]] in (["/", "/"], ["-", "-"], ["/", "*"])
                else "is it the rest of the line above? Only a comma carries a statement over to the next line",
            )
        )
        return ""
    openings = list(dict.fromkeys(form.opening for form in parent.body))
    # Of three letters two are soon the same.
    close = get_close_matches(word.text.lower(), openings, n=1, cutoff=0.6 if len(word.text) > 3 else 0.75)
    called = CALLED_IN.get((parent.opening, word.text)) or ALSO_CALLED.get(word.text, "")
    if called in openings:
        close = [called]
    place = f"in `{parent.opening}`" if parent not in (ROOT, PART) else "at the top of a file"
    elsewhere = elsewhere_of(parent, word.text, statement.items) if called not in openings else ""
    if so := SAID_SO.get((parent.opening, word.text)):
        elsewhere = so
    elif parent is ROOT and word.text not in PART.by_opening and _says_what_a_fleet_says(statement):
        close, elsewhere = ["fleet"], ""
    elif called and called not in openings and not elsewhere:
        elsewhere = f"did you mean `{called}`? {elsewhere_of(parent, called)}"
    if elsewhere:
        close, help_ = [], elsewhere
    else:
        help_ = f"did you mean `{close[0]}`?" if close else f"what may stand {place}: {', '.join(openings)}"
    found.append(
        Diagnostic(
            "ST1001",
            Severity.ERROR,
            f"`{word.text}` is not a clause that may stand {place}",
            (Label(word.span, "not known here"),),
            help=help_,
            fixes=(Fix(word.span, close[0], f"write `{close[0]}`"),) if close and word.text == word.span.text else (),
        )
    )
    if not close:
        return ""
    named = Item(word.kind, close[0], word.span)
    before = len(found)
    read = _unsound(
        _statement(parent, Statement((named, *statement.items[1:]), statement.block, statement.span), found, meant)
    )
    head = statement.head
    # Places in different pieces of a text do not compare: what stands in another one is not in the head.
    in_head = found[before:] and (at := found[before].labels[0].span).source is head.source and at.start <= head.end
    if in_head or not isinstance(read, Clause):
        # One slip is told at a time: what follows may be right once the first word is.
        del found[before:]
    return read


def _says_what_a_fleet_says(statement: Statement) -> bool:
    """Whether it names a thing in whose block demands, pools or others are declared that only a fleet has."""
    inside = statement.block.statements if statement.block is not None else ()
    return any(one.word == form.opening for one in inside for form in DECLARATIONS if form.body)


def _of_the_same_word(one: Diagnostic, other: Diagnostic) -> bool:
    first, second = one.labels[0].span, other.labels[0].span
    return one.code == other.code and first.source is second.source and first.start == second.start


def _mismatch(
    statement: Statement, at: int, expected: str, forms: tuple[Form, ...], slipped: Slip | None
) -> Diagnostic:
    shown = [spelled(form.phrase) for form in forms]
    form = f"the form is: {shown[0]}" if len(shown) == 1 else "the forms are: " + "\n".join(shown)
    otherwise = SAID_OTHERWISE.get((forms[0].opening, statement.items[at].text)) if at < len(statement.items) else None
    help_ = slipped.help if slipped is not None else otherwise or by_itself(statement, at) or form
    said = {(forms[0].opening, item.text) for item in statement.items}
    # What was asked for by many and has no meaning here is answered by more than the form.
    help_ = next((text for words, text in NOT_SAID.items() if words in said), help_)
    if at < len(statement.items):
        item = statement.items[at]
        message = f"`{item.text}` does not fit here: expected {expected}"
        label = Label(item.span, f"expected {expected}")
    else:
        end = statement.head.end
        message = f"`{forms[0].opening}` is incomplete: expected {expected}"
        label = Label(Span(statement.span.source, end, end), f"expected {expected}")
    fixes = (slipped.fix,) if slipped is not None and slipped.fix is not None else ()
    return Diagnostic("ST1004", Severity.ERROR, message, (label,), help=help_, fixes=fixes)


def _count(
    form: Form, clauses: list[Clause], meant: set[str], owner: Statement | None, found: list[Diagnostic]
) -> bool:
    """Clauses that must be there are there, which is the answer, and none is said twice."""
    complete = True
    first: dict[str, Clause] = {}
    of_each: dict[tuple[str, ...], Clause] = {}
    for clause in clauses:
        if clause.form.times is Times.EACH and clause.sound:
            same = of_each.setdefault(of_which(clause.form, clause.values, clause.groups), clause)
            found += [told_again(clause.head, same.head)] if same is not clause else []
        if not clause.form.is_single:
            continue
        slot = clause.form.slot
        if slot in first and not (clause.sound and first[slot].sound):
            # One of them may be a slip for another clause.
            continue
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
    if not form.demanded or "" in meant or owner is None:
        return complete
    said = {clause.form.slot for clause in clauses} | meant
    for wanted in form.demanded:
        if wanted.slot not in said:
            complete = False
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
    return complete
