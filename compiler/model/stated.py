"""A value and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from seatrial.dsl.source import Span

T = TypeVar("T", covariant=True)


# As if frozen: nobody changes one. A frozen one is made twice as slowly, and 1,000 pools come to thirty thousand.
@dataclass(slots=True, unsafe_hash=True)
class Stated(Generic[T]):
    """A value and where it stands.

    `span` is the literal itself where one was written, else the clause or block that lacks it. `default` names the
    source of a value that was filled in ("" when it was written): such a value can be repaired only by writing it.
    `clause` is the text of the clause around the literal, as a person would quote it: "agents 10..120".
    """

    value: T
    span: Span
    clause: str = ""
    default: str = ""

    @property
    def written(self) -> bool:
        return not self.default
