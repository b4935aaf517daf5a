"""One open file: its text, what was understood of it, and what was last told of it.

Invariant: all offsets held here are those of the current text; what the judge said of an earlier one was moved along.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lsprotocol import types

from seatrial.dsl.incremental import Incremental, Snapshot

from .judged import Judged
from .lines import Lines
from .names import Names
from .preview import Preview
from .told import Edit, Place, Told, moved
from .understood import Understanding

_OF_THE_TEXT = ("ST0", "ST10", "ST11")
"""Codes that a piece is told of anew whenever it is typed in."""


class Document:
    def __init__(self, uri: str, path: str, text: str, version: int) -> None:
        self.uri, self.path, self.version = uri, path, version
        self._reader = Incremental(path)
        self.understanding = Understanding()
        self.names = Names()
        self._preview = Preview()
        self.judged = Judged(False, ())
        self.judged_version: int | None = None
        self._take(text)

    @property
    def text(self) -> str:
        return self.lines.text

    def _take(self, text: str) -> None:
        self.lines = Lines(text)
        self.snapshot: Snapshot = self._reader.update(text)
        self.understanding.follow(self.snapshot)
        self.names.follow(self.understanding)
        self.previewed = self._preview.told(self.snapshot, self.understanding, self.names)

    def change(self, changes: Iterable[types.TextDocumentContentChangeEvent], version: int) -> None:
        text = self.text
        for change in changes:
            lines = self.lines if text is self.lines.text else Lines(text)
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = lines.offset(change.range.start), lines.offset(change.range.end)
                new = lines.changed(change.range, change.text)
            else:
                start, end, new = 0, len(text), change.text
            self._move(Edit(start, max(start, end), len(new) - len(text)))
            text = new
        self.version = version
        self._take(text)

    def _move(self, edit: Edit) -> None:
        self.judged = Judged(
            self.judged.final,
            moved(self.judged.told, edit),
            tuple(replace(one, at=at) for one in self.judged.proofs if (at := edit.move(one.at)) is not None),
            tuple(replace(one, at=at) for one in self.judged.unwritten if (at := edit.move(one.at)) is not None),
        )

    def take_judged(self, version: int, judged: Judged) -> bool:
        """Whether it was about the current text. Until the proof is there, what was last proved stays in sight."""
        if version != self.version:
            return False
        if not judged.final:
            kept = tuple(one for one in self.judged.told if not one.code.startswith(("ST0", "ST1")))
            judged = Judged(False, judged.told + kept, self.judged.proofs, self.judged.unwritten)
        self.judged, self.judged_version = judged, version
        return True

    @property
    def told(self) -> tuple[Told, ...]:
        """All that is known to be wrong now: the judge's word on this text, else the preview and what still stands."""
        if self.judged_version == self.version:
            return self.judged.told
        fresh = [
            (placed.start, placed.end)
            for placed in self.snapshot.pieces
            if placed.piece.fragment.serial in self.snapshot.fresh
        ]
        known = {one.key for one in self.previewed}
        kept = [
            one
            for one in self.judged.told
            if one.key not in known and not (one.code.startswith(_OF_THE_TEXT) and _in(one.at, fresh))
        ]
        return (*self.previewed, *kept)


def _in(place: Place, ranges: list[tuple[int, int]]) -> bool:
    return any(start <= place.start <= end for start, end in ranges)
