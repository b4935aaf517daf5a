"""A text in an editor -> everything the compiler says of it, as data that can be sent from one process to another.

The text need not be saved; files that it uses and recorded traces are read from disk beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.compiler.filled import filled_in
from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics import in_order
from seatrial.dsl.source import Source, Span
from seatrial.loading import used
from seatrial.solver import shared
from seatrial.texts import Unreadable, text_of

from .judged import Judged, Proof, Unwritten
from .told import Place, told


def stages(path: str, text: str, open_texts: Mapping[str, str]) -> Iterator[Judged]:
    """First how the text reads, then what is proved of it. `open_texts`: files as they stand in the editor, by path."""
    source = Source(path, text)

    def place(span: Span) -> Place:
        return Place(span.start, span.end, "" if span.source.path == path else span.source.path)

    def as_edited(user: Source, name: str) -> tuple[Source, ...] | None:
        found = used(user, name)
        return found and tuple(
            Source(one.path, open_texts[key]) if (key := str(Path(one.path).resolve())) in open_texts else one
            for one in found
        )

    reading = read(source, as_edited)
    yield Judged(False, tuple(told(one, place) for one in reading.diagnostics))
    assets: dict[str, str] = {}
    for demand, name in reading.traces.items():
        with contextlib.suppress(Unreadable):
            assets[demand] = text_of(Path(name))
    checked = judge(reading, assets, shared())
    proofs = tuple(
        Proof(
            place(one.at),
            one.id,
            one.claim,
            f"{one.status.value}, allowed: {one.allowed}" if one.allowed else one.status.value,
            one.margin or one.witness or one.reason,
        )
        for one in checked.findings
    )
    unwritten: tuple[Unwritten, ...] = ()
    if checked.fleet is not None:
        unwritten = tuple(Unwritten(place(one.at), one.written, one.source) for one in filled_in(checked.fleet))
    yield Judged(True, tuple(told(one, place) for one in in_order(checked.diagnostics)), proofs, unwritten)
