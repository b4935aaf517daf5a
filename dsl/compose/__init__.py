"""A file that uses others, names, templates, loops and environments -> one file that uses none.

Works on statements, before any clause is read: what comes out is what could have been written by hand, and every item
keeps the place where it stands. Invariant: a file without any of these comes out as it went in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..diagnostics import Diagnostic, Label, Severity
from ..exchange import parse_any
from ..forms import ROOT, Form
from ..parse import parse
from ..source import Source, Span
from ..syntax import Block, File, Item, Kind, Statement
from ..values import value
from ..versions import not_read
from .changes import changed
from .loops import unroll
from .names import Names
from .overlay import form_of, lay_over, merge

Library = Callable[[Source, str], tuple[Source, ...] | None]
"""The texts of a file, or of the files of a folder, by its path as it is written in a source; None: not to be read."""

MOST_FILES = 1_000


def no_library(_user: Source, _path: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Composed:
    """`sources` are all texts that were read, the file's own first. `lets` and `environments` are those declared."""

    file: File
    sources: tuple[Source, ...]
    lets: tuple[str, ...]
    environments: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    _uses: Mapping[tuple[str, int], tuple[Span, ...]]

    def explained(self, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Diagnostics about the value of a `let` also show where it is used."""
        out: list[Diagnostic] = []
        for one in found:
            span = one.labels[0].span
            uses = self._uses.get((span.source.path, span.start), ())
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
) -> Composed:
    """`environment` names the overlay to lay over the fleet; `settings` are texts that take the place of lets' values;
    `changes` are clauses that take the place of the fleet's own, one after the other (`changes.py`).

    An environment or a setting that the spec does not declare is for the caller to refuse, by `lets` and
    `environments`; here it changes nothing.
    """
    composer = _Composer(library, dict(settings or {}), changes)
    statements = composer.used(file.source, file.statements, ())
    top = composer.reduce(statements, environment)
    return Composed(
        replace(file, statements=top),
        (file.source, *composer.sources),
        tuple(composer.names.values),
        tuple(composer.environments),
        tuple(composer.found),
        {
            (value[0].span.source.path, value[0].span.start): tuple(dict.fromkeys(composer.names.used.get(name, ())))
            for name, value in composer.names.values.items()
        },
    )


class _Composer:
    def __init__(self, library: Library, settings: dict[str, str], changes: Sequence[str] = ()) -> None:
        self.library, self.settings, self.changes = library, settings, changes
        self.sources: list[Source] = []
        self.names = Names()
        self.declared: dict[str, Span] = {}
        self.templates: dict[str, Statement] = {}
        self.environments: dict[str, list[Statement]] = {}
        self.found: list[Diagnostic] = []

    def used(self, source: Source, statements: tuple[Statement, ...], trail: tuple[str, ...]) -> tuple[Statement, ...]:
        """The statements with the files that they use in the place of each `use`, in fleets too."""
        out: list[Statement] = []
        for statement in statements:
            first = statement.items[0].text
            if first == "use" and len(statement.items) == 2 and statement.items[1].kind is Kind.STRING:
                out.extend(self._file(source, statement, trail))
            elif first == "fleet" and statement.block is not None:
                inner = self.used(source, statement.block.statements, trail)
                out.append(replace(statement, block=Block(inner, statement.block.span)))
            else:
                out.append(statement)
        return tuple(out)

    def _file(self, user: Source, statement: Statement, trail: tuple[str, ...]) -> tuple[Statement, ...]:
        path, span = statement.items[1].string, statement.items[1].span
        texts = self.library(user, path)
        if texts is None:
            self._report("ST1042", f"`{path}` cannot be read", span, "the path counts from the folder of this file")
            return ()
        out: list[Statement] = []
        for text in texts:
            if text.path in (user.path, *trail):
                self._report("ST1042", f"`{path}` uses itself, by way of this file", span, "take one of the `use` out")
                continue
            if len(self.sources) >= MOST_FILES:
                self._report("ST1042", f"more than {MOST_FILES:,} files are used", span, "write fewer, larger files")
                return ()
            self.sources.append(text)
            file, errors = parse_any(text)
            self.found.extend(errors)
            if file is None:
                continue
            inner = self.used(text, file.statements, (*trail, user.path))
            for one in inner:
                # A used file is a part; where it is a fleet of its own, its clauses are taken and its name is not.
                if one.items[0].text == "fleet" and one.block is not None:
                    out.extend(one.block.statements)
                elif one.items[0].text == "language":
                    self._version(one)
                else:
                    out.append(one)
        return tuple(out)

    def _version(self, statement: Statement) -> None:
        """A part may be older or newer than the file that uses it, and is not read by the rules of the other."""
        if len(statement.items) == 2:
            version = value("count", statement.items[1:], ())
            wrong = version if isinstance(version, Diagnostic) else not_read(version)
            self.found.extend((wrong,) if wrong is not None else ())
        else:
            self._report(
                "ST1004", "`language` is followed by one number", statement.items[0].span, "write `language 1`"
            )

    def reduce(self, statements: tuple[Statement, ...], environment: str | None) -> tuple[Statement, ...]:
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
                out.append(self._fleet(statement, fleet_form, environment))
            else:
                out.append(statement)
        self._unused()
        return tuple(out)

    def _fleet(self, fleet: Statement, form: Form, environment: str | None) -> Statement:
        assert fleet.block is not None
        kept = tuple(
            one
            for one in fleet.block.statements
            if not (one.items[0].text in ("let", "template", "environment") and self._is_declaration(one))
        )
        unrolled = unroll(kept, self.names, {}, self.found)
        block: Block | None = Block(tuple(self._pool(one, form) for one in unrolled), fleet.block.span)
        for overlay in self.environments.get(environment or "", []):
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

    def _pool(self, statement: Statement, fleet: Form) -> Statement:
        """A pool over its template; `like name` is gone from what comes out."""
        words = [item.text for item in statement.items]
        if words[0] != "pool" or len(words) != 4 or words[2] != "like":
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
        filled = self.names.statement(template, {}, self.found)
        return lay_over(fleet, replace(filled, items=bare.items), bare, lambda _one, _form: True)

    def _declare(self, statement: Statement) -> None:
        if not self._is_declaration(statement):
            return
        kind, name = statement.items[0].text, statement.items[1]
        if kind == "environment":
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
        words = [item.text for item in statement.items]
        if words[0] == "let":
            return (
                len(words) > 3 and words[2] == "=" and statement.items[1].kind is Kind.WORD and statement.block is None
            )
        return words[0] in ("template", "environment") and len(words) == 2 and statement.block is not None

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


__all__ = ["Composed", "Library", "compose", "form_of", "no_library"]
