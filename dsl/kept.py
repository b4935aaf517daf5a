"""What was made of an object -> the same again, for as long as the very same object is asked about.

For work that is done again and again on trees of which little changes. Invariant: an answer is only given for the
object that it was put for, which is kept alive meanwhile, so that no other can have taken its identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Remembers from one round to the next: what a whole round did not ask for is forgotten."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[object, T]] = {}
        self._now: dict[int, tuple[object, T]] = {}

    def turn(self) -> None:
        """Begin a round."""
        self._before, self._now = self._now, {}

    def get(self, of: object) -> T | None:
        key = id(of)
        found = self._now.get(key)
        if found is None:
            found = self._before.get(key)
            if found is None:
                return None
            self._now[key] = found
        return found[1]

    def each(self, of: Sequence[object]) -> list[T | None]:
        """`get` of each."""
        before, now = self._before, self._now
        out: list[T | None] = []
        for key in map(id, of):
            found = now.get(key) or before.get(key)
            if found is None:
                out.append(None)
            else:
                now[key] = found
                out.append(found[1])
        return out

    def put(self, of: object, made: T) -> None:
        self._now[id(of)] = (of, made)
