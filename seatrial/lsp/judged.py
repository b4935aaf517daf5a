"""What the judge says of a text, as data that goes from its process to the editor's server and back out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .told import Place, Told, from_json


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
        return asdict(self)


def judged_from(given: Mapping[str, Any]) -> Judged:
    """The inverse of `Judged.as_json`."""
    return Judged(
        given["final"],
        tuple(from_json(one) for one in given["told"]),
        tuple(Proof(**{**one, "at": Place(**one["at"])}) for one in given["proofs"]),
        tuple(Unwritten(**{**one, "at": Place(**one["at"])}) for one in given["unwritten"]),
    )
