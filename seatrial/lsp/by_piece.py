"""Snapshots of a text, one after the other -> what was made of each of their pieces, kept as long as the piece is.

Invariant: behind a change inside one block only the pieces in it are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from seatrial.dsl.incremental import Placed, Snapshot

T = TypeVar("T")


class ByPiece(Generic[T]):
    def __init__(self) -> None:
        self._made: dict[int, T] = {}
        self._last: Snapshot | None = None
        self.gone: list[T] | None = None
        """What was made of the pieces that the last change took away; None where all pieces were looked at."""

    def follow(self, snapshot: Snapshot, make: Callable[[Placed], T], holds: Callable[[Placed, T], bool]) -> list[T]:
        """Takes the next snapshot: what was made of a piece that is still there stays, where it holds among the others.
        Within a change it does. Answers with what is new."""
        change, before, last = snapshot.change, self._made, self._last
        new: list[T] = []
        if change is not None and last is not None and change.since == last.serial:
            here = snapshot.pieces[change.first : change.last]
            there = {one.piece.fragment.serial for one in here}
            gone = [one.piece.fragment.serial for one in last.pieces[change.first : change.before]]
            self.gone = [before.pop(serial) for serial in gone if serial not in there]
        else:
            here, self._made, self.gone = snapshot.pieces, {}, None
        for placed in here:
            serial = placed.piece.fragment.serial
            known = before.get(serial)
            if known is None or (self._made is not before and not holds(placed, known)):
                known = make(placed)
                new.append(known)
            self._made[serial] = known
        self._last = snapshot
        return new

    def __getitem__(self, placed: Placed) -> T:
        return self._made[placed.piece.fragment.serial]

    def __iter__(self) -> Iterator[T]:
        """In the order of the pieces."""
        pieces = self._last.pieces if self._last is not None else ()
        return (self._made[one.piece.fragment.serial] for one in pieces)
