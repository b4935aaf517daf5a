"""Where names are declared and used in a text. Invariant: derived from the phrases alone (`dsl/forms/naming.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from seatrial.dsl.compose.loops import values_of
from seatrial.dsl.forms.naming import declares, refers, space
from seatrial.dsl.incremental import Placed
from seatrial.dsl.phrases import Hole
from seatrial.dsl.syntax import Item, Kind

from .by_piece import ByPiece
from .understood import Understanding, Understood

MOST_MADE = 10_000
"""Names that one name may come to in loops, and numbers that a loop is followed through."""

Bound = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of values, each with the values that it may have."""

_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`kinds` are those that the name may have here; `scope` is the offset of the loop that binds a variable.

    `bound` are the variables of the loops around a name, and of a `let` itself. `made` are the names that one with a
    `$` in it comes to; none where that cannot be told.
    """

    name: str
    kinds: tuple[str, ...]
    start: int
    end: int
    declares: bool
    scope: int | None = None
    bound: Bound = ()
    made: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.made or (self.name,)

    @property
    def space(self) -> str:
        """Only names of one space can mean the same thing."""
        return space(self.kinds[0])

    def means(self, other: Occurrence) -> bool:
        """Whether one thing at least is meant by both."""
        if self.scope != other.scope or self.space != other.space:
            return False
        if not self.made and not other.made:
            return self.name == other.name
        return not set(self.names).isdisjoint(other.names)


class Names:
    """The names of the current text; those of a piece are looked for once."""

    def __init__(self) -> None:
        self._known: ByPiece[tuple[tuple[Understood, ...], tuple[Occurrence, ...]]] = ByPiece()
        self._pieces: tuple[Placed, ...] = ()
        self._all: tuple[Mapping[str, tuple[str, ...]], tuple[Occurrence, ...]] | None = None
        self.same = False
        """Whether the last change left all names as they were, but for their places."""

    def follow(self, understanding: Understanding) -> None:
        snapshot = understanding.snapshot
        assert snapshot is not None
        self._pieces, self._all = snapshot.pieces, None

        def make(placed: Placed) -> tuple[tuple[Understood, ...], tuple[Occurrence, ...]]:
            read = understanding.of(placed)
            return read, tuple(_in_piece(read))

        new = self._known.follow(snapshot, make, lambda placed, known: known[0] is understanding.of(placed))
        gone = self._known.gone
        self.same = gone is not None and _said(new) == _said(gone)

    @property
    def in_pieces(self) -> Iterator[Occurrence]:
        """Every name, with its place inside its piece: for who asks which names there are, and not where."""
        for _, found in self._known:
            yield from found

    @property
    def all(self) -> tuple[Occurrence, ...]:
        return self.among(self._all[0] if self._all is not None else {})

    @property
    def lets(self) -> dict[str, tuple[str, ...]]:
        """Those that this text declares, with their values as they are written."""
        return {one.name: dict(one.bound)[one.name] for one in self.in_pieces if one.declares and one.kinds[0] == "let"}

    def among(self, lets: Mapping[str, tuple[str, ...]]) -> tuple[Occurrence, ...]:
        """All names, where these lets are declared in other files: they tell what `$region-db` means."""
        if self._all is None or self._all[0] != lets:
            found = [_moved(one, placed.start) for placed in self._pieces for one in self._known[placed][1]]
            known = {**lets, **self.lets}
            self._all = (lets, tuple(_told(one, known) for one in found))
        return self._all[1]


def _said(pieces: Iterable[tuple[object, tuple[Occurrence, ...]]]) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(one.name, one.kinds, one.declares) for _, found in pieces for one in found]


def _told(one: Occurrence, lets: Mapping[str, tuple[str, ...]]) -> Occurrence:
    if "$" in one.name:
        return replace(one, made=tuple(dict.fromkeys(_made(one.name, {**lets, **dict(one.bound)}))))
    return _named(one, lets) if one.kinds[0] == "let" and not one.declares else one


def _made(name: str, bound: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What a name comes to; nothing where one of the names in it is not known."""
    used = [(match, next((one for one in heads(match[1]) if one in bound), "")) for match in _VARIABLE.finditer(name)]
    values = {head: [_bare(value) for value in bound.get(head, ()) if "$" not in value] for _, head in used}
    found: list[str] = []
    for row in islice(product(*values.values()), MOST_MADE):
        stands_for = dict(zip(values, row, strict=True))
        made = name
        for match, head in reversed(used):
            made = made[: match.start()] + stands_for[head] + made[match.start() + 1 + len(head) :]
        found.append(made)
    return found


def _bare(value: str) -> str:
    return value[1:-1] if value.startswith('"') else value


def _named(one: Occurrence, lets: Mapping[str, tuple[str, ...]]) -> Occurrence:
    name = next((head for head in heads(one.name) if head in lets), one.name)
    return replace(one, name=name, end=one.start + len(name))


def _moved(one: Occurrence, by: int) -> Occurrence:
    scope = None if one.scope is None else one.scope + by
    return Occurrence(one.name, one.kinds, one.start + by, one.end + by, one.declares, scope, one.bound)


def _in_piece(read: tuple[Understood, ...]) -> Iterator[Occurrence]:
    for one in read:
        for item in one.statement.items:
            made = item.kind in (Kind.WORD, Kind.STRING) and "$" in item.text
            if made:
                yield from _variables(one, item)
            role = one.role(item)
            if one.form is None or not isinstance(role, Hole) or role.kind != "name":
                continue
            kind = declares(one.form, role.field)
            start, end = item.span.start, item.span.end
            bound = _bound(one.around) if made else ()
            if kind is None:
                yield Occurrence(item.text, refers(one.form, role.field), start, end, False, bound=bound)
            elif kind == "variable":
                yield Occurrence(item.text, (kind,), start, end, True, one.statement.span.start)
            else:
                changes = any(outer.form is not None and outer.form.key == "environment" for outer in one.around)
                if kind == "let":
                    bound = ((item.text, ("".join(each.text for each in one.statement.items[3:]),)),)
                yield Occurrence(item.text, (kind,), start, end, not changes, bound=bound)


def _bound(around: tuple[Understood, ...]) -> Bound:
    """The variables of the loops around a statement."""
    return tuple(
        (outer.statement.items[1].text, tuple(_values(outer)))
        for outer in around
        if outer.form is not None and outer.form.key == "for" and len(outer.statement.items) > 1
    )


def _values(loop: Understood) -> Iterator[str]:
    """What the variable of a loop takes, as far as it can be told."""
    for value, numbers in values_of(loop.statement.items[3:])[0]:
        if numbers is None:
            yield value.text
        else:
            yield from map(str, numbers[:MOST_MADE])


def _variables(one: Understood, item: Item) -> Iterator[Occurrence]:
    """The `$name`s in a word or a text: of the innermost loop that binds the name, else of a `let`."""
    for match in _VARIABLE.finditer(item.text):
        start = item.span.start + match.start(1)
        # In `$region-db` the name may be `region-db` or `region`; whether it is a let's is told when all are known.
        bound = [(head, scope) for head in heads(match[1]) if (scope := _loop(one, head)) is not None]
        if bound:
            yield Occurrence(bound[0][0], ("variable",), start, start + len(bound[0][0]), False, bound[0][1])
        else:
            yield Occurrence(match[1], ("let",), start, start + len(match[1]), False)


def heads(name: str) -> list[str]:
    """`a-b-c`, `a-b`, `a`."""
    parts = name.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _loop(one: Understood, name: str) -> int | None:
    for outer in reversed((*one.around, one)):
        for item in outer.statement.items:
            role = outer.role(item)
            if isinstance(role, Hole) and role.field == "variable" and item.text == name:
                return outer.statement.span.start
    return None
