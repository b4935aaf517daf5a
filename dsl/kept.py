"""What was made of an object -> the same again, for as long as the very same object is asked about.

For work that is done again and again on trees of which little changes. Invariant: an answer is only given for the
object that it was put for, which is kept alive meanwhile, so that no other can have taken its identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
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

    def put(self, of: object, made: T) -> None:
        self._now[id(of)] = (of, made)


class Rows(Generic[T]):
    """Likewise, for who goes through the same rows of objects in each round, of which few change: what did not is not
    even looked at one by one."""

    def __init__(self) -> None:
        self._before: list[tuple[Sequence[object], list[T | None]]] = []
        self._now: list[tuple[Sequence[object], list[T | None]]] = []

    def turn(self) -> None:
        """Begin a round."""
        self._before, self._now = self._now, []

    def each(self, of: Sequence[object]) -> list[T | None]:
        """What was made of each the last time. What is put into the list in the place of None is known next time."""
        at = len(self._now)
        before, made = self._before[at] if at < len(self._before) else ((), [])
        start = _same(before, of)
        end = min(_same(before[::-1], of[::-1]), len(of) - start, len(before) - start)
        known = {id(one): found for one, found in zip(before[start : len(before) - end], made[start:], strict=False)}
        changed = [known.get(id(one)) for one in of[start : len(of) - end]]
        found = [*made[:start], *changed, *made[len(made) - end :]]
        self._now.append((of, found))
        return found


def _same(one: Sequence[object], other: Sequence[object]) -> int:
    """How many objects are the same at the beginning of both."""
    same = [*map(is_, one, other), False]
    return same.index(False)
