"""Texts that are read again and again, each a little changed -> their trees.

Invariant: what comes out is what `parse_any` gives. Only what changed is parsed; the rest is kept from the last time.
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

    def __call__(self, source: Source) -> _Read:
        kept = self._known.get(source.path)
        if kept is not None and kept[0].text == source.text:
            return kept[1]
        self._known[source.path] = (source, self._read(source, first=kept is None))
        return self._known[source.path][1]

    def _read(self, source: Source, *, first: bool) -> _Read:
        # In pieces from the second time on: of most files there is none.
        if first or notation_of(source.path) is not Notation.FLEET:
            return parse_any(source)
        snapshot = self._often.setdefault(source.path, Incremental(source.path)).update(source.text)
        return snapshot.file(source) if snapshot.exact and len(snapshot.pieces) > 1 else parse_any(source)
