"""Findings as this server keeps them: places as offsets in the text, so that they move with it as it is edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lsprotocol import types

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Span

from .lines import Lines


# Named tuples, which are made and compared several times as fast: of a large spec there are thousands, at each key.
class Place(NamedTuple):
    """Offsets in the text itself; in another file the path is given, and offsets count there."""

    start: int
    end: int
    path: str = ""


class Mend(NamedTuple):
    """A change that mends what is told: a new text at one place, or at several."""

    edits: tuple[tuple[Place, str], ...]
    text: str


class Told(NamedTuple):
    code: str
    severity: str
    message: str
    places: tuple[tuple[Place, str], ...]
    notes: tuple[str, ...] = ()
    help: str = ""
    mends: tuple[Mend, ...] = ()
    allowed: str = ""

    @property
    def key(self) -> tuple[str, Place, str]:
        return (self.code, self.at, self.message)

    @property
    def at(self) -> Place:
        return self.places[0][0] if self.places else Place(0, 0)


def told(one: Diagnostic, place: Callable[[Span], Place]) -> Told:
    return Told(
        one.code,
        one.severity.value,
        one.message,
        tuple((place(label.span), label.text) for label in one.labels),
        one.notes,
        one.help,
        tuple(Mend(tuple((place(span), new) for span, new in fix.edits), fix.text) for fix in one.fixes),
        one.allowed,
    )


def told_from(given: Sequence[Any]) -> Told:
    """What JSON made of it -> the same again."""
    code, severity, message, places, notes, help, mends, allowed = given
    return Told(
        code,
        severity,
        message,
        tuple((Place(*place), text) for place, text in places),
        tuple(notes),
        help,
        tuple(Mend(tuple((Place(*place), new) for place, new in edits), text) for edits, text in mends),
        allowed,
    )


@dataclass(frozen=True, slots=True)
class Edit:
    """What stood between two offsets was replaced by `grown` characters more than there were."""

    start: int
    end: int
    grown: int

    def move(self, place: Place) -> Place | None:
        """Where a place is afterwards; None where what stood there was changed."""
        if place.path or place.end < self.start:
            return place
        if place.start >= self.end and place.start > self.start:
            return Place(place.start + self.grown, place.end + self.grown)
        if place.start < self.start and place.end > self.end:
            return Place(place.start, place.end + self.grown)
        return None


def _moved_with(mend: Mend, edit: Edit) -> Mend | None:
    places = [(edit.move(place), new) for place, new in mend.edits]
    kept = tuple((place, new) for place, new in places if place is not None)
    return Mend(kept, mend.text) if len(kept) == len(places) else None


def moved(told: Iterable[Told], edit: Edit) -> tuple[Told, ...]:
    """What was told before an edit and still has its place; repairs are kept only where all of them are whole."""
    out: list[Told] = []
    for one in told:
        places = [(edit.move(place), text) for place, text in one.places]
        if not places or places[0][0] is None:
            continue
        mends = [there for mend in one.mends if (there := _moved_with(mend, edit)) is not None]
        whole = tuple(mends) if len(mends) == len(one.mends) else ()
        kept = tuple([(place, text) for place, text in places if place is not None])
        out.append(Told(one.code, one.severity, one.message, kept, one.notes, one.help, whole, one.allowed))
    return tuple(out)


_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}


def as_lsp(
    one: Told, uri: str, lines: Lines, elsewhere: Callable[[Place], types.Location | None], scheme: str = ""
) -> types.Diagnostic:
    """Notes and help follow the message; the first label in the file is its range, the others related information.

    `scheme` is that of links to the text of a code, which the client then asks for; "" where it can show none.
    """

    def location(place: Place) -> types.Location | None:
        return elsewhere(place) if place.path else types.Location(uri, lines.range(place.start, place.end))

    shown = next((label for label in one.places if not label[0].path), None)
    place, told_there = shown or (Place(0, 0), "")
    related = [
        types.DiagnosticRelatedInformation(found, text or "see here")
        for label in one.places
        if label is not shown
        for other, text in [label]
        if (found := location(other)) is not None
    ]
    parts: Sequence[str] = [
        one.message + (f": {told_there}" if told_there and told_there not in one.message else ""),
        *(f"note: {note}" for note in one.notes),
        *([f"help: {one.help}"] if one.help else []),
        *([f"allowed: {one.allowed}"] if one.allowed else []),
    ]
    return types.Diagnostic(
        range=lines.range(place.start, place.end),
        message="\n".join(parts),
        severity=types.DiagnosticSeverity.Information if one.allowed else _SEVERITIES[one.severity],
        code=one.code,
        code_description=types.CodeDescription(f"{scheme}:{one.code}.md") if scheme else None,
        source="seatrial",
        related_information=related or None,
        data={"explain": f"seatrial explain {one.code}"},
    )
