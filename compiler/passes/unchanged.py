"""A fleet that was resolved and the clauses of the next one -> what of the model is the same.

Invariant: a clause that is the same object, that resolved without a word and stands among the same names comes to the
same part of the model, whatever else changed; so that part is kept as the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import is_
from typing import Any, TypeVar, cast

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.kept import Rows

from ..model import Fleet
from .symbols import Symbols, collect

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    """The names of a fleet, and its sound clauses by their slots."""

    symbols: Symbols
    sound: Mapping[str, list[Clause]]

    def of(self, slot: str) -> list[Clause]:
        return self.sound.get(slot, [])

    def with_other(self, pairs: Sequence[tuple[Clause, Clause]]) -> Named:
        """With other clauses, by pairs of one of the last fleet and one of the next that `_is_like` it."""
        last, sound = self.symbols, dict(self.sound)
        symbols = Symbols(dict(last.parties), last.nodes, last.queues)
        for was, now in pairs:
            slot = now.form.slot
            sound[slot] = [now if one is was else one for one in sound[slot]]
            if slot != "call":
                symbols.parties[now.values["name"].text] = (slot, now.values["name"].span)
        return Named(symbols, sound)


def named_anew(fleet: Clause, found: list[Diagnostic]) -> Named:
    sound: dict[str, list[Clause]] = {}
    for child in fleet.children:
        if child.sound:
            sound.setdefault(child.form.slot, []).append(child)
    return Named(collect(fleet, found), sound)


def _is_like(was: Clause, now: Clause) -> bool:
    """Whether it is a clause of the same kind that says the same names: then no other can mind the difference."""
    return was.form is now.form and was.sound and now.sound and _names(was) is not None and _names(was) == _names(now)


def _names(clause: Clause) -> tuple[str, ...] | None:
    """What it declares, and what it says of who calls whom; None for clauses of which more is asked."""
    match clause.form.slot:
        case "demand":
            return (clause.values["name"].text,)
        case "pool":
            return (clause.values["name"].text, *[one.values["demand"].text for one in clause.all("serves")])
        case "call":
            return (clause.values["caller"].text, clause.values["callee"].text)
    return None


class Unchanged:
    """Keeps what the clauses of the last fleet came to. A new one knows nothing, and so changes nothing."""

    def __init__(self) -> None:
        self._made: Rows[tuple[object]] = Rows()
        self._among: tuple[object, ...] = ()
        self._fleet: Fleet | None = None
        self._clause: Clause | None = None
        self._named: Named | None = None
        """None where something is told of its names, which must be told again."""

    def named(self, fleet: Clause) -> Named | None:
        """The names of a fleet, where they are those of the last one and nothing was to be told of them."""
        if self._named is None or self._clause is None or not fleet.sound:
            return None
        before, now = self._clause.children, fleet.children
        if len(before) != len(now):
            return None
        pairs = [(before[at], now[at]) for at, same in enumerate(map(is_, before, now)) if not same]
        return self._named.with_other(pairs) if all(_is_like(was, one) for was, one in pairs) else None

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
        known = self._made.each(clauses)
        out = [cast(T, None if made is None else made[0]) for made in known]
        for at in [at for at, made in enumerate(known) if made is None]:
            before = len(found)
            out[at] = make(clauses[at])
            if len(found) == before:
                known[at] = (out[at],)
        return out

    def take(self, other: Unchanged, fleet: Fleet, clause: Clause, named: Named | None) -> Fleet:
        """Goes on with what is known among other names, and a fleet that resolved: with the last one's objects in the
        place of equal ones. A text that does not resolve is no reason to forget the one before it."""
        self._made, self._among = other._made, other._among
        self._clause, self._named = clause, named
        before, self._fleet = self._fleet, fleet
        if before is not None:
            pairs = ((one.name, getattr(before, one.name), getattr(fleet, one.name)) for one in fields(Fleet))
            same: dict[str, Any] = {name: was for name, was, now in pairs if was is not now and was == now}
            self._fleet = replace(fleet, **same)
        return self._fleet
