"""What a form is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..phrases import opening


class Times(Enum):
    ONCE = "once"
    MAYBE = "at most once"
    SOME = "at least once"
    MANY = "any number of times"


@dataclass(frozen=True, slots=True)
class Form:
    """One clause. `slot` groups forms of which a block may hold only one (steady/trace are two slots, break is one)."""

    key: str
    phrase: str
    doc: str
    times: Times = Times.MAYBE
    body: tuple[Form, ...] = ()
    opening: str = field(init=False, compare=False, repr=False)
    """The word by which a statement is recognised as this clause."""
    slot: str = field(init=False, compare=False, repr=False)
    """Forms of one slot are alternatives: `break below …` and `break after …`."""
    by_opening: Mapping[str, tuple[Form, ...]] = field(init=False, compare=False, repr=False)
    """The forms of the body by their opening words."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "opening", opening(self.phrase))
        object.__setattr__(self, "slot", self.key.split(":")[0])
        found: dict[str, tuple[Form, ...]] = {}
        for inner in self.body:
            found[inner.opening] = (*found.get(inner.opening, ()), inner)
        object.__setattr__(self, "by_opening", found)


def form(key: str, phrase: str, doc: str, times: Times = Times.MAYBE, body: tuple[Form, ...] = ()) -> Form:
    return Form(key, phrase, doc, times, body)
