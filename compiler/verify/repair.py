"""A refuted guarantee and its core -> the nearest values of single literals that mend it, checked.

Invariant: with an offered value the guarantee is proved and no other finding is worse than before; the value one step
nearer to the present one (`literal.Scale`) does not prove it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ..model import Fleet
from .expression import Leaf
from .finding import Repair, Status
from .literal import Scale, scale
from .obligation import Obligation
from .parts import Parts
from .rebuild import Path, is_sound, with_value

Touched = frozenset[str] | None
"""The parts of the fleet that a change may touch, or None for all."""

FARTHEST = 1000
"""A literal is changed by at most this factor: what is farther away is no repair of this spec."""
_ONE_BY_ONE = 4
_RANK = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}


@dataclass(frozen=True, slots=True)
class Bench:
    """What a repair is tried on: the fleet, how to judge the one guarantee, and how to judge all."""

    parts: Parts
    one: Callable[[Fleet, Touched], Obligation | None]
    """The obligation to mend, as it is in another fleet; None where it is not there."""
    everything: Callable[[Fleet, Touched], dict[str, Status]]
    """The status of each guarantee that the change may have changed, by id."""
    before: dict[str, Status]

    @property
    def fleet(self) -> Fleet:
        return self.parts.fleet

    def paths(self, leaf: Leaf) -> list[Path]:
        return self.parts.places.get(leaf.stated.span, [])


def repairs(bench: Bench, id: str, core: tuple[Leaf, ...]) -> tuple[Repair, ...]:
    """Each literal of the core changed alone, the least relative change first."""
    found: list[Repair] = []
    met = set()
    for leaf in core:
        if not leaf.stated.written or leaf.trial or leaf.stated.span in met:
            continue
        met.add(leaf.stated.span)
        steps, paths = scale(leaf.stated), bench.paths(leaf)
        if steps is None or not paths:
            continue
        for direction in (-1, 1):
            value = _nearest(bench, leaf, paths, steps, direction)
            touched = bench.parts.touched(paths)
            if value is not None and mends(bench, id, with_value(bench.fleet, paths, value), touched):
                found.append(_repair(leaf, steps, value))
    return tuple(sorted(found, key=lambda one: (one.change, one.span.start, one.new)))


def _nearest(bench: Bench, leaf: Leaf, paths: list[Path], steps: Scale, direction: int) -> Fraction | None:
    """The first value in this direction that proves the guarantee: one by one at first, then in doubling strides."""

    def proves(count: int) -> bool | None:
        value = steps.value(direction * count)
        if value is None or _too_far(leaf, steps, value):
            return None
        fleet = with_value(bench.fleet, paths, value)
        if not is_sound(fleet if touched is None else bench.parts.alone(fleet, touched)):
            return False
        one = bench.one(fleet, touched)
        if count == 1 and one is not None:
            first.append(_slack(one))
        return one is not None and one.status is Status.PROVED

    touched = bench.parts.touched(paths)
    first: list[Fraction] = []
    present = bench.one(bench.fleet, touched)
    failing, count = 0, 1
    while (good := proves(count)) is False:
        if count == 1 and first and present is not None and first[0] < _slack(present):
            # A step that makes it worse is a step the wrong way.
            return None
        failing = count
        count = count + 1 if count < _ONE_BY_ONE else count * 2
    if good is None:
        # The stride may have leapt over the end of the range: look at the last value inside it.
        inside, outside = failing, count
        while outside - inside > 1:
            middle = (inside + outside) // 2
            inside, outside = (inside, middle) if proves(middle) is None else (middle, outside)
        if inside == failing or not proves(inside):
            return None
        count = inside
    while count - failing > 1:
        middle = (failing + count) // 2
        failing, count = (failing, middle) if proves(middle) else (middle, count)
    return steps.value(direction * count)


def _slack(obligation: Obligation) -> Fraction:
    return min((one.relation.slack for one in obligation.must if not one.holds), default=Fraction(0))


def _too_far(leaf: Leaf, steps: Scale, value: Fraction) -> bool:
    number, moved = steps.number, value / steps.unit
    if moved == 0:
        return not leaf.may_be_zero
    return moved > FARTHEST if number == 0 else moved / number > FARTHEST or number / moved > FARTHEST


def mends(bench: Bench, id: str, fleet: Fleet, touched: Touched) -> bool:
    """Whether the guarantee is proved in that fleet and no other finding is worse than before.

    What the change cannot touch is as it was.
    """
    after = bench.everything(fleet, touched)
    if after.get(id) is not Status.PROVED:
        return False
    return all(_RANK[status] >= _RANK[bench.before.get(other, Status.PROVED)] for other, status in after.items())


def _repair(leaf: Leaf, steps: Scale, value: Fraction) -> Repair:
    old, new = leaf.stated.span.text, steps.text(value)
    present = Fraction(leaf.stated.value)
    verb = "raise" if value > present else "lower"
    text = f"it would hold with the {leaf.name} at {new}" if leaf.assumption else f"{verb} the {leaf.name} to {new}"
    change = abs(value - present) / abs(present) if present else Fraction(1)
    return Repair(leaf.stated.span, old, new, text, change)
