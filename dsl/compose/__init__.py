"""A file that uses others, names, templates, loops and environments -> one file that uses none.

Works on statements, before any clause is read: what comes out is what could have been written by hand, and every item
keeps the place where it stands. Invariant: a file without any of these comes out as it went in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..diagnostics import Diagnostic, Label, Severity
from ..exchange import parse_any
from ..forms import ROOT, Form
from ..parse import parse
from ..source import Source, Span
from ..syntax import Block, File, Item, Kind, Statement
from .changes import changed
from .loops import MOST as MOST_UNROLLED
from .loops import unroll
from .names import MOST as MOST_CHARACTERS
from .names import Names
from .overlay import form_of, lay_over, merge
from .remembered import Remembered, Work
from .used import Library, Parser, Used, no_library, with_used

MOST_LAID = 300_000
"""Statements that templates may come to, in all pools together."""
MOST_ENVIRONMENTS = 100
_DECLARING = ("let", "template", "environment")
_REUSING = ("for", *_DECLARING)


@dataclass(frozen=True, slots=True)
class Composed:
    """`files` are all that were read, the spec's own first. `lets` and `environments` are those declared."""

    file: File
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    """All texts that were read, those included of which no file could be made."""
    lets: tuple[str, ...]
    environments: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    _uses: Mapping[tuple[str | int, int], tuple[Span, ...]]
    _used: Used
    _settings: Mapping[str, str]
    _changes: Sequence[str]
    _memory: Remembered | None

    def under(self, environment: str) -> Composed:
        """The same files, which are not read again, with the overlay of an environment."""
        return _composed(self.files[0], self._used, environment, self._settings, self._changes, self._memory)

    def explained(self, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Diagnostics about the value of a `let` also show where it is used."""
        out: list[Diagnostic] = []
        for one in found:
            span = one.labels[0].span
            uses = self._uses.get((span.source.key, span.start), ())
            out.append(
                replace(one, labels=(*one.labels, *(Label(use, "used here") for use in uses[:3]))) if uses else one
            )
        return tuple(out)


def compose(
    file: File,
    library: Library = no_library,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    changes: Sequence[str] = (),
    parser: Parser = parse_any,
    memory: Remembered | None = None,
) -> Composed:
    """`environment` names the overlay to lay over the fleet; `settings` are texts that take the place of lets' values;
    `changes` are clauses that take the place of the fleet's own, one after the other (`changes.py`). `memory` is for
    who composes one text after the other: what did not change comes out as the same statements.

    An environment or a setting that the spec does not declare is for the caller to refuse, by `lets` and
    `environments`; here it changes nothing.
    """
    return _composed(file, with_used(file, library, parser), environment, settings or {}, changes, memory)


def _composed(
    file: File,
    used: Used,
    environment: str | None,
    settings: Mapping[str, str],
    changes: Sequence[str],
    memory: Remembered | None,
) -> Composed:
    composer = _Composer(environment, settings, used.found, changes, memory)
    top = composer.reduce(used.statements)
    return Composed(
        replace(file, statements=top),
        (file, *used.files),
        (file.source, *used.sources),
        tuple(composer.names.values),
        tuple(composer.environments),
        tuple(composer.found),
        {
            (value[0].span.source.key, value[0].span.start): tuple(dict.fromkeys(composer.names.used.get(name, ())))
            for name, value in composer.names.values.items()
        },
        used,
        settings,
        changes,
        memory,
    )


class _Composer:
    def __init__(
        self,
        environment: str | None,
        settings: Mapping[str, str],
        found: tuple[Diagnostic, ...],
        changes: Sequence[str],
        memory: Remembered | None,
    ) -> None:
        self.environment, self.settings, self.changes, self.memory = environment, settings, changes, memory
        self.names = Names()
        self.declared: dict[str, Span] = {}
        self.templates: dict[str, Statement] = {}
        self.environments: dict[str, list[Statement]] = {}
        self.found = list(found)
        self.laid = 0
        self.asked: dict[str, Statement] = {}
        """The templates that were asked for."""

    def reduce(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """The statements of a file without any reuse."""
        fleets = [one for one in statements if one.items[0].text == "fleet" and one.block is not None]
        bodies = [one.block.statements for one in fleets if one.block is not None]
        for body in (statements, *bodies):
            for statement in body:
                self._declare(statement)
        out: list[Statement] = []
        fleet_form = next(form for form in ROOT.body if form.key == "fleet")
        for statement in statements:
            if statement.items[0].text in ("let", "template"):
                if not self._is_declaration(statement):
                    out.append(statement)
            elif statement.items[0].text == "fleet" and statement.block is not None:
                out.append(self._fleet(statement, fleet_form))
            else:
                out.append(statement)
        self._unused()
        return tuple(out)

    def _fleet(self, fleet: Statement, form: Form) -> Statement:
        assert fleet.block is not None
        made: list[Statement] = []
        lets = frozenset(self.names.values)
        for one in fleet.block.statements:
            if _is_plain(one):
                made.append(one)
            elif not self._is_declaration(one):
                made.extend(self._again(one, form, lets, len(made)))
        block: Block | None = Block(tuple(made), fleet.block.span)
        for overlay in self.environments.get(self.environment or "", []):
            over = self.names.statement(overlay, {}, self.found)
            block = merge(form, block, over.block, lambda one, known: self._only_changes(one, known, form))
        for number, text in enumerate(self.changes, 1):
            for over in self._change(number, text):
                assert block is not None
                block = changed(form, block, over, self.found)
        return replace(fleet, block=block)

    def _change(self, number: int, text: str) -> tuple[Statement, ...]:
        """The statements of a change; `$name` is known there too."""
        file, errors = parse(Source(f"<change {number}>", text))
        self.found.extend(one for one in errors if one not in self.found)
        if file is None or errors:
            return ()
        return tuple(self.names.statement(one, {}, self.found) for one in file.statements)

    def _again(self, statement: Statement, fleet: Form, lets: frozenset[str], before: int) -> tuple[Statement, ...]:
        """What a statement of the fleet comes to, `before` of them after others; as it was made of the last text, where
        that can be told."""
        if self.memory is None:
            return self._made(statement, fleet, before)
        names = self.names
        for work in self.memory.get(statement, self.environment):
            if self._holds(work, lets, before):
                for name, spans in work.uses.items():
                    names.used.setdefault(name, []).extend(spans)
                names.size, names.rounds, self.laid = self._after(work)
                return work.made
        used, names.used, self.asked, told = names.used, {}, {}, len(self.found)
        size, rounds, laid = names.size, names.rounds, self.laid
        made = self._made(statement, fleet, before)
        uses, names.used = names.used, used
        for name, spans in uses.items():
            used.setdefault(name, []).extend(spans)
        if len(self.found) == told:
            values = {name: names.values[name] for name in uses}
            added = (names.size - size, names.rounds - rounds, self.laid - laid)
            self.memory.put(statement, self.environment, Work(made, lets, values, self.asked, uses, *added))
        return made

    def _holds(self, work: Work, lets: frozenset[str], before: int) -> bool:
        size, rounds, laid = self._after(work)
        return (
            work.lets == lets
            and all(self.names.values[name] == value for name, value in work.values.items())
            and all(self.templates.get(name) is template for name, template in work.templates.items())
            and size <= MOST_CHARACTERS
            and max(before + len(work.made), rounds) <= MOST_UNROLLED
            and laid <= MOST_LAID
        )

    def _after(self, work: Work) -> tuple[int, int, int]:
        return self.names.size + work.size, self.names.rounds + work.rounds, self.laid + work.laid

    def _made(self, statement: Statement, fleet: Form, before: int) -> tuple[Statement, ...]:
        unrolled = unroll((statement,), self.names, {}, self.found, before)
        return tuple([self._pool(one, fleet) for one in unrolled])

    def _pool(self, statement: Statement, fleet: Form) -> Statement:
        """A pool over its template; `like name` is gone from what comes out."""
        if len(statement.items) != 4 or statement.items[0].text != "pool":
            return statement
        words = [item.text for item in statement.items]
        if words[2] != "like":
            return statement
        name = statement.items[3]
        template = self.templates.get(words[3])
        bare = replace(statement, items=statement.items[:2])
        if template is None:
            close = get_close_matches(words[3], self.templates, n=1)
            known = ", ".join(self.templates) or "none is declared"
            self._report(
                "ST1011",
                f"there is no template named `{words[3]}`",
                name.span,
                f"did you mean `{close[0]}`?" if close else f"declared are: {known}",
            )
            return bare
        self.asked[words[3]] = template
        before = self.laid
        self.laid += _size(template)
        if self.laid > MOST_LAID:
            if before <= MOST_LAID:
                message = f"templates come to more than {MOST_LAID:,} statements by here"
                self._report("ST0004", message, name.span, "say less in the template, or use it for fewer pools")
            return bare
        filled = self.names.statement(template, {}, self.found)
        return lay_over(fleet, replace(filled, items=bare.items), bare, lambda _one, _form: True)

    def _declare(self, statement: Statement) -> None:
        if not self._is_declaration(statement):
            return
        kind, name = statement.items[0].text, statement.items[1]
        if kind == "environment":
            if name.text not in self.environments and len(self.environments) >= MOST_ENVIRONMENTS:
                if len(self.environments) == MOST_ENVIRONMENTS and "environment" not in self.declared:
                    self.declared["environment"] = name.span
                    message = f"there are more than {MOST_ENVIRONMENTS} environments"
                    self._report("ST0004", message, name.span, "keep those that differ from one another")
                return
            self.environments.setdefault(name.text, []).append(statement)
            return
        if f"{kind} {name.text}" in self.declared:
            self.found.append(
                Diagnostic(
                    "ST1010",
                    Severity.ERROR,
                    f"the {kind} `{name.text}` is declared twice",
                    (
                        Label(name.span, "again here"),
                        Label(self.declared[f"{kind} {name.text}"], "first declared here"),
                    ),
                    help="keep one of them",
                )
            )
            return
        self.declared[f"{kind} {name.text}"] = name.span
        if kind == "template":
            self.templates[name.text] = statement
            return
        items = self._setting(name.text) or statement.items[3:]
        # Names that stand before it may be used in a value.
        self.names.values[name.text] = self.names.statement(
            Statement(items, None, items[0].span.to(items[-1].span)), {}, self.found
        ).items

    def _setting(self, name: str) -> tuple[Item, ...]:
        """The items that the command line gives for a let."""
        if name not in self.settings:
            return ()
        file, errors = parse(Source(f"--set {name}", f"{name} {self.settings[name]}"))
        self.found.extend(errors)
        if file is None or len(file.statements) != 1 or file.statements[0].block is not None:
            return ()
        return file.statements[0].items[1:]

    @staticmethod
    def _is_declaration(statement: Statement) -> bool:
        """Whether it has the shape that is worked off here; what has not is the reader of clauses' to refuse."""
        if statement.items[0].text not in _DECLARING:
            return False
        words = [item.text for item in statement.items]
        if words[0] == "let":
            return (
                len(words) > 3 and words[2] == "=" and statement.items[1].kind is Kind.WORD and statement.block is None
            )
        return len(words) == 2 and statement.block is not None

    def _only_changes(self, statement: Statement, form: Form | None, _fleet: Form) -> bool:
        if form is None:
            return True
        said = " ".join(item.text for item in statement.items[:3])
        self._report(
            "ST1043",
            f"the fleet does not declare `{said}`, so an environment cannot change it",
            statement.head,
            "declare it in the fleet, with the value that holds elsewhere",
        )
        return False

    def _unused(self) -> None:
        for name in self.names.values:
            if name not in self.names.used:
                self.found.append(
                    Diagnostic(
                        "ST1044",
                        Severity.WARNING,
                        f"`let {name}` is never used",
                        (Label(self.declared[f"let {name}"]),),
                        help=f"write ${name} where it is meant, or delete it",
                    )
                )

    def _report(self, code: str, message: str, at: Span, help_: str) -> None:
        self.found.append(Diagnostic(code, Severity.ERROR, message, (Label(at),), help=help_))


def _is_plain(statement: Statement) -> bool:
    """Whether nothing in it is to be worked off: so are most, and the rest takes far longer."""
    items = statement.items
    return (
        items[0].text not in _REUSING
        and not (len(items) == 4 and items[2].text == "like")
        and "$" not in statement.span.text
    )


def _size(statement: Statement) -> int:
    return 1 + (sum(_size(inner) for inner in statement.block.statements) if statement.block is not None else 0)


__all__ = ["Composed", "Library", "Parser", "compose", "form_of", "no_library"]
