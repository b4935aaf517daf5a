"""What the judge is asked and what it says of a text, as data that goes between its process and the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .told import Place, Told, from_json


@dataclass(frozen=True, slots=True)
class Question:
    """`path` and `text` are the spec's; `open` are other files as they stand in the editor, by their full paths.

    `shown` is the path of the file that the answer is about, where that is not the spec's own but one that it uses.
    `environment` is laid over where the spec declares it.
    """

    path: str
    text: str
    open: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the checker found for one guarantee, at the clause that states or implies it."""

    at: Place
    id: str
    claim: str
    status: str
    told: str
    """The margin, the witness or the reason."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A value that holds at a clause though nobody wrote it."""

    at: Place
    written: str
    source: str


@dataclass(frozen=True, slots=True)
class Judged:
    """`final` False: the text was read, and nothing was proved yet."""

    final: bool
    told: tuple[Told, ...]
    proofs: tuple[Proof, ...] = ()
    unwritten: tuple[Unwritten, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Proofs and values as rows: there are thousands of a large spec, and an editor waits for them."""
        return {
            "final": self.final,
            "told": [asdict(one) for one in self.told],
            "proofs": [(_row(one.at), one.id, one.claim, one.status, one.told) for one in self.proofs],
            "unwritten": [(_row(one.at), one.written, one.source) for one in self.unwritten],
        }


def _row(at: Place) -> tuple[int, int, str]:
    return (at.start, at.end, at.path)


def judged_from(given: Mapping[str, Any]) -> Judged:
    """The inverse of `Judged.as_json`."""
    return Judged(
        given["final"],
        tuple(from_json(one) for one in given["told"]),
        tuple(Proof(Place(*at), *said) for at, *said in given["proofs"]),
        tuple(Unwritten(Place(*at), *said) for at, *said in given["unwritten"]),
    )
