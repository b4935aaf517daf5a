"""A fleet that was resolved and the clauses of the next one -> what of the model is the same.

Invariant: a clause that is the same object, that resolved without a word and stands among the same names comes to the
same part of the model, whatever else changed; so that part is kept as the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.kept import Kept

from ..model import Fleet
from .symbols import Symbols

T = TypeVar("T")


class Unchanged:
    """Keeps what the clauses of the last fleet came to. A new one knows nothing, and so changes nothing."""

    def __init__(self) -> None:
        self._made: Kept[tuple[object]] = Kept()
        self._among: tuple[object, ...] = ()
        self._fleet: Fleet | None = None

    def among(self, symbols: Symbols, assets: Mapping[str, str]) -> Unchanged:
        """What is known of fleets that declare these names, and whose recorded traces have these texts."""
        kinds = {name: kind for name, (kind, _) in symbols.parties.items()}
        among = (kinds, [*symbols.nodes], [*symbols.queues], dict(assets))
        if among != self._among:
            other = Unchanged()
            other._among = among
            return other
        self._made.turn()
        return self

    def each(self, clauses: Sequence[Clause], make: Callable[[Clause], T], found: list[Diagnostic]) -> list[T]:
        """What `make` makes of each clause, which looks at it and at names, and reports in `found`."""
        out: list[T] = []
        for clause, kept in zip(clauses, self._made.each(clauses), strict=True):
            if kept is not None:
                out.append(cast(T, kept[0]))
                continue
            before = len(found)
            out.append(make(clause))
            if len(found) == before:
                self._made.put(clause, (out[-1],))
        return out

    def take(self, other: Unchanged, fleet: Fleet) -> Fleet:
        """Goes on with what is known among other names, and a fleet that resolved: with the last one's objects in the
        place of equal ones. A text that does not resolve is no reason to forget the one before it."""
        self._made, self._among = other._made, other._among
        before, self._fleet = self._fleet, fleet
        if before is not None:
            pairs = ((one.name, getattr(before, one.name), getattr(fleet, one.name)) for one in fields(Fleet))
            same: dict[str, Any] = {name: was for name, was, now in pairs if was is not now and was == now}
            self._fleet = replace(fleet, **same)
        return self._fleet
