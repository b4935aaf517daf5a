"""What reuse made of a statement -> the very same again, while all that it was made of is the same.

For an editor, where a text is composed at each key that is pressed. Invariant: what comes out is equal to what comes
out without; work in which something was reported is not remembered, and so is reported again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..kept import Rows
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
        self._works: dict[str | None, Rows[Work]] = {}
        self._shared: tuple[tuple[Statement, ...], list[Work | None]] = ((), [])
        """The statements of this text, and their work without an environment."""

    def turn(self) -> None:
        """Begin a text."""
        self.plain.turn()
        self._shared = ((), [])
        for rows in self._works.values():
            rows.turn()

    def works(self, of: tuple[Statement, ...], environment: str | None) -> tuple[list[Work | None], list[Work | None]]:
        """For each what may still hold: its work in this environment, which is put there where there is none, and that
        without one."""
        own = self._works.setdefault(environment, Rows()).each(of)
        if environment is None:
            self._shared = (of, own)
        there, shared = self._shared
        return own, shared if there is of else own
