"""What reuse made of a statement -> the very same again, while all that it was made of is the same.

For an editor, where a text is composed at each key that is pressed. Invariant: what comes out is equal to what comes
out without; work in which something was reported is not remembered, and so is reported again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..kept import Kept, Rows
from ..source import Span
from ..syntax import Item, Statement


@dataclass(frozen=True, slots=True)
class Work:
    """`values` and `templates` are those that were asked for, `lets` all that were known; the rest is what it added to
    what a text may come to."""

    made: tuple[Statement, ...]
    lets: frozenset[str]
    values: Mapping[str, tuple[Item, ...]]
    templates: Mapping[str, Statement]
    uses: Mapping[str, list[Span]]
    size: int
    rounds: int
    laid: int


class Remembered:
    """The work of the last texts, that under an environment apart where it differs."""

    def __init__(self) -> None:
        self.plain: Rows[bool] = Rows()
        """Of statements whether nothing in them is to be worked off."""
        self._plain: Kept[Work] = Kept()
        self._under: dict[str, Kept[Work]] = {}

    def turn(self) -> None:
        """Begin a text."""
        self.plain.turn()
        for kept in (self._plain, *self._under.values()):
            kept.turn()

    def get(self, of: Statement, environment: str | None) -> tuple[Work, ...]:
        """What may still hold."""
        own = self._under.get(environment or "")
        found = (own.get(of) if own is not None else None, self._plain.get(of))
        return tuple(one for one in found if one is not None)

    def put(self, of: Statement, environment: str | None, work: Work) -> None:
        kept = self._plain if environment is None else self._under.setdefault(environment, Kept())
        kept.put(of, work)
