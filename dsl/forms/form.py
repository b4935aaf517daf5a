"""What a form is."""

from __future__ import annotations

from dataclasses import dataclass
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

    @property
    def opening(self) -> str:
        return opening(self.phrase)

    @property
    def slot(self) -> str:
        """Forms of one slot are alternatives: `break below …` and `break after …`."""
        return self.key.split(":")[0]


def form(key: str, phrase: str, doc: str, times: Times = Times.MAYBE, body: tuple[Form, ...] = ()) -> Form:
    return Form(key, phrase, doc, times, body)
