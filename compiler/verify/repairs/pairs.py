"""Where no single literal mends a guarantee: two of them, checked as one change.

Either the one mends the guarantee and breaks another, which the second mends; or both move towards it together. The
invariant of `repair` holds: proved, nothing else worse.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from ..edits.literal import Scale
from ..edits.nature import Nature, nature
from ..edits.rebuild import Path
from ..exact.expression import Leaf, leaves
from ..finding import Repair, Status
from ..obligation import Obligation
from ..parts import Parts
from .bench import Bench, Outcome, Touched, Values, too_far
from .prediction import Prediction
from .repair import Moved, changeable, first_step, moves, nature_of, slack

MOST_PAIRS = 2
_TRIED = 4
_TOGETHER = 5
"""Literals that are moved together are taken from so many."""
_STEPS = 64
"""Both literals are moved by the same share, in so many steps up to ten times the value."""

_Open = tuple[Leaf, tuple[Path, ...], Scale]


def pairs(bench: Bench, id: str, core: tuple[Leaf, ...], broke: list[Moved]) -> list[Repair]:
    """At most a few, the ones that break another guarantee first; `broke` are those."""
    found = _with_companion(bench, id, broke)
    return found or _together(bench, id, core)


def _with_companion(bench: Bench, id: str, broke: list[Moved]) -> list[Repair]:
    found: list[Repair] = []
    for first in [one for one in broke if one.nature is Nature.POLICY][:_TRIED]:
        fleet = bench.with_values({first.paths: first.value})
        outcome = bench.tried(id, fleet, bench.touched(first.paths))
        if not outcome.proved or len(outcome.worse) != 1:
            continue
        broken = outcome.worse[0]
        there = _there(bench, Parts(fleet))
        other = there.present(broken)
        if other is None or other.broken is None:
            continue
        relation = other.broken.relation
        moved = first.leaf.stated.span
        rest = tuple(leaf for leaf in leaves((relation.need, relation.have)) if leaf.stated.span != moved)
        for second in sorted(
            moves(there, broken, rest, (Nature.POLICY, Nature.PROMISE)),
            key=lambda one: (one.nature is not Nature.POLICY, one.change),
        )[:_TRIED]:
            both: Values = {first.paths: first.value, second.paths: second.value}
            together = bench.tried(id, bench.with_values(both), _touched(bench, both))
            if together.is_repair:
                found.append(_pair(first, second, together))
                break
        if len(found) >= MOST_PAIRS:
            break
    return found


def _there(bench: Bench, parts: Parts) -> Bench:
    return replace(bench, parts=parts, present=lambda id: bench.one(id, parts.fleet, None, False))


def _together(bench: Bench, id: str, core: tuple[Leaf, ...]) -> list[Repair]:
    """Two decisions moved by the same share, then each taken back as far as it can be."""
    present = bench.present(id)
    if present is None or present.broken is None:
        return []
    relation = present.broken.relation
    # The smallest clash may be one of several: where 119 of 100 are too many, the 113 besides are not in it.
    wider = dict.fromkeys((*core, *leaves((relation.need, relation.have))))
    open_ = [
        one
        for one in changeable(bench, present, tuple(wider))
        if nature(one[1][0], assumption=one[0].assumption) is Nature.POLICY
    ]
    directions = [(one, _direction(bench, id, present, one)) for one in open_[:_TOGETHER]]
    helpful = [
        (one, direction)
        for one, direction in directions
        if direction and nature_of(one[0], one[1][0], direction) is Nature.POLICY
    ]
    for (one, up), (other, upwards) in list(combinations(helpful, 2))[: 2 * _TRIED]:
        pair = _moved(bench, id, present, ((one, up), (other, upwards)))
        if pair is not None:
            return [pair]
    return []


def _direction(bench: Bench, id: str, present: Obligation, one: _Open) -> int:
    """Where a step makes it less bad; 0: nowhere."""
    leaf, paths, steps = one
    now = slack(present)
    for direction in (-1, 1):
        moved = steps.value(direction)
        if moved is None or too_far(leaf, steps, moved):
            continue
        there = bench.one_with(id, {paths: moved}, bench.touched(paths), proving=False)
        if there is not None and slack(there) > now:
            return direction
    return 0


def _moved(
    bench: Bench, id: str, present: Obligation, pair: tuple[tuple[_Open, int], tuple[_Open, int]]
) -> Repair | None:
    touched = _touched(bench, {one[1]: Fraction(0) for one, _ in pair})
    prediction = Prediction(present, frozenset(one[0].stated.span for one, _ in pair))
    if prediction.hopeless:
        return None

    def proves(values: tuple[Fraction | None, ...]) -> bool | None:
        given: dict[tuple[Path, ...], Fraction] = {}
        for ((leaf, paths, steps), _), value in zip(pair, values, strict=True):
            if value is None or too_far(leaf, steps, value):
                return None
            given[paths] = value
        if not prediction.holds({one[0].stated.span: given[one[1]] for one, _ in pair}):
            return False
        there = bench.one_with(id, given, touched, proving=True)
        return there is not None and there.status is Status.PROVED

    def at(count: int) -> tuple[Fraction | None, ...]:
        factor = 1 + Fraction(9 * count, _STEPS)
        return tuple(_near(steps, factor, direction) for (_, _, steps), direction in pair)

    count = first_step(lambda count: proves(at(count)) if count <= _STEPS else None, 0)
    if count is None:
        return None
    values = list(at(count))
    for place, ((_, _, steps), direction) in enumerate(pair):
        # Taken back: the first step of this one that does it with the other where it is.
        def alone(back: int, place: int = place, steps: Scale = steps, direction: int = direction) -> bool | None:
            tried = list(values)
            tried[place] = steps.value(direction * back)
            return proves(tuple(tried))

        least = first_step(alone, 0)
        if least is not None:
            values[place] = steps.value(direction * least)
    if bench.steps.stopped:
        return None
    found = []
    for ((leaf, paths, steps), _), value in zip(pair, values, strict=True):
        if value is None or value == leaf.stated.value:
            return None
        places = bench.written(leaf), bench.at(leaf.stated.span)
        found.append(Moved(leaf, paths, steps, value, value, Nature.POLICY, *places))
    both = {one.paths: one.value for one in found}
    outcome = bench.tried(id, bench.with_values(both), touched)
    return _pair(found[0], found[1], outcome) if outcome.is_repair else None


def _near(steps: Scale, factor: Fraction, direction: int) -> Fraction | None:
    """A value on the literal's grid at about this many times, or parts, of the present one."""
    aim = steps.number * factor if direction > 0 else steps.number / factor

    def reached(count: int) -> bool | None:
        value = steps.value(direction * count)
        if value is None:
            return None
        return value / steps.unit >= aim if direction > 0 else value / steps.unit <= aim

    count = first_step(reached, 0)
    return None if count is None else steps.value(direction * count)


def _touched(bench: Bench, values: Values) -> Touched:
    return bench.touched([path for paths in values for path in paths])


def _pair(first: Moved, second: Moved, outcome: Outcome) -> Repair:
    worst = Nature.PROMISE if Nature.PROMISE in (first.nature, second.nature) else Nature.POLICY
    said = f"{first.said} and {second.said}"
    return Repair((first.edit, second.edit), said, first.change + second.change, worst, outcome.mended, outcome.settled)
