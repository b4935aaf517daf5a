"""The text of one file, in any notation: its lines, its statements, and the names in it.

Invariant: all offsets held here are those of the text as it stands.
"""

from __future__ import annotations

from pathlib import Path

from seatrial.dsl.exchange import Notation, notation_of, write
from seatrial.dsl.format import format_file
from seatrial.dsl.incremental import Incremental, Snapshot, at_once
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Statement

from .lines import Lines
from .names import Names
from .understood import Understanding


class Text:
    """`path` is the file's as it was given, `file` the same in full. With `often` it is read for many changes."""

    def __init__(self, uri: str, path: str, text: str, *, often: bool = False) -> None:
        self.uri, self.path, self.file = uri, path, Path(path).resolve()
        self.notation = notation_of(path)
        self._reader = Incremental(path) if often and self.notation is Notation.FLEET else None
        self.understanding = Understanding()
        self.names = Names()
        self.take(text)

    @property
    def text(self) -> str:
        return self.lines.text

    def take(self, text: str) -> None:
        self.lines = Lines(text)
        self.snapshot: Snapshot = self._reader.update(text) if self._reader else at_once(self.path, text)
        self.understanding.follow(self.snapshot)
        self.names.follow(self.understanding)

    @property
    def is_part(self) -> bool:
        """Whether it has no fleet of its own."""
        return all(statement.items[0].text != "fleet" for statement in self._top())

    @property
    def used(self) -> tuple[str, ...]:
        """The paths of the files and folders that it uses, as they are written."""
        return tuple(
            one.statement.items[1].string
            for placed in self.snapshot.pieces
            for one in self.understanding.of(placed)
            if one.form is not None and one.form.key == "use" and one.complete and len(one.around) < 2
        )

    def formatted(self) -> str | None:
        """In the one style of its notation; None where a statement has no other form."""
        file, _ = self.snapshot.file(Source(self.path, self.text))
        written = format_file(file) if self.notation is Notation.FLEET else write(file, self.notation)
        return written if isinstance(written, str) else None

    def _top(self) -> list[Statement]:
        return [one for placed in self.snapshot.pieces if placed.head is None for one in placed.piece.statements]
