"""What repairs are tried on: a fleet, other values for some of its literals, and how to judge what comes of it.

Invariant: a fleet that the resolver would refuse is judged as one that mends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.source import Span

from ...model import Fleet
from ..edits.literal import Scale
from ..edits.rebuild import Path, is_sound, with_value
from ..exact.expression import Leaf
from ..finding import Status
from ..obligation import Judged, Obligation
from ..parts import Parts
from ..standing import is_worse

Touched = frozenset[str] | None
"""The parts of the fleet that a change may touch, or None for all."""
_UP_TO_A_NAME = re.compile(r"[ \t]*\.\.[ \t]*\$[A-Za-z_][A-Za-z0-9_-]*")

Values = Mapping[tuple[Path, ...], Fraction]
"""Other values, each for all places at which one literal is used."""

Place = Callable[[Span], Span]
"""A span of a piece of a text -> the same in the whole text."""


def as_it_stands(span: Span) -> Span:
    """For texts that were read as a whole."""
    return span


FARTHEST = 1000
"""A literal is changed by at most this factor: what is farther away is no repair of this spec."""
MOST_STEPS = 200_000
"""Some seconds of work; a spec of a dozen pools takes less than 10,000."""
_LEAST = 20
"""Clauses that looking at the smallest fleet is worth."""
_OF_ALL = Fraction(1, 4)
"""Of what looks at the whole fleet most only adds up; of what looks at one part next to all of the rest is skipped."""
_OF_THE_REST = Fraction(1, 30)
_ANEW = {"nodes": 10}
"""Kinds of guarantees that look at every pool anew whatever changed, and how much longer than others at each."""
_FAMILIES = 20
"""So many times one guarantee is the whole of them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`worse`, `mended` and `settled` are ids: what is worse than before, what was refuted and is proved, and what was
    unknown and is proved."""

    proved: bool
    worse: tuple[str, ...]
    mended: tuple[str, ...]
    settled: tuple[str, ...] = ()
    gone: bool = False
    """Nobody asks for the guarantee any more."""

    @property
    def is_repair(self) -> bool:
        return self.proved and not self.worse


class Steps:
    """How much looking for repairs may do in one check, in clauses looked at anew: a bound that is the same everywhere.

    What is left is shared evenly by the guarantees that are still to be mended; of each one's share a half is for
    looking at that guarantee alone, and a half for trying what was found on the whole fleet.
    """

    def __init__(self, left: int) -> None:
        self._left = left
        self._looking = self._trying = left // 2
        self.stopped = False
        """Whether something was not done, for the guarantee at hand."""

    def share(self, guarantees: int) -> None:
        """Begin with the first of so many guarantees."""
        self._looking = self._trying = self._left // max(1, guarantees) // 2
        self.stopped = False

    def look(self, clauses: int) -> bool:
        self._looking -= clauses
        return self._spent(clauses, self._looking)

    def try_(self, clauses: int) -> bool:
        self._trying -= clauses
        return self._spent(clauses, self._trying)

    def _spent(self, clauses: int, left: int) -> bool:
        """Whether it may be done; what may not costs nothing."""
        if left < 0:
            self.stopped = True
            return False
        self._left -= clauses
        return True


@dataclass(frozen=True, slots=True)
class Bench:
    parts: Parts
    one: Callable[[str, Fleet, Touched, bool], Obligation | None]
    """One obligation by its id, as it is in another fleet; None where it is not there. With True it is only asked
    whether it is proved."""
    everything: Callable[[Fleet, Touched], Mapping[str, Judged]]
    """Each guarantee that the change may have changed, by id."""
    before: Mapping[str, Judged]
    """Each guarantee as it is now, by id."""
    present: Callable[[str], Obligation | None]
    """One obligation as it is now, or in the fleet that another change is tried on."""
    steps: Steps
    place: Place = as_it_stands

    @property
    def fleet(self) -> Fleet:
        return self.parts.fleet

    def paths(self, leaf: Leaf) -> list[Path]:
        """Where the literal is used; of a range that nothing scales its upper end is changed with the lower one."""
        found = self.parts.places.of(leaf.stated.span)
        return found if self.written(leaf) == leaf.stated.span else [*found, *(_upper(path) for path in found)]

    def written(self, leaf: Leaf) -> Span:
        """What is replaced for another value: the literal, or the range that stays at it."""
        literal = leaf.stated.span
        found = self.parts.places.of(literal)
        if not found or any(path[0] != "pools" or path[-1] != "agents_min" for path in found):
            return literal
        pools = [self.fleet.pools[int(path[1])] for path in found]
        upper = pools[0].agents_max.span
        if any(pool.scaling is not None or pool.agents_max.span != upper for pool in pools):
            return literal
        between = literal.source.text[literal.end : upper.start] if upper.source is literal.source else ""
        if between.strip() == "..":
            return literal.to(upper)
        named = _UP_TO_A_NAME.match(literal.source.text, literal.end)
        return Span(literal.source, literal.start, named.end()) if named is not None else literal

    def at(self, span: Span) -> tuple[str, int]:
        """Where it stands, for the order of what is otherwise equal."""
        placed = self.place(span)
        return placed.source.path, placed.start

    def touched(self, paths: Iterable[Path]) -> Touched:
        return self.parts.touched(paths)

    def with_values(self, values: Values) -> Fleet:
        fleet = self.fleet
        for paths, value in values.items():
            fleet = with_value(fleet, list(paths), value)
        return fleet

    def one_with(self, id: str, values: Values, touched: Touched, *, proving: bool) -> Obligation | None:
        """None also where the resolver would not take such values, or where the steps are used up."""
        if not self.steps.look(_ANEW.get(id.partition("/")[0], 0) * self.parts.clauses + self._clauses(touched)):
            return None
        fleet = self.with_values(values)
        if not is_sound(fleet if touched is None else self.parts.alone(fleet, touched)):
            return None
        return self.one(id, fleet, touched, proving)

    def tried(self, id: str, fleet: Fleet, touched: Touched) -> Outcome:
        """What becomes of the guarantee and of all others in that fleet; what the change cannot touch is as it was.

        Where the steps are used up it is nothing.
        """
        if not self.steps.try_(_FAMILIES * self._clauses(touched)):
            return Outcome(False, (), ())
        after = self.everything(fleet, touched)
        worse = tuple(other for other, one in after.items() if is_worse(self.before.get(other), one))
        mended, settled = (
            tuple(other for other, one in after.items() if one.status is Status.PROVED and self.status(other) is was)
            for was in (Status.REFUTED, Status.UNKNOWN)
        )
        proved = id in after and after[id].status is Status.PROVED
        return Outcome(proved, worse, mended, settled, id not in after)

    def status(self, id: str) -> Status | None:
        """As it stands; None where nobody asks for it."""
        before = self.before.get(id)
        return None if before is None else before.status

    def _clauses(self, touched: Touched) -> int:
        """What looking at one guarantee anew is worth."""
        if touched is None:
            return _LEAST + int(self.parts.clauses * _OF_ALL)
        return _LEAST + self.parts.clauses_of(touched) + int(self.parts.clauses * _OF_THE_REST)


def _upper(path: Path) -> Path:
    return (*path[:-1], "agents_max")


def too_far(leaf: Leaf, steps: Scale, value: Fraction) -> bool:
    number, moved = steps.number, value / steps.unit
    if moved == 0:
        return not leaf.may_be_zero
    return moved > FARTHEST if number == 0 else moved / number > FARTHEST or number / moved > FARTHEST
