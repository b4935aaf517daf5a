"""A spec -> the specs beside it, each with one thing said otherwise: a value, a clause, a name, a default.

Whoever compiles them sees what follows from what, without a list of fields that could fall behind. Works on clauses as
they were read, so a value that templates, loops or a `let` spread over the spec is changed wherever it is used.
Invariant: only specs that the language accepts; of a change that it refuses there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache, partial
from typing import Any

from seatrial.dsl.clauses import Clause
from seatrial.dsl.forms.form import Form, Times
from seatrial.dsl.phrases import Hole, compiled, holes
from seatrial.dsl.source import Source, Span
from seatrial.dsl.values import KINDS, Value

from .model import Fleet, Stated
from .passes.resolve import resolve
from .verify.edits.rebuild import Path, is_sound, with_value

Change = Callable[[Value, Hole], Value]

_WORDS = ("name", "item", "text", "literal", "quantile")

_DEMANDED = (Times.ONCE, Times.SOME)
"""Without these nothing that holds them can be read, and nothing follows from that."""


class Nature(StrEnum):
    """What was said otherwise. A clause is one that was left out, or said in another of its forms."""

    VALUE = "value"
    DEFAULT = "default"
    CLAUSE = "clause"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Origin:
    """`text` is the clause as it is written; of a default what would say the same. `source`: whose default it is.

    `within`: the clauses in whose blocks a clause stands.
    """

    nature: Nature
    span: Span
    text: str
    source: str = ""
    within: frozenset[Span] = frozenset()


@dataclass(frozen=True, slots=True)
class Variation:
    """`tries` are specs in which the origin is said otherwise, upwards and downwards where it is a number."""

    origin: Origin
    tries: tuple[Callable[[], Fleet | None], ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """A literal, or one end of a range, with the clause that it was first found in."""

    span: Span
    clause: Clause


class Variations:
    """`matters(fleet)`: whether anything looked at is another with that fleet; by it whole clauses are left out."""

    def __init__(self, clauses: Sequence[Clause], assets: Mapping[str, str]) -> None:
        self.assets = assets
        self.before = tuple(one for one in clauses if one.form.slot != "fleet")
        (self.fleet,) = (one for one in clauses if one.form.slot == "fleet")

    def around(self, matters: Callable[[Fleet], bool]) -> Iterator[Variation]:
        """All that may matter: values, clauses, then names and defaults."""
        relevant = set(self._relevant(0, len(self.fleet.children), matters))
        for spot, places in self._spots().values():
            if places & relevant:
                yield self._value(spot, places)
        for index in sorted(relevant):
            yield from self._clauses(index)
        for name, clause in self._names():
            yield self._renamed(name, clause)
        fleet = self._fleet(self.fleet)
        if fleet is not None:
            yield from _defaults(fleet)

    def _spots(self) -> Mapping[Span, tuple[_Spot, set[int]]]:
        """Each literal, and the clauses of the fleet that hold it: a template's or a loop's is in several."""
        spots: dict[Span, tuple[_Spot, set[int]]] = {}
        for index, top in enumerate(self.fleet.children):
            for clause in _within(top):
                for value in _values(clause):
                    for span in (value.span, value.high_span):
                        if span is not None:
                            spots.setdefault(span, (_Spot(span, clause), set()))[1].add(index)
        return spots

    def beside(self, places: Sequence[int]) -> Fleet | None:
        """With all values of these clauses at once twice and half as large by turns; None where that is no spec."""
        children = list(self.fleet.children)
        for turn, index in enumerate(places):
            children[index] = _changed(children[index], _halved if turn % 2 else _doubled)
        return self._fleet(self.fleet._replace(children=tuple(children)))

    def _relevant(self, start: int, end: int, matters: Callable[[Fleet], bool]) -> Iterator[int]:
        """By halves: what does not matter with all its values changed at once need not be taken apart."""
        if start == end:
            return
        touched = False
        for rising in (True, False):
            places = range(start, end)
            # By factors of their own two values may end in an order that is refused; by one factor they do not.
            changed = self._with(places, _all(rising)) or self._with(places, partial(_evenly, rising))
            if changed is None or matters(changed):
                touched = True
                break
        bare = not touched and self._with(range(start, end), None)
        if not touched and isinstance(bare, Fleet) and not matters(bare):
            return
        if end - start == 1:
            yield start
            return
        middle = (start + end) // 2
        yield from self._relevant(start, middle, matters)
        yield from self._relevant(middle, end, matters)

    def _with(self, places: Sequence[int], change: Change | None) -> Fleet | None:
        """With a change of every value in these clauses of the fleet; None: without all that they need not say."""
        children = list(self.fleet.children)
        for index in places:
            children[index] = _changed(children[index], change) if change is not None else _bare(children[index])
        return self._fleet(self.fleet._replace(children=tuple(children)))

    def _fleet(self, clause: Clause) -> Fleet | None:
        fleet, _ = resolve((*self.before, clause), self.assets)
        return fleet

    def _value(self, spot: _Spot, places: set[int]) -> Variation:
        within = sorted(places)
        origin = Origin(Nature.VALUE, spot.span, _text(spot.span, spot.clause))
        tries = tuple(partial(self._with, within, _only(spot.span, rising)) for rising in (True, False))
        return Variation(origin, tries)

    def _clauses(self, index: int) -> Iterator[Variation]:
        top = self.fleet.children[index]
        yield Variation(_of_clause(top), (partial(self._replaced, index, None),))
        for path, clause, within in _inner(top, frozenset({top.head})):
            instead = [_put(top, path, other) for other in _alternatives(clause, path, top)]
            if clause.form.times not in _DEMANDED:
                instead.append(_put(top, path, None))
            tries = tuple(partial(self._replaced, index, one) for one in instead)
            yield Variation(_of_clause(clause, within), tries)

    def _replaced(self, index: int, top: Clause | None) -> Fleet | None:
        children = self.fleet.children
        kept = () if top is None else (top,)
        return self._fleet(self.fleet._replace(children=(*children[:index], *kept, *children[index + 1 :])))

    def _names(self) -> Iterator[tuple[Value, Clause]]:
        for clause in (self.fleet, *self.fleet.children):
            for field in ("name", "title"):
                if field in clause.values:
                    yield clause.values[field], clause

    def _renamed(self, name: Value, clause: Clause) -> Variation:
        def another(value: Value, hole: Hole) -> Value:
            same = value.text == name.text and not hole.choices and hole.kind in ("name", "item", "text")
            return value._replace(text=f"{value.text}x") if same else value

        return Variation(
            Origin(Nature.NAME, name.span, _text(name.span, clause)),
            (lambda: self._fleet(_changed(self.fleet, another)),),
        )


def _within(clause: Clause) -> Iterator[Clause]:
    yield clause
    for child in clause.children:
        yield from _within(child)


def _values(clause: Clause) -> Iterator[Value]:
    yield from clause.values.values()
    for rows in clause.groups.values():
        for row in rows:
            yield from row.values()


def _inner(
    clause: Clause, within: frozenset[Span], path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], Clause, frozenset[Span]]]:
    for index, child in enumerate(clause.children):
        yield (*path, index), child, within
        yield from _inner(child, within | {child.head}, (*path, index))


def _put(clause: Clause, path: tuple[int, ...], other: Clause | None) -> Clause:
    index, *rest = path
    inner = clause.children[index]
    put = (_put(inner, tuple(rest), other),) if rest else () if other is None else (other,)
    return clause._replace(children=(*clause.children[:index], *put, *clause.children[index + 1 :]))


def _bare(clause: Clause) -> Clause:
    kept = tuple(_bare(child) for child in clause.children if child.form.times in _DEMANDED)
    return clause._replace(children=kept)


def _alternatives(clause: Clause, path: tuple[int, ...], top: Clause) -> Iterator[Clause]:
    """Other forms of the same slot that take no values: `route random` for `route least loaded`."""
    parent = top
    for index in path[:-1]:
        parent = parent.children[index]
    for form in parent.form.body:
        if form.slot == clause.form.slot and form is not clause.form and not _holes(form):
            yield clause._replace(form=form, values={}, groups={}, children=())


@cache
def _holes(form: Form) -> Mapping[str, Hole]:
    return {hole.field: hole for hole in holes(compiled(form.phrase))}


def _changed(clause: Clause, change: Change) -> Clause:
    """With another value wherever `change` gives one."""
    known = _holes(clause.form)
    return clause._replace(
        values={field: change(value, known[field]) for field, value in clause.values.items()},
        groups={
            name: tuple({field: change(value, known[field]) for field, value in row.items()} for row in rows)
            for name, rows in clause.groups.items()
        },
        children=tuple(_changed(child, change) for child in clause.children),
    )


def _only(span: Span, rising: bool) -> Change:
    def change(value: Value, hole: Hole) -> Value:
        if value.span == span:
            return _low(value, hole, rising)
        return _high(value, hole, rising) if value.high_span == span else value

    return change


def _all(rising: bool) -> Change:
    """Each by a factor of its own, so that no two changes undo each other."""
    counted = iter(range(1 << 30))

    def change(value: Value, hole: Hole) -> Value:
        if _is_reference(hole):
            return value
        factor = 1 + Fraction(next(counted) % 97, 31)
        if value.high is None:
            return _low(value, hole, rising, factor)
        return _low(_high(value, hole, True, factor), hole, rising, factor)

    return change


def _evenly(rising: bool, value: Value, hole: Hole) -> Value:
    return _low(value, hole, rising) if hole.choices else (_doubled if rising else _halved)(value, hole)


def _doubled(value: Value, hole: Hole) -> Value:
    """All by one factor, so that what is in order stays so. Words stay, and so do shares, which end at 1."""
    if not _is_amount(hole):
        return value
    return value._replace(amount=value.amount * 2, high=None if value.high is None else value.high * 2)


def _halved(value: Value, hole: Hole) -> Value:
    if not _is_amount(hole):
        return value
    low, high = value.amount / 2, None if value.high is None else value.high / 2
    if _is_whole(hole):
        low, high = Fraction(low.__ceil__()), None if high is None else Fraction(high.__ceil__())
    return value._replace(amount=low, high=high)


@cache
def _is_amount(hole: Hole) -> bool:
    known = KINDS.get(hole.kind.removesuffix(".."))
    return not hole.choices and known is not None and known.most is None and hole.kind not in _WORDS


def _is_reference(hole: Hole) -> bool:
    return hole.kind in ("name", "item") and not hole.choices


def _low(value: Value, hole: Hole, rising: bool, factor: Fraction = Fraction(1)) -> Value:
    if hole.choices:
        others = sorted(" ".join(one) for one in hole.choices if " ".join(one) != value.text)
        return value._replace(text=others[0 if rising else -1]) if others else value
    if hole.kind == "text":
        return value._replace(text=f"{value.text}x")
    if _is_reference(hole) or hole.kind == "literal":
        return value
    most = value.high if value.high is not None else _most(hole)
    return value._replace(amount=_moved(value.amount, hole, rising, most, factor))


def _high(value: Value, hole: Hole, rising: bool, factor: Fraction = Fraction(1)) -> Value:
    assert value.high is not None
    if rising:
        return value._replace(high=_moved(value.high, hole, True, _most(hole), factor))
    middle = (value.amount + value.high) / 2
    return value._replace(high=Fraction(middle.__ceil__()) if _is_whole(hole) else middle)


def _moved(amount: Fraction, hole: Hole, rising: bool, most: Fraction | None, factor: Fraction) -> Fraction:
    if rising:
        moved = amount + amount * factor if amount else factor
        # Towards a bound by a part of what is left to it.
        moved = moved if most is None or moved < most else amount + (most - amount) / (1 + factor)
    else:
        moved = amount / (1 + factor)
    if not _is_whole(hole):
        return moved
    kind = KINDS[hole.kind.removesuffix("..")]
    least = max(kind.least or Fraction(0), Fraction(kind.above_zero))
    return max(least, Fraction(moved.__ceil__() if rising else moved.__floor__()))


def _is_whole(hole: Hole) -> bool:
    return KINDS[hole.kind.removesuffix("..")].whole


def _most(hole: Hole) -> Fraction | None:
    kind = KINDS[hole.kind.removesuffix("..")]
    return Fraction(1) if hole.kind == "quantile" else kind.most


def _of_clause(clause: Clause, within: frozenset[Span] = frozenset()) -> Origin:
    return Origin(Nature.CLAUSE, clause.head, " ".join(clause.head.text.split()), within=within)


def _text(span: Span, clause: Clause) -> str:
    """The clause around a literal; of one that stands elsewhere, in a `let`, its line."""
    head = clause.head
    if span.source is head.source and head.start <= span.start and span.end <= head.end:
        return " ".join(head.text.split())
    return span.source.line(span.line).strip()


def _defaults(fleet: Fleet) -> Iterator[Variation]:
    """Of values that nobody wrote there are more than clauses, and they are numbers: the model itself is changed."""
    found: dict[tuple[Span, str], list[tuple[Path, Stated[Any]]]] = {}
    for path, stated in _filled(fleet, ()):
        found.setdefault((stated.span, stated.clause), []).append((path, stated))
    for (span, text), places in found.items():
        value = Fraction(places[0][1].value)
        paths = [path for path, _ in places]
        origin = Origin(Nature.DEFAULT, span, text, places[0][1].default)
        tries = tuple(partial(_restated, fleet, paths, other) for other in (value * 2 + 1, value / 2))
        yield Variation(origin, tries)


def _restated(fleet: Fleet, paths: list[Path], value: Fraction) -> Fleet | None:
    other = with_value(fleet, paths, value)
    return other if is_sound(other) else None


def _filled(node: object, path: Path) -> Iterator[tuple[Path, Stated[Any]]]:
    if isinstance(node, Stated):
        if node.default and isinstance(node.value, int | Fraction) and not isinstance(node.value, bool):
            yield path, node
    elif isinstance(node, tuple):
        # A trace is a tuple of thousands of floats.
        if node and not isinstance(node[0], float):
            for index, part in enumerate(node):
                yield from _filled(part, (*path, index))
    elif is_dataclass(node) and not isinstance(node, Span | Source | type):
        for each in fields(node):
            yield from _filled(getattr(node, each.name), (*path, each.name))
