"""The statements of a file and of those that it uses -> statements without names, templates, loops and environments.

Invariant: what stands twice, or is not declared, is reported where it stands, and the rest is worked off all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import cast

from ..diagnostics import Diagnostic, Fix, Label, Severity
from ..forms import ROOT, Form
from ..forms.reuse import LET
from ..parse import parse
from ..phrases import Match, match
from ..source import Source, Span
from ..syntax import Block, Item, Kind, Statement
from .changes import CHANGE, changed
from .loops import MOST as MOST_UNROLLED
from .loops import unroll
from .names import MOST as MOST_CHARACTERS
from .names import Names, has_names, value_of
from .overlay import is_in, lay_over, merge, named, named_alike, nearest, said, together
from .remembered import Remembered, Work
from .unclear import unclear

MOST_LAID = 300_000
"""Statements that templates may come to, in all pools together."""
MOST_ENVIRONMENTS = 100
_DECLARING = ("let", "template", "environment")
_REUSING = ("use", "for", *_DECLARING)
_OPTIONS = {"let": "`--set name=value` gives a let another value", "environment": "`--env name` chooses an environment"}
"""What says the same of a spec as a change would that is none."""

_LEAVING_OUT = ("ST0004", "ST1041", "ST1042")
"""Limits, loops and files of which is told: what they would have declared is not there."""


class Composer:
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
        self.there: dict[str, tuple[Item, ...]] = {}
        """What the environment says that names stand for."""
        self.laid = 0
        self.asked: dict[str, Statement] = {}
        """The templates that were asked for."""
        self.liked: set[str] = set()
        """Their names, of all statements."""

    def reduce(self, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        """The statements of a file without any reuse."""
        fleets = [one for one in statements if one.word == "fleet" and one.block is not None]
        bodies = [one.block.statements for one in fleets if one.block is not None]
        declarations = [one for body in (statements, *bodies) for one in body if one.word in _DECLARING]
        declarations = [one for one in declarations if self._is_declaration(one)]
        for statement in declarations:
            if statement.word == "environment":
                self._declare_environment(statement)
        for statement in declarations:
            if statement.word != "environment":
                self._declare(statement)
        out: list[Statement] = []
        fleet_form = next(form for form in ROOT.body if form.key == "fleet")
        for statement in statements:
            if statement.word in ("let", "template"):
                if not self._is_read(statement):
                    out.append(statement)
            elif statement.word == "fleet" and statement.block is not None:
                out.append(self._fleet(statement, fleet_form))
            else:
                out.append(statement)
        self._unused({fleet.span.source.path for fleet in fleets})
        return tuple(out)

    def _fleet(self, fleet: Statement, form: Form) -> Statement:
        assert fleet.block is not None
        made: list[Statement] = []
        lets, statements = frozenset(self.names.values), fleet.block.statements
        own = shared = cast(list[Work | None], [None] * len(statements))
        if self.memory is not None:
            own, shared = self.memory.works(statements, self.environment)
        for at, plain in enumerate(self._plain(statements)):
            if plain:
                made.append(statements[at])
                continue
            for work in (own[at], shared[at]):
                if work is not None and self._again(work, lets, len(made)):
                    made.extend(work.made)
                    break
            else:
                if not self._is_read(statements[at]):
                    new, own[at] = self._worked_off(statements[at], form, lets, len(made))
                    made.extend(new)
        block: Block | None = Block(tuple(made), fleet.block.span)
        over: Block | None = None
        for overlay in self._overlays():
            over = together(over, self.names.statement(overlay, {}, self.found).block)
        if over is not None:
            block = merge(form, block, over, self._only_changes, stays=True)
        for number, text in enumerate(self.changes, 1):
            for change in self._change(number, text):
                assert block is not None
                told = len(self.found)
                block = changed(form, block, change, self.found)
                # Of what is declared nowhere it does not matter in which letters it is written.
                lost = [one.labels[0].span for one in self.found[told:] if one.code == "ST1043"]
                self.found[:] = [one for one in self.found if not (_is_of_letters(one) and _is_in_any(one, lost))]
        return fleet.with_block(block)

    def _plain(self, statements: tuple[Statement, ...]) -> list[bool]:
        """`_is_plain` of each."""
        if self.memory is None:
            return [_is_plain(one) for one in statements]
        known = self.memory.plain.each(statements)
        for at, one in enumerate(known):
            if one is None:
                known[at] = _is_plain(statements[at])
        return cast(list[bool], known)

    def _change(self, number: int, text: str) -> tuple[Statement, ...]:
        """The statements of a change; `$name` is known there too."""
        source = Source(f"{CHANGE} {number}>", text)
        file, errors = parse(source)
        self.found.extend(one for one in errors if one not in self.found)
        if file is None or not all(_is_of_letters(one) for one in errors):
            return ()
        if not file.statements:
            self._report("ST1004", "this change says nothing", Span(source, 0, len(text)), "write a clause")
        named = [self.names.statement(one, {}, self.found) for one in file.statements]
        return tuple([one for one in named if self._is_clause(one, "a change", _OPTIONS)])

    def _is_clause(self, statement: Statement, where: str, instead: Mapping[str, str]) -> bool:
        """Whether it can be laid over a clause of the fleet; says so where it is worked off before there are any."""
        word = statement.items[0]
        if word.text in _REUSING:
            message = f"`{word.text}` is not a clause that may stand in {where}"
            help_ = instead.get(word.text, "write the clauses that are different, with their values")
            self._report("ST1001", message, word.span, help_)
        elif _like(statement):
            message = f"`like` is not expected in {where}: what a template says is already in the fleet's pool"
            self._report("ST1004", message, statement.items[2].span, "write what is different in the pool's block")
        else:
            return True
        return False

    def _again(self, work: Work, lets: frozenset[str], before: int) -> bool:
        """Whether a statement of the fleet comes to the same as in the last text, `before` of them after others; then
        it counts."""
        names = self.names
        if work.lets != lets:
            return False
        for name, value in work.values.items():
            if names.values[name] != value:
                return False
        for name, template in work.templates.items():
            if self.templates.get(name) is not template:
                return False
        size, rounds, laid = names.size + work.size, names.rounds + work.rounds, self.laid + work.laid
        made = before + len(work.made)
        if size > MOST_CHARACTERS or made > MOST_UNROLLED or rounds > MOST_UNROLLED or laid > MOST_LAID:
            return False
        for name, spans in work.uses.items():
            names.used.setdefault(name, []).extend(spans)
        names.size, names.rounds, self.laid = size, rounds, laid
        self.liked.update(work.templates)
        return True

    def _worked_off(
        self, statement: Statement, fleet: Form, lets: frozenset[str], before: int
    ) -> tuple[tuple[Statement, ...], Work | None]:
        """What a statement of the fleet comes to, `before` of them after others, and what to remember of it."""
        names = self.names
        used, names.used, self.asked, told = names.used, {}, {}, len(self.found)
        size, rounds, laid = names.size, names.rounds, self.laid
        made = self._made(statement, fleet, before)
        uses, names.used = names.used, used
        for name, spans in uses.items():
            used.setdefault(name, []).extend(spans)
        # A limit is told once: what comes after it is cut short, and nothing says so.
        within = names.size <= MOST_CHARACTERS and names.rounds <= MOST_UNROLLED and self.laid <= MOST_LAID
        if not within or len(self.found) > told:
            return made, None
        values = {name: names.values[name] for name in uses}
        added = (names.size - size, names.rounds - rounds, self.laid - laid)
        return made, Work(made, lets, values, self.asked, uses, *added)

    def _made(self, statement: Statement, fleet: Form, before: int) -> tuple[Statement, ...]:
        unrolled = unroll((statement,), self.names, {}, self.found, before)
        return tuple([self._pool(one, fleet) for one in unrolled])

    def _pool(self, statement: Statement, fleet: Form) -> Statement:
        """A pool over its template; `like name` is gone from what comes out."""
        if len(statement.items) != 4 or not _like(statement):
            return statement
        words = [item.text for item in statement.items]
        name = statement.items[3]
        template = self.templates.get(words[3])
        bare = Statement(statement.items[:2], statement.block, statement.span)
        if template is None:
            close = get_close_matches(words[3], self.templates, n=1)
            known = f"declared: {', '.join(self.templates)}" if self.templates else "no template is declared"
            self._report(
                "ST1011",
                f"there is no template named `{words[3]}`",
                name.span,
                f"did you mean `{close[0]}`?" if close else known,
            )
            return bare
        self.asked[words[3]] = template
        self.liked.add(words[3])
        before = self.laid
        self.laid += _size(template)
        if self.laid > MOST_LAID:
            if before <= MOST_LAID:
                message = f"templates come to more than {MOST_LAID:,} statements by here"
                self._report("ST0004", message, name.span, "say less in the template, or use it for fewer pools")
            return bare
        filled = self.names.statement(template, {}, self.found)
        filled = Statement(bare.items, filled.block, filled.span)
        return lay_over(fleet, filled, bare, lambda _one, _form, _there: True)

    def _overlays(self) -> Iterator[Statement]:
        """Those of the environment, without its values for names: these are in force already."""
        lets: dict[str, Statement] = {}
        for overlay in self.environments.get(self.environment or "", []):
            if overlay.block is None:
                continue
            kept: list[Statement] = []
            for one in overlay.block.statements:
                if one.word == "let" and self._is_declaration(one):
                    self._check_there(one, lets.setdefault(one.items[1].text, one))
                elif one.word == "let" or self._is_clause(one, "`environment`", {}):
                    kept.append(one)
            whole = len(kept) == len(overlay.block.statements)
            yield overlay if whole else overlay.with_block(Block(tuple(kept), overlay.block.span))

    def _check_there(self, let: Statement, first: Statement) -> None:
        """Says of a let in an environment what is wrong with its name."""
        name = let.items[1]
        if name.text not in self.names.values:
            close = get_close_matches(name.text, self.names.values, n=1)
            meant = (f"let {close[0]}", Fix(name.span, close[0], f"write `{close[0]}`")) if close else None
            self._refuse_new(let.head, f"let {name.text}", meant)
        if let is not first:
            self._refuse_twice(name, "let", first.items[1].span)

    def _declare_environment(self, statement: Statement) -> None:
        name = statement.items[1]
        if name.text not in self.environments and len(self.environments) >= MOST_ENVIRONMENTS:
            if len(self.environments) == MOST_ENVIRONMENTS and "environment" not in self.declared:
                self.declared["environment"] = name.span
                message = f"there are more than {MOST_ENVIRONMENTS} environments"
                self._report("ST0004", message, name.span, "keep those that differ from one another")
            return
        parts = self.environments.setdefault(name.text, [])
        # Each file may say what is different in its own part of the fleet.
        same = [one.items[1].span for one in parts if one.span.source.path == name.span.source.path]
        if same:
            self._refuse_twice(name, "environment", same[0], "say in one block what is different there")
        parts.append(statement)
        if name.text == self.environment and statement.block is not None:
            for one in statement.block.statements:
                if one.word == "let" and self._is_declaration(one):
                    self.there[one.items[1].text] = value_of(one)

    def _declare(self, statement: Statement) -> None:
        kind, name = statement.word, statement.items[1]
        if f"{kind} {name.text}" in self.declared:
            self._refuse_twice(name, kind, self.declared[f"{kind} {name.text}"])
            return
        self.declared[f"{kind} {name.text}"] = name.span
        if kind == "template":
            self.templates[name.text] = statement
            return
        items = self._setting(name.text, self.there.get(name.text, value_of(statement)))
        # Names that stand before it may be used in a value.
        self.names.values[name.text] = self.names.statement(
            Statement(items, None, items[0].span.to(items[-1].span)), {}, self.found
        ).items

    def _setting(self, name: str, value: tuple[Item, ...]) -> tuple[Item, ...]:
        """The items that the command line gives for a let in the place of its value."""
        if name not in self.settings:
            return value
        source = Source(f"--set {name}", f"{name}={self.settings[name]}")
        file, errors = parse(source)
        self.found.extend(errors)
        given = file.statements if file is not None else ()
        if len(given) == 1 and given[0].block is None and len(given[0].items) > 2:
            return given[0].items[2:]
        if not errors:
            at = Span(source, len(name) + 1, len(source.text))
            said = " ".join([item.text for item in value])
            self._report("ST1004", f"`{at.text}` is not one value", at, f"write a value such as {said}")
        return value

    @staticmethod
    def _is_declaration(statement: Statement) -> bool:
        """Whether it has the shape that is worked off here; what has not is the reader of clauses' to refuse."""
        if statement.word not in _DECLARING:
            return False
        words = [item.text for item in statement.items]
        if words[0] == "let":
            return (
                len(words) > 3 and words[2] == "=" and statement.items[1].kind is Kind.WORD and statement.block is None
            )
        # A block that is left out is empty, as everywhere; that a template says nothing is the reader's to tell.
        return len(words) == 2 and (words[0] == "environment" or statement.block is not None)

    def _is_read(self, statement: Statement) -> bool:
        """Whether nothing is left of it to refuse: what a name stands for must be one value."""
        return self._is_declaration(statement) and (
            statement.word != "let" or isinstance(match(LET.phrase, statement.items, names=True), Match)
        )

    def _only_changes(self, statement: Statement, form: Form | None, there: Sequence[Statement]) -> bool:
        if form is None or form.key == "let" or not is_in(form, statement):
            # What is wrong in how it is written is the reader's to tell.
            return True
        if alike := named_alike(form, statement, there):
            self.found.append(unclear(form, statement, alike))
        elif not any(one.code in _LEAVING_OUT for one in self.found):
            what = said(statement, named(form, statement))
            self._refuse_new(statement.head, what, nearest(form, statement, there))
        return False

    def _refuse_new(self, at: Span, said: str, meant: tuple[str, Fix | None] | None) -> None:
        message = f"the fleet does not declare `{said}`, so an environment cannot change it"
        help_ = "declare it in the fleet, with the value that holds elsewhere"
        fixes: tuple[Fix, ...] = ()
        if meant is not None:
            help_, fixes = f"did you mean `{meant[0]}`?", (meant[1],) if meant[1] is not None else ()
        self.found.append(Diagnostic("ST1043", Severity.ERROR, message, (Label(at),), help=help_, fixes=fixes))

    def _refuse_twice(self, name: Item, kind: str, first: Span, help_: str = "keep one of them") -> None:
        message = f"the {kind} `{name.text}` is declared twice"
        labels = (Label(name.span, "again here"), Label(first, "first declared here"))
        self.found.append(Diagnostic("ST1010", Severity.ERROR, message, labels, help=help_))

    def _unused(self, paths: set[str]) -> None:
        """Says which lets and templates nothing asks for; a file of templates has those of other fleets too."""
        # An environment or a template that is not worked in uses names all the same.
        parts = (*self.templates.values(), *(one for overlays in self.environments.values() for one in overlays))
        mentioned = {name for one in parts for name in self.names.mentioned(one.span.text)}
        unused = [
            (f"let {name}", f"write ${name} where it is meant, or delete it")
            for name in self.names.values
            if name not in self.names.used and name not in mentioned
        ] + [
            (f"template {name}", f"write `pool … like {name}`, or delete it")
            for name in self.templates
            if name not in self.liked and self.declared[f"template {name}"].source.path in paths
        ]
        for what, help_ in unused:
            message, at = f"`{what}` is never used", Label(self.declared[what])
            self.found.append(Diagnostic("ST1044", Severity.WARNING, message, (at,), help=help_))

    def _report(self, code: str, message: str, at: Span, help_: str) -> None:
        self.found.append(Diagnostic(code, Severity.ERROR, message, (Label(at),), help=help_))


def _is_of_letters(one: Diagnostic) -> bool:
    """Whether it is about a character that no name has."""
    return one.code == "ST0001" and not one.fixes and not one.labels[0].span.text.isascii()


def _is_in_any(one: Diagnostic, spans: Sequence[Span]) -> bool:
    at = one.labels[0].span
    return any(at.source is span.source and span.start <= at.start < span.end for span in spans)


def _like(statement: Statement) -> bool:
    return statement.word == "pool" and len(statement.items) > 2 and statement.items[2].text == "like"


def _is_plain(statement: Statement) -> bool:
    """Whether nothing in it is to be worked off: so are most, and the rest takes far longer."""
    return statement.word not in _REUSING and not _like(statement) and not has_names(statement)


def _size(statement: Statement) -> int:
    return 1 + (sum(_size(inner) for inner in statement.block.statements) if statement.block is not None else 0)
