"""What the judge is asked and what it says of a text, as data that goes between its process and the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .told import Place, Told, told_from


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
class Known:
    """What there is to say of the clauses at a place beyond what is wrong with them."""

    proofs: tuple[Proof, ...] = ()
    unwritten: tuple[Unwritten, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def known_from(given: Mapping[str, Any]) -> Known:
    """The inverse of `Known.as_json`."""
    return Known(
        tuple(Proof(**{**one, "at": Place(*one["at"])}) for one in given["proofs"]),
        tuple(Unwritten(**{**one, "at": Place(*one["at"])}) for one in given["unwritten"]),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """`final` False: there is more to come. `proved` False: the text was read, and nothing was proved yet."""

    final: bool
    told: tuple[Told, ...]
    proved: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"final": self.final, "told": self.told, "proved": self.proved}


def judged_from(given: Mapping[str, Any]) -> Judged:
    """The inverse of `Judged.as_json`."""
    return Judged(given["final"], tuple(told_from(one) for one in given["told"]), given["proved"])
