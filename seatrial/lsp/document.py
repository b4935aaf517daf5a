"""One open file: its text, what was understood of it, and what was last told of it.

Invariant: all offsets held here are those of the current text; what the judge said of an earlier one was moved along.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lsprotocol import types

from .judged import Judged
from .lines import Lines
from .preview import Preview
from .text import Text
from .told import Edit, Place, Told, moved

_OF_THE_TEXT = ("ST0", "ST100", "ST1011", "ST1012", "ST11")
"""Codes that a piece is told of anew whenever it is typed in; others stand until the judge has looked again."""


class Document(Text):
    """What the judge said last is kept, and moved with the edits that were made since."""

    def __init__(self, uri: str, path: str, text: str, version: int) -> None:
        self.version = version
        self._preview = Preview()
        self.judged = Judged(False, ())
        self.judged_version: int | None = None
        self._sent: tuple[int, tuple[Told, ...]] | None = None
        super().__init__(uri, path, text, often=True)

    def take(self, text: str) -> None:
        super().take(text)
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
        self.take(text)

    def _move(self, edit: Edit) -> None:
        self.judged = replace(self.judged, told=moved(self.judged.told, edit))

    def take_judged(self, version: int, judged: Judged) -> bool:
        """Whether it was about the current text. Until the proof is there, what was last proved stays in sight."""
        if version != self.version:
            return False
        if not judged.proved:
            kept = tuple(one for one in self.judged.told if not one.code.startswith(("ST0", "ST1")))
            judged = replace(judged, told=judged.told + kept)
        self.judged, self.judged_version = judged, version
        return True

    def news(self) -> tuple[Told, ...] | None:
        """All that is known to be wrong now; None where an editor was sent just this of this version. Where in another
        file a place is hangs on that file's lines, which may have changed: then it is sent again."""
        now = (self.version, self.told)
        if now == self._sent and not any(place.path for one in now[1] for place, _ in one.places):
            return None
        self._sent = now
        return now[1]

    @property
    def told(self) -> tuple[Told, ...]:
        """All that is known to be wrong now: the judge's word on this text, else the preview and what still stands."""
        if self.judged_version == self.version:
            return self.judged.told
        fresh = [(placed.start, placed.end) for placed in self.snapshot.parsed]
        known = {one.key for one in self.previewed}
        kept = [
            one
            for one in self.judged.told
            if one.key not in known and not (one.code.startswith(_OF_THE_TEXT) and _in(one.at, fresh))
        ]
        return (*self.previewed, *kept)


def _in(place: Place, ranges: list[tuple[int, int]]) -> bool:
    """Whether it is a place in this text, in one of the ranges."""
    return not place.path and any(start <= place.start <= end for start, end in ranges)
