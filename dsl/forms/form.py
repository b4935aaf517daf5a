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
    EACH = "once of each"
    MANY = "any number of times"


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One clause, which is itself and equal to no other. `slot` groups forms of which a block may hold only one (steady/trace are two slots, break is one). `some`: groups of slots of which the block says at least one each."""

    key: str
    phrase: str
    doc: str
    times: Times = Times.MAYBE
    body: tuple[Form, ...] = ()
    some: tuple[tuple[str, ...], ...] = ()
    opening: str = field(init=False, repr=False)
    """The word by which a statement is recognised as this clause."""
    slot: str = field(init=False, repr=False)
    """Forms of one slot are alternatives: `break below …` and `break after …`."""
    by_opening: Mapping[str, tuple[Form, ...]] = field(init=False, repr=False)
    """The forms of the body by their opening words."""
    demanded: tuple[Form, ...] = field(init=False, repr=False)
    """The forms of the body that must be said."""
    is_single: bool = field(init=False, repr=False)
    """Whether it may be said but once."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "opening", opening(self.phrase))
        object.__setattr__(self, "slot", self.key.split(":")[0])
        found: dict[str, tuple[Form, ...]] = {}
        for inner in self.body:
            found[inner.opening] = (*found.get(inner.opening, ()), inner)
        object.__setattr__(self, "by_opening", found)
        object.__setattr__(
            self, "demanded", tuple(inner for inner in self.body if inner.times in (Times.ONCE, Times.SOME))
        )
        object.__setattr__(self, "is_single", self.times in (Times.ONCE, Times.MAYBE))


def form(
    key: str,
    phrase: str,
    doc: str,
    times: Times = Times.MAYBE,
    body: tuple[Form, ...] = (),
    some: tuple[tuple[str, ...], ...] = (),
) -> Form:
    return Form(key, phrase, doc, times, body, some)
