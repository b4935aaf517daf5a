"""A file with the files that it uses in the place of each `use`.

Invariant: every text that was read is told of in `sources`, also one of which nothing could be made; a file that uses
itself, by way of others too, is reported and taken once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Label, Severity
from ..exchange import parse_any
from ..forms import is_part
from ..source import Source, Span
from ..syntax import Block, File, Kind, Statement
from ..values import value
from ..versions import not_read

Parser = Callable[[Source], tuple[File | None, tuple[Diagnostic, ...]]]
"""What reads a text; one that keeps what it has read need not do so again."""
Library = Callable[[Source, str], tuple[Source, ...] | str | None]
"""The texts of a file, or of the files of a folder, by its path as it is written in a source; a text: why it cannot be
read; None: there is none."""

MOST_FILES = 1_000
MOST_CHARACTERS = 32 * 1024 * 1024
"""Of all files that are used, together."""


def no_library(_user: Source, _path: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Used:
    """The statements of a file and of those that it uses; `files` and `sources` are of the latter alone."""

    statements: tuple[Statement, ...]
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    found: tuple[Diagnostic, ...]


def with_used(file: File, library: Library, parser: Parser = parse_any) -> Used:
    reader = _Reader(library, parser)
    statements = reader.of_the_spec(file)
    return Used(statements, tuple(reader.files), tuple(reader.sources), tuple(reader.found))


class _Reader:
    def __init__(self, library: Library, parser: Parser) -> None:
        self.library, self.parser = library, parser
        self.files: list[File] = []
        self.sources: list[Source] = []
        self.found: list[Diagnostic] = []
        self.parsed: dict[Source, tuple[File | None, tuple[Diagnostic, ...]]] = {}
        """A file that several use is parsed once."""

    def of_the_spec(self, file: File) -> tuple[Statement, ...]:
        """Those of the spec itself. What a `use` beside its only fleet brings of a fleet is told to belong into that
        one, and is read there: what else is wrong is told too."""
        fleets = [one for one in file.statements if one.word == "fleet" and one.block is not None]
        if len(fleets) != 1 or all(one.word != "use" for one in file.statements):
            return self.used(file.source, file.statements, ())
        out: list[Statement] = []
        inside: list[Statement] = []
        for statement in file.statements:
            given = self.used(file.source, (statement,), ())
            if statement.word != "use":
                out.extend(given)
                continue
            lost = [one for one in given if is_part({one.word})]
            if lost:
                self.found.append(_beside_the_fleet(statement, lost[0], fleets[0]))
            inside.extend(lost)
            out.extend(one for one in given if not is_part({one.word}))
        return tuple([_with(one, inside) if one.word == "fleet" and inside else one for one in out])

    def used(self, source: Source, statements: tuple[Statement, ...], trail: tuple[str, ...]) -> tuple[Statement, ...]:
        """The statements with the files that they use in the place of each `use`, in fleets too."""
        if {one.word for one in statements}.isdisjoint(("use", "fleet")):
            return statements
        out: list[Statement] = []
        for statement in statements:
            first = statement.word
            if first == "use" and _names_a_file(statement):
                out.extend(self._file(source, statement, trail))
            elif first == "fleet" and statement.block is not None:
                inner = self.used(source, statement.block.statements, trail)
                out.append(statement.with_block(Block(inner, statement.block.span)))
            else:
                out.append(statement)
        return tuple(out)

    def _file(self, user: Source, statement: Statement, trail: tuple[str, ...]) -> tuple[Statement, ...]:
        path, span = statement.items[1].string, statement.items[1].span
        texts = self.library(user, path)
        if texts is None or isinstance(texts, str):
            why = f": {texts}" if texts else ""
            self._report(f"`{path}` cannot be read{why}", span, "the path counts from the folder of this file")
            return ()
        out: list[Statement] = []
        for text in texts:
            if text.path in (user.path, *trail):
                self._report(f"`{path}` uses itself, by way of this file", span, "remove one of these `use` clauses")
                continue
            if len(self.sources) >= MOST_FILES:
                self._report(f"more than {MOST_FILES:,} files are used", span, "write fewer, larger files")
                return ()
            if sum(len(one.text) for one in self.sources) + len(text.text) > MOST_CHARACTERS:
                what = f"the files that are used have more than {MOST_CHARACTERS:,} characters"
                self._report(what, span, "split the fleet")
                return ()
            self.sources.append(text)
            if text not in self.parsed:
                self.parsed[text] = self.parser(text)
            file, errors = self.parsed[text]
            self.found.extend(errors)
            if file is None:
                continue
            self.files.append(file)
            inner = self.used(text, file.statements, (*trail, user.path))
            for one in inner:
                # A used file is a part; where it is a fleet of its own, its clauses are taken and its name is not.
                if one.word == "fleet" and one.block is not None:
                    out.extend(one.block.statements)
                elif one.word == "language":
                    self._version(one)
                else:
                    out.append(one)
        return tuple(out)

    def _version(self, statement: Statement) -> None:
        """A part may be older or newer than the file that uses it, and is not read by the rules of the other."""
        if len(statement.items) == 2 and statement.block is None:
            version = value("count", statement.items[1:], ())
            wrong = version if isinstance(version, Diagnostic) else not_read(version)
            self.found.extend((wrong,) if wrong is not None else ())
        else:
            self._report(
                "`language` is followed by one number", statement.items[0].span, "write `language 1`", "ST1004"
            )

    def _report(self, message: str, at: Span, help_: str, code: str = "ST1042") -> None:
        self.found.append(Diagnostic(code, Severity.ERROR, message, (Label(at),), help=help_))


def _beside_the_fleet(use: Statement, lost: Statement, fleet: Statement) -> Diagnostic:
    name = " ".join(item.text for item in fleet.items[:2])
    return Diagnostic(
        "ST1001",
        Severity.ERROR,
        f"`{lost.items[0].text}` is not a clause that may stand at the top of a file, where this `use` puts it",
        (Label(use.head, "stands outside of the fleet"), Label(lost.head, "belongs in one")),
        help=f"move it into the block: `{name} {{ {use.head.text} … }}`",
    )


def _with(fleet: Statement, more: list[Statement]) -> Statement:
    if fleet.block is None:
        return fleet
    return fleet.with_block(Block((*more, *fleet.block.statements), fleet.block.span))


def _names_a_file(use: Statement) -> bool:
    return len(use.items) == 2 and use.items[1].kind is Kind.STRING and use.block is None
