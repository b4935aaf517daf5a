"""A fleet -> every guarantee that it states or implies as decided by the fast checks; and those of a fleet that differs
little, from what is the same in both.

Invariant: `decided.again(fleet)` comes to what `decide(fleet)` comes to: what is not looked at again reads nothing that
changed. A change within one pool, call or demand costs what hangs together with it by calls, and sums over the fleet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from seatrial.dsl.kept import Kept

from ..model import Fleet
from .exact.core import Core
from .finding import Status
from .flows.analysis import Analysis
from .obligation import Judged
from .obligations import FAMILIES, LOCAL, READS, Family
from .parts import Parts

_BY_ID = attrgetter("id")

Ids = Mapping[Family, frozenset[str]]

Watch = Callable[[str, int, int], None]
"""Is told what is being worked on, how many of its kind are done, and how many there are."""


def unwatched(what: str, done: int, of: int) -> None:
    """For those who do not look on."""


@dataclass(frozen=True, slots=True)
class Decided:
    """`families` are in the order of `FAMILIES`, what is judged in one in the order of ids."""

    parts: Parts
    analysis: Analysis
    families: Mapping[Family, tuple[Judged, ...]]
    cores: Kept[Core] = field(default_factory=Kept)
    """What the solver said of those that are refuted."""
    latest: tuple[frozenset[str], Ids] | None = None
    """The parts that the last change was in, and the ids of what local families say of them."""

    @property
    def fleet(self) -> Fleet:
        return self.parts.fleet

    def __iter__(self) -> Iterator[tuple[Family, Judged]]:
        for family, judged in self.families.items():
            for one in judged:
                yield family, one

    @property
    def statuses(self) -> dict[str, Status]:
        return {one.id: one.status for judged in self.families.values() for one in judged}

    def again(self, fleet: Fleet) -> Decided:
        """The guarantees of another fleet, in which what did not change is the same object as in this one."""
        touched = self.parts.touched_by(fleet)
        if touched is None:
            return decide(fleet)
        changed = self.parts.changed(fleet)
        if not changed:
            return self
        gone, here = self._about(touched), dict[Family, frozenset[str]]()
        parts = self.parts.with_literals(fleet)
        alone = Analysis(parts.alone(fleet, touched))
        whole = Analysis(fleet, wanted(parts, touched))
        whole.adopt(self.analysis, parts.inside(touched))
        local = {family: family(alone) for family in self.families if family in LOCAL}
        whole.take(alone)
        families: dict[Family, tuple[Judged, ...]] = {}
        for family, judged in self.families.items():
            if family in LOCAL:
                made = local[family]
                here[family] = frozenset(one.id for one in made)
                families[family] = _with(judged, made, gone[family])
            elif family in READS and not changed & READS[family]:
                families[family] = judged
            else:
                kept = [one for one in judged if not whole.wants(one.id)]
                families[family] = _in_order([*kept, *(one for one in family(whole) if whole.wants(one.id))])
        return Decided(parts, whole, families, self.cores, (touched, here))

    def _about(self, parts: frozenset[str]) -> Ids:
        if self.latest is not None and self.latest[0] == parts:
            return self.latest[1]
        alone = Analysis(self.parts.alone(self.fleet, parts))
        return {family: frozenset(one.id for one in family(alone)) for family in LOCAL}


def decide(fleet: Fleet, watch: Watch = unwatched) -> Decided:
    analysis = Analysis(fleet)
    families: dict[Family, tuple[Judged, ...]] = {}
    for at, family in enumerate(FAMILIES):
        watch(f"deciding {family.__name__.replace('_', ' ')}", at, len(FAMILIES))
        families[family] = _in_order(family(analysis))
    return Decided(Parts(fleet), analysis, families)


def wanted(parts: Parts, touched: frozenset[str]) -> Callable[[str], bool]:
    """Which guarantees about the whole fleet a change within some parts may have changed, by their ids: all but the
    success of the demands that `Parts.demands` leaves out."""
    succeeds = tuple(f"success/{name}" for name in parts.demands(touched))

    def wants(id: str) -> bool:
        return not id.startswith("success/") or id in succeeds or id.startswith(tuple(f"{one}/" for one in succeeds))

    return wants


def _with(judged: tuple[Judged, ...], made: Sequence[Judged], gone: frozenset[str]) -> tuple[Judged, ...]:
    """What was judged, in order, with what was made in the place of what is gone."""
    named = {one.id: one for one in made}
    if named.keys() != gone or len(named) < len(made):
        return _in_order([*(one for one in judged if one.id not in gone), *made])
    if not named:
        return judged
    found = list(judged)
    for id, one in named.items():
        found[bisect_left(found, id, key=_BY_ID)] = one
    return tuple(found)


def _in_order(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    return tuple(sorted(judged, key=_BY_ID))
