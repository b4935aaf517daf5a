"""Texts that are read again and again, each a little changed -> their trees.

Invariant: what comes out says what `parse_any` says. Only what changed is parsed; the rest is kept from the last time,
as the same objects, whose places are in pieces of the text (`File.place`).
"""

from __future__ import annotations

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, notation_of, parse_any
from seatrial.dsl.incremental import Incremental
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import File

_Read = tuple[File | None, tuple[Diagnostic, ...]]


class Readers:
    """Keeps what was read of each file, by its path."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Source, _Read]] = {}
        self._often: dict[str, Incremental] = {}

    def expect(self, path: str) -> None:
        """This file will be read again: its first text is cut in pieces too."""
        if notation_of(path) is Notation.FLEET and path not in self._often:
            self._often[path] = Incremental(path)
            self._known.pop(path, None)

    def __call__(self, source: Source) -> _Read:
        kept = self._known.get(source.path)
        if kept is not None:
            if kept[0].text == source.text:
                return kept[1]
            self.expect(source.path)
        self._known[source.path] = (source, self._read(source))
        return self._known[source.path][1]

    def _read(self, source: Source) -> _Read:
        often = self._often.get(source.path)
        if often is None:
            return parse_any(source)
        snapshot = often.update(source.text)
        return snapshot.tree(source) if snapshot.exact and len(snapshot.pieces) > 1 else parse_any(source)
