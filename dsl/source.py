"""Text and places in it.

Turns a file's text into addressable places. Invariant: a span is half-open and lies inside its source's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line, here as in an editor (LSP 3.17, Position) and in YAML (1.2.2, 5.4)."""
STRING = r'"(?:[^"\\\n\r]|\\[^\n\r])*"'
COMMENT = r"#[^\n\r]*"
"""Regular expressions of what a brace or a line may be hidden in; in `grammar.lark` they are the terminals."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a spec: the path as the user wrote it, and its text."""

    path: str
    text: str
    _known_starts: tuple[int, ...] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known_starts", None)

    @property
    def key(self) -> str | int:
        """Tells it from the other sources of one spec."""
        return self.path

    @property
    def is_file(self) -> bool:
        """Not a value that was given as an option: no file begins so, since a command would take it for an option."""
        return not self.path.startswith("--")

    @property
    def _starts(self) -> tuple[int, ...]:
        """Where lines begin; found when somebody asks for the first line."""
        if self._known_starts is None:
            object.__setattr__(self, "_known_starts", (0, *(one.end() for one in LINE_END.finditer(self.text))))
        assert self._known_starts is not None
        return self._known_starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1; columns count characters."""
        starts = self._starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_start(self, offset: int) -> int:
        """The offset at which the line of an offset begins."""
        starts = self._starts
        return starts[bisect_right(starts, offset) - 1]

    def line(self, number: int) -> str:
        """The text of a line counted from 1, without its line end."""
        starts = self._starts
        start = starts[number - 1]
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Span(NamedTuple):
    """The characters from `start` up to but not including `end` of a source."""

    # A named tuple and not a dataclass: a large spec makes a hundred thousand of them, and this is made four times
    # as fast.
    source: Source
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Span({self.source.path}, {self.start}, {self.end})"

    def __hash__(self) -> int:
        # A tuple's own would hash the whole text the first time; source and place tell spans apart well enough.
        return hash((self.source.key, self.start, self.end))

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of the other, in the same source."""
        source, start, end = self
        return Span(source, start, end if end > other[2] else other[2])

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.path}:{line}:{column}"
