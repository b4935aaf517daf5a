"""A refuted guarantee and its core -> the nearest values of single literals, or of two, that mend it, checked.

Invariant: with an offered value the guarantee is proved and no other finding is worse than before; half of the change
does not do it. Values are rounded outwards where that costs little, since nobody writes 311 ms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from seatrial.dsl.source import Span

from ..edits.counted import with_its_word, words_of_uses
from ..edits.literal import Grid, Scale, scale
from ..edits.nature import Nature, nature
from ..edits.rebuild import Path
from ..exact.expression import Apply, Leaf, Operator, value
from ..finding import WOULD_HOLD, Edit, Repair, Status
from ..obligation import Obligation
from ..words import listed
from .bench import Bench, Touched, too_far
from .prediction import Prediction

MOST = {Nature.POLICY: 4, Nature.WORLD: 2, Nature.PROMISE: 1}
"""So many repairs of each nature are looked for: nobody reads more, and each is tried on the whole fleet."""
MOST_TRIED = 12
MOST_LITERALS = 24
"""Of a clash of hundreds of literals those of the largest parts of the sum are looked at."""
_ORDER = list(Nature)
_NEEDED = ("cpu_cores", "memory_bytes")
_TOLD = 3
_ONE_BY_ONE = 4
_ROUNDING = Fraction(1, 4)
"""A rounder value may make the change this much larger; at twice the change half of it would do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A literal with another value, found by looking at its own guarantee alone."""

    leaf: Leaf
    paths: tuple[Path, ...]
    steps: Scale
    value: Fraction
    tight: Fraction
    """The nearest that does it; `value` may be rounder."""
    nature: Nature
    written: Span
    """What is replaced in the text."""
    at: tuple[str, int]
    """Its file, and where in it."""
    pools: tuple[str, ...] = ()
    """Of which it is, where a template says it, or a name, for several."""
    breaks: tuple[str, ...] = ()
    """What would be worse with it, where that is why it is no repair."""

    @property
    def change(self) -> Fraction:
        present = Fraction(self.leaf.stated.value)
        if self.steps.grid is Grid.PER_CENT:
            # In points: from 1 % to 3 % is a small step.
            return abs(self.value - present)
        return abs(self.value - present) / abs(present) if present else Fraction(1)

    @property
    def rank(self) -> tuple[int, Fraction, str, int, Fraction]:
        """Decisions first; then the least change; of equals by their places."""
        return (_ORDER.index(self.nature), self.change, *self.at, self.value)

    @property
    def new(self) -> str:
        return self.steps.text(self.value)

    @property
    def edit(self) -> Edit:
        span, new = with_its_word(self.written, self.new)
        return Edit(span, span.text, new, self.written, words_of_uses(self.written, self.new))

    @property
    def said(self) -> str:
        if self.nature is Nature.WORLD:
            return f"{WOULD_HOLD}the {self.name} at {self.new}{_rest_of_price(self.leaf)}"
        verb = "raise" if self.value > self.leaf.stated.value else "lower"
        return f"{verb} the {self.name} to {self.new}"

    @property
    def name(self) -> str:
        """What the literal is: of all pools that it is of, since all change with it."""
        own = next((one for one in self.pools if self.leaf.name.endswith(f" {one}")), None)
        return self.leaf.name if own is None else f"{self.leaf.name.removesuffix(own)}{_some(list(self.pools))}"


def _rest_of_price(leaf: Leaf) -> str:
    """What a price that stands by itself is for: " / 1M tokens"."""
    span = leaf.stated.span
    after = re.match(r" */ *[0-9_.]+[A-Za-z]*(?: tokens)?", span.source.text[span.end : span.end + 40])
    return after.group() if after is not None and span.text.startswith("$") and "/" not in span.text else ""


def nature_of(leaf: Leaf, path: Path, direction: int) -> Nature:
    """What a container needs may always be raised; that it can do with less is a fact, and not the spec's to decide."""
    if direction < 0 and path[0] == "pools" and path[-1] in _NEEDED:
        return Nature.WORLD
    return nature(path, assumption=leaf.assumption)


def repairs(bench: Bench, id: str, core: tuple[Leaf, ...]) -> tuple[tuple[Repair, ...], str]:
    """Decisions first, then facts, then weaker promises; of one nature the least change first.

    And where no decision mends it, which one would if it did not break something else; "" where there is none.
    """
    from .pairs import pairs

    found, broke = singles(bench, id, core)
    if not any(one.nature is Nature.POLICY for one in found):
        found = [*found, *pairs(bench, id, core, broke)]
    nearly = "" if any(one.nature is Nature.POLICY or len(one.edits) > 1 for one in found) else _nearly(bench, broke)
    return tuple(sorted(found, key=lambda one: _rank(bench, one))), nearly


def _nearly(bench: Bench, broke: list[Moved]) -> str:
    """The decision that breaks the least, and what: more agents may need a larger budget."""
    near = [one for one in broke if one.nature is Nature.POLICY and one.breaks]
    if not near:
        return ""
    lost_by = {one: [other for other in one.breaks if bench.status(other) is Status.PROVED] for one in near}
    one = min(near, key=lambda one: (len(lost_by[one]), len(one.breaks), one.rank))
    if lost := lost_by[one]:
        return f"it would do to {one.said}, were it not for {_some(lost)}, which would then fail"
    farther = [other for other in one.breaks if bench.status(other) is Status.REFUTED]
    if farther:
        fails = "fails already and" if len(farther) == 1 else "fail already and"
        return f"it would do to {one.said}, were it not for {_some(farther)}, which {fails} would then fail by more"
    return f"{one.said}; then there is more to mend: {_some(list(one.breaks))}"


def _some(ids: list[str]) -> str:
    return listed([*ids[:_TOLD], *([f"{len(ids) - _TOLD} more"] if len(ids) > _TOLD else [])])


def singles(bench: Bench, id: str, core: tuple[Leaf, ...]) -> tuple[list[Repair], list[Moved]]:
    """Each literal of the core changed alone; and the changes that mend this guarantee and break another."""
    candidates = sorted(moves(bench, id, core), key=lambda one: one.rank)
    found: list[Repair] = []
    broke: list[Moved] = []
    tried = 0
    for one in candidates:
        if sum(other.nature is one.nature for other in found) >= MOST[one.nature] or tried >= MOST_TRIED:
            continue
        tried += 1
        tight = replace(one, value=one.tight)
        for moved in [one] if one == tight else [one, tight]:
            outcome = bench.tried(id, bench.with_values({moved.paths: moved.value}), bench.touched(moved.paths))
            if outcome.is_repair:
                told = (moved.said, moved.change, moved.nature, outcome.mended, outcome.settled)
                found.append(Repair((moved.edit,), *told))
                break
        else:
            broke.append(replace(tight, breaks=outcome.worse if outcome.proved else ()))
    return found, broke


def moves(bench: Bench, id: str, core: tuple[Leaf, ...], among: tuple[Nature, ...] = tuple(Nature)) -> Iterator[Moved]:
    """For each literal of the core, up and down, the nearest value with which this one guarantee is proved."""
    present = bench.present(id)
    if present is None:
        return
    for leaf, paths, steps in changeable(bench, present, core):
        for direction in (-1, 1):
            kind = nature_of(leaf, paths[0], direction)
            if kind not in among:
                continue
            search = _Search(bench, id, present, leaf, paths, steps)
            tight = search.nearest(direction)
            if tight is not None:
                written, at = bench.written(leaf), bench.at(leaf.stated.span)
                pools = dict.fromkeys(bench.fleet.pools[int(path[1])].name for path in paths if path[0] == "pools")
                yield Moved(leaf, paths, steps, search.rounded(tight), tight, kind, written, at, tuple(pools))


def changeable(
    bench: Bench, obligation: Obligation, core: tuple[Leaf, ...]
) -> Iterator[tuple[Leaf, tuple[Path, ...], Scale]]:
    """The literals that can be written otherwise, those of the largest parts first: the steps may not do for all."""
    written = [leaf for leaf in core if leaf.stated.written and not leaf.trial and not leaf.aside]
    if obligation.broken is not None:
        weight = _weights(obligation)
        written.sort(key=lambda leaf: weight.get(leaf.name, Fraction(0)), reverse=True)
    met = set()
    for leaf in written[:MOST_LITERALS]:
        if leaf.stated.span in met:
            continue
        met.add(leaf.stated.span)
        steps, paths = scale(leaf.stated), bench.paths(leaf)
        if steps is not None and paths:
            yield leaf, tuple(paths), steps


def _weights(obligation: Obligation) -> dict[str, Fraction]:
    """How much of a sum the part with each literal makes up; what is on the other side of the relation weighs most."""
    from ..exact.expression import leaves

    assert obligation.broken is not None
    relation = obligation.broken.relation
    need = relation.need
    parts = need.operands if isinstance(need, Apply) and need.operator is Operator.ADD else (need,)
    found: dict[str, Fraction] = {}
    for part in parts:
        for leaf in leaves((part,)):
            found[leaf.name] = max(found.get(leaf.name, Fraction(0)), value(part))
    return found | {leaf.name: value(need) + 1 for leaf in leaves((relation.have,))}


@dataclass(frozen=True, slots=True)
class _Search:
    """Along the values of one literal, for one guarantee."""

    bench: Bench
    id: str
    present: Obligation
    leaf: Leaf
    paths: tuple[Path, ...]
    steps: Scale

    def nearest(self, direction: int) -> Fraction | None:
        """The first value in this direction that mends the guarantee; None where none does.

        Arithmetic proposes, and what it cannot follow is tried: one by one at first, then in doubling strides.
        """
        prediction = Prediction(self.present, frozenset({self.leaf.stated.span}))
        if prediction.hopeless:
            return None

        def possible(count: int) -> bool | None:
            moved = self._value(direction * count)
            return None if moved is None else prediction.holds({self.leaf.stated.span: moved})

        proposed = first_step(possible, 0)
        if proposed is None:
            return None
        usefully = first_step(lambda count: self._proves(direction * count, useful=True), proposed - 1)
        if usefully is None and self.present.useful is not None:
            usefully = first_step(lambda count: self._proves(direction * count, useful=False), proposed - 1)
        if usefully is None or self.bench.steps.stopped:
            # Of a search that was broken off nobody knows whether it was the nearest.
            return None
        return self.steps.value(direction * usefully)

    def rounded(self, tight: Fraction) -> Fraction:
        """A rounder value beyond, where that costs little and mends as well."""
        now = Fraction(self.leaf.stated.value)
        rounder = self.steps.rounder(tight, tight > now)
        if rounder is None or abs(rounder - tight) > abs(tight - now) * _ROUNDING:
            return tight
        if too_far(self.leaf, self.steps, rounder):
            return tight
        return rounder if self._mended(rounder) else tight

    def _value(self, step: int) -> Fraction | None:
        moved = self.steps.value(step)
        return None if moved is None or too_far(self.leaf, self.steps, moved) else moved

    def _proves(self, step: int, *, useful: bool) -> bool | None:
        moved = self._value(step)
        if moved is None:
            return None
        nearest = abs(step) == 1
        one = self.bench.one_with(self.id, {self.paths: moved}, self.bench.touched(self.paths), proving=not nearest)
        if one is None:
            return False
        if one.status is not Status.PROVED and nearest and slack(one) < slack(self.present):
            # A step that makes it worse is a step the wrong way.
            return None
        return one.status is Status.PROVED and (not useful or one.useful is None or one.useful.holds)

    def _mended(self, value: Fraction) -> bool:
        one = self.bench.one_with(self.id, {self.paths: value}, self.bench.touched(self.paths), proving=True)
        return one is not None and one.status is Status.PROVED


def first_step(good: Callable[[int], bool | None], failing: int) -> int | None:
    """The first count above `failing` that is good, where goodness comes once and stays; `good` gives None beyond the
    end of the range."""
    start, stride = failing, 1
    count = failing + 1
    while (is_good := good(count)) is False:
        failing = count
        stride = stride + 1 if count - start < _ONE_BY_ONE else stride * 2
        count = start + stride
    if is_good is None:
        # The stride may have leapt over the end of the range: look at the last value inside it.
        inside, outside = failing, count
        while outside - inside > 1:
            middle = (inside + outside) // 2
            inside, outside = (inside, middle) if good(middle) is None else (middle, outside)
        # The very last may be no value of it any more, as no retries at all are, and the one before still is.
        last = next((one for one in (inside, inside - 1) if one > failing and good(one)), None)
        if last is None:
            return None
        count = last
    while count - failing > 1:
        middle = (failing + count) // 2
        failing, count = (failing, middle) if good(middle) else (middle, count)
    return count


def slack(obligation: Obligation) -> Fraction:
    return min((one.relation.slack for one in obligation.must if not one.holds), default=Fraction(0))


def _rank(bench: Bench, repair: Repair) -> tuple[int, Fraction, int, str]:
    return (_ORDER.index(repair.nature), repair.change, bench.at(repair.span)[1], repair.new)


__all__ = ["MOST", "Moved", "Touched", "changeable", "first_step", "moves", "repairs", "singles", "slack"]
