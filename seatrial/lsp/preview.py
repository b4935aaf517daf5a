"""Pieces of a text -> what is wrong with them, as soon as they are typed.

Only what a statement's own text tells, and names that are not declared: what needs the whole fleet is told later by
the judge (`judging.py`). Invariant: nothing is told here that the judge would not tell; where files, templates, loops
or names with `$` are worked in first, this stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.compiler.passes.symbols import Symbols
from seatrial.dsl.clauses import read_clauses
from seatrial.dsl.cuts import Part
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.forms import DECLARATIONS, PART, ROOT
from seatrial.dsl.forms.naming import TOGETHER
from seatrial.dsl.forms.reuse import reuse
from seatrial.dsl.incremental import Fragment, Placed, Snapshot
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import Block, File, Item, Kind, Statement
from seatrial.dsl.values import Value

from .by_piece import ByPiece
from .names import Names
from .told import Place, Told, told
from .understood import Understanding, Understood

_VARIABLE = re.compile(r"\$[A-Za-z_]")
_IN_FLEETS = frozenset(form.opening for form in DECLARATIONS)
_HEAD = Source("", "fleet part")
_FLEET = Statement(
    (Item(Kind.WORD, "fleet", Span(_HEAD, 0, 5)), Item(Kind.WORD, "part", Span(_HEAD, 6, 10))), None, Span(_HEAD, 0, 10)
)
"""What stands around the statements of a part."""
_REUSE = frozenset(form.opening for form in reuse(()))


class Preview:
    """What is wrong with each piece, kept for as long as the piece is."""

    def __init__(self) -> None:
        self._known: ByPiece[tuple[tuple[Understood, ...], tuple[Diagnostic, ...]]] = ByPiece()
        self._wrong: set[int] = set()
        """The serial numbers of pieces of which something is told, and of some that are gone."""
        self._undeclared: set[tuple[str, tuple[str, ...]]] | None = None

    def told(self, snapshot: Snapshot, understanding: Understanding, names: Names) -> tuple[Told, ...]:
        """Sorted by place."""

        def place(span: Span) -> Place:
            return Place(*snapshot.offsets(span))

        def wrong(placed: Placed) -> tuple[tuple[Understood, ...], tuple[Diagnostic, ...]]:
            found = tuple(_of_piece(placed, understanding))
            if found:
                self._wrong.add(placed.piece.fragment.serial)
            return understanding.of(placed), found

        self._known.follow(snapshot, wrong, lambda placed, known: known[0] is understanding.of(placed))
        self._wrong |= {one.fragment.serial for one in snapshot.flawed}
        out: list[Told] = []
        pieces = [one for one in snapshot.pieces if one.piece.fragment.serial in self._wrong] if self._wrong else []
        self._wrong = {one.piece.fragment.serial for one in pieces}
        for placed in pieces:
            errors = placed.piece.errors
            syntax = {place(label.span).start for one in errors for label in one.labels[:1]}
            out += [told(one, place) for one in errors]
            out += [new for one in self._known[placed][1] if (new := told(one, place)).at.start not in syntax]
        if understanding.root is ROOT:
            if self._undeclared is None or not names.same:
                self._undeclared = _undeclared(names)
            out += _unknown_names(snapshot, names, self._undeclared)
        return tuple(sorted(out, key=lambda one: (one.at.start, one.code)))


def _of_piece(placed: Placed, understanding: Understanding) -> Iterator[Diagnostic]:
    """Errors in how the statements of a piece are written, each read on its own."""
    head = understanding.of(placed)[0].around if placed.piece.part is Part.INNER and understanding.of(placed) else ()
    for statement in placed.piece.statements:
        if _is_reuse(statement):
            continue
        given = statement
        if placed.piece.part is Part.INNER:
            if not head or not head[0].complete:
                continue
            outer = head[0].statement
            given = Statement(outer.items, Block((statement,), outer.span), outer.span)
        elif placed.piece.part is Part.HEAD:
            continue
        if understanding.root is PART and given.items[0].text in _IN_FLEETS:
            given = Statement(_FLEET.items, Block((given,), _FLEET.span), _FLEET.span)
        file = File(placed.piece.fragment, (given,), ())
        yield from (one for one in read_clauses(file)[1] if _is_of(one, placed.piece.fragment))


def _is_of(one: Diagnostic, fragment: Fragment) -> bool:
    return bool(one.labels) and one.labels[0].span.source is fragment


def _is_reuse(statement: Statement) -> bool:
    words = [item.text for item in statement.items]
    return words[0] in _REUSE or "like" in words or _VARIABLE.search(statement.span.text) is not None


def _unknown_names(snapshot: Snapshot, names: Names, undeclared: set[tuple[str, tuple[str, ...]]]) -> Iterator[Told]:
    """Names that nothing declares, where all that is declared is in sight."""
    if (
        undeclared
        and snapshot.whole
        and not any(
            statement.items[0].text in ("use", "for")
            for placed in snapshot.pieces
            for statement in placed.piece.statements
        )
    ):
        yield from _as_the_resolver_says(snapshot.path, names, undeclared)


def _undeclared(names: Names) -> set[tuple[str, tuple[str, ...]]]:
    """Names that are asked for, with their kinds, and that nothing declares; none where names are made of others."""
    parties: dict[str, str] = {}
    nodes: set[str] = set()
    asked: set[tuple[str, tuple[str, ...]]] = set()
    for one in names.in_pieces:
        kind = one.kinds[0]
        if not one.declares:
            if "$" not in one.name:
                asked.add((one.name, one.kinds))
        elif "$" in one.name:
            return set()
        elif kind in TOGETHER:
            parties.setdefault(one.name, kind)
        elif kind == "nodes":
            nodes.add(one.name)
    return {
        (name, kinds)
        for name, kinds in asked
        if (kinds[0] in TOGETHER and parties.get(name) not in kinds) or (kinds[0] == "nodes" and name not in nodes)
    }


def _as_the_resolver_says(path: str, names: Names, wrong: set[tuple[str, tuple[str, ...]]]) -> Iterator[Told]:
    # The resolver looks at names and copies places: finding the lines of a large text anew would take the longest.
    source = Source(path, "")
    symbols = Symbols()
    for one in names.all:
        span = Span(source, one.start, one.end)
        if one.declares and one.kinds[0] in TOGETHER:
            symbols.parties.setdefault(one.name, (one.kinds[0], span))
        elif one.declares and one.kinds[0] == "nodes":
            symbols.nodes.setdefault(one.name, span)
    found: list[Diagnostic] = []
    for one in names.all:
        if one.declares or (one.name, one.kinds) not in wrong:
            continue
        value = Value(one.name, Span(source, one.start, one.end))
        if one.kinds[0] == "nodes":
            symbols.find_nodes(value, found)
        else:
            symbols.find(value, one.kinds, found)
    yield from (told(one, lambda span: Place(span.start, span.end)) for one in found)
