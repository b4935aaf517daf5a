"""A text in an editor -> everything the compiler says of it, as data that can be sent from one process to another.

The text need not be saved; files that it uses and recorded traces are read from disk beside it. Invariant: what is
said is what `seatrial check` says of the same texts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.compiler.filled import filled_in
from seatrial.compiler.pipeline import Reading, Variant, judge, read
from seatrial.compiler.verify.finding import Finding
from seatrial.dsl.compose import Parser
from seatrial.dsl.diagnostics import Diagnostic, in_order
from seatrial.dsl.exchange import parse_any
from seatrial.dsl.source import Source, Span
from seatrial.loading import used
from seatrial.solver import shared
from seatrial.texts import Unreadable, text_of

from .judged import Judged, Proof, Question, Unwritten
from .told import Place, Told, told


def stages(asked: Question, parser: Parser = parse_any) -> Iterator[Judged]:
    """First how the text reads, then what is proved of it."""
    places = _Places(asked)
    reading = _read(asked, parser)
    yield Judged(False, places.told(reading.diagnostics))
    checked = judge(reading, _traces(reading), shared())
    yield Judged(
        True,
        places.told(in_order(checked.diagnostics)),
        tuple(_proof(one, at) for one in checked.findings if not (at := places.place(one.at)).path),
        tuple(
            Unwritten(at, one.written, one.source)
            for one in (filled_in(checked.fleet) if checked.fleet is not None else ())
            if not (at := places.place(one.at)).path
        ),
    )


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

    def __call__(self, user: Source, name: str) -> tuple[Source, ...] | None:
        found = used(user, name)
        return found and tuple(
            Source(one.path, self._open[key]) if (key := str(Path(one.path).resolve())) in self._open else one
            for one in found
        )


def _read(asked: Question, parser: Parser) -> Reading:
    """In the environment, where there is one of this name: in a folder of many specs not all have it."""
    source, library = Source(asked.path, asked.text), _Library(asked.open)
    if asked.environment:
        reading = read(source, library, Variant(asked.environment), parser)
        if asked.environment in reading.environments:
            return reading
    return read(source, library, parser=parser)


def _traces(reading: Reading) -> dict[str, str]:
    assets: dict[str, str] = {}
    for demand, name in reading.traces.items():
        with contextlib.suppress(Unreadable):
            assets[demand] = text_of(Path(name))
    return assets


def _proof(one: Finding, at: Place) -> Proof:
    status = f"{one.status.value}, allowed: {one.allowed}" if one.allowed else one.status.value
    return Proof(at, one.id, one.claim, status, one.margin or one.witness or one.reason)
