"""Texts in an editor, one after the other -> everything the compiler says of each, as data that can be sent from one
process to another.

A text need not be saved; files that it uses and recorded traces are read from disk beside it. Invariant: what is said
last is what `seatrial check` says of the same texts, whatever was judged before. Before that, what exact arithmetic
refutes is told as refuted; where the solver then does not confirm it, the last word is that it is unknown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from seatrial.compiler.filled import filled_in
from seatrial.compiler.memory import Memory
from seatrial.compiler.pipeline import Checked, Reading, Variant, judge, read
from seatrial.compiler.verify import Finding
from seatrial.compiler.verify.check import Depth
from seatrial.dsl.diagnostics import Diagnostic, in_order
from seatrial.dsl.source import Source, Span
from seatrial.loading import used
from seatrial.solver import shared
from seatrial.texts import Unreadable, regular_text

from .judged import Judged, Known, Proof, Question, Unwritten
from .readers import Readers
from .told import Place, Told, told


class Judging:
    """Remembers the last text, so that of the next one only what differs is read, resolved and proved anew."""

    def __init__(self) -> None:
        self._readers, self.remembered = Readers(), Memory()
        self._last: _Last | None = None

    def stages(self, asked: Question) -> Iterator[Judged]:
        """How the text reads, then what is decided of it, then what the solver says of what is refuted, then what mends
        it; what takes no time of its own is left out."""
        places = _Places(asked)
        first = self._last is None
        self._readers.expect(asked.path)
        reading = self._read(asked)
        if first:
            yield Judged(False, places.told(reading.diagnostics))
        traces = traces_of(reading)
        for depth in Depth:
            checked = judge(reading, traces, shared(), memory=self.remembered, depth=depth)
            self._last = _Last(checked, places)
            # A solver may not confirm what was refuted: then there is no more to say either.
            final = depth is Depth.MENDED or not any(one.guarantee and one.is_error for one in checked.diagnostics)
            yield Judged(final, places.told(in_order(checked.diagnostics)), proved=True)
            if final:
                return

    def known(self, start: int, end: int) -> Known:
        """What was found for the clauses between two offsets of the text that was judged last."""
        return self._last.known(start, end) if self._last is not None else Known()

    def _read(self, asked: Question) -> Reading:
        """In the environment, where there is one of this name: in a folder of many specs not all have it."""
        source, library = Source(asked.path, asked.text), _Library(asked.open)
        if asked.environment:
            reading = read(source, library, Variant(asked.environment), self._readers, self.remembered)
            if asked.environment in reading.environments:
                return reading
        return read(source, library, parser=self._readers, memory=self.remembered)


class _Last:
    """What was said of the last text and is told only when somebody asks: the words of thousands of proofs."""

    def __init__(self, checked: Checked, places: _Places) -> None:
        self._checked, self._places = checked, places
        self._settled = checked.reading.place

    def known(self, start: int, end: int) -> Known:
        proofs = [(self._place(one.at), one) for one in self._checked.findings]
        inside = [(at, one) for at, one in proofs if not at.path and start <= at.start and at.end <= end]
        values = [one for one in self._unwritten if (one.at.start, one.at.end) == (start, end)]
        return Known(tuple(_proof(one, at) for at, one in inside), tuple(values))

    def _place(self, span: Span) -> Place:
        return self._places.place(self._settled(span))

    @cached_property
    def _unwritten(self) -> list[Unwritten]:
        fleet = self._checked.fleet
        values = filled_in(fleet, self._settled) if fleet is not None else ()
        told = [Unwritten(self._places.place(one.at), one.written, one.source) for one in values]
        return [one for one in told if not one.at.path]


class _Places:
    """Places as the editor has them: those in the file that is shown without its path."""

    def __init__(self, asked: Question) -> None:
        self._whole = not asked.shown
        self._full = str(Path(asked.shown or asked.path).resolve())
        self._here: dict[str, bool] = {}

    def place(self, span: Span) -> Place:
        path = span.source.path
        if path not in self._here:
            self._here[path] = str(Path(path).resolve()) == self._full
        return Place(span.start, span.end, "" if self._here[path] else path)

    def told(self, found: tuple[Diagnostic, ...]) -> tuple[Told, ...]:
        """Of a file that another uses only what has a place in it."""
        all_told = (told(one, self.place) for one in found)
        return tuple(one for one in all_told if self._whole or any(not place.path for place, _ in one.places))


class _Library:
    """The files that a spec uses, as they stand in the editor or on disk."""

    def __init__(self, open_texts: Mapping[str, str]) -> None:
        self._open = open_texts

    def __call__(self, user: Source, name: str) -> tuple[Source, ...] | str:
        found = used(user, name)
        if isinstance(found, str):
            return found
        return tuple(
            Source(one.path, self._open[key]) if (key := str(Path(one.path).resolve())) in self._open else one
            for one in found
        )


def traces_of(reading: Reading) -> dict[str, str]:
    """The texts of the recorded traces that can be read, by the names of their demands."""
    assets: dict[str, str] = {}
    for demand, name in reading.traces.items():
        with contextlib.suppress(Unreadable):
            assets[demand] = regular_text(Path(name))
    return assets


def _proof(one: Finding, at: Place) -> Proof:
    status = f"{one.status.value}, allowed: {one.allowed}" if one.allowed else one.status.value
    return Proof(at, one.id, one.claim, status, one.margin or one.witness or one.reason)
