"""Pieces of a text -> statements with the forms that they are, as far as that can be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.dsl.cuts import Part
from seatrial.dsl.forms import PART, ROOT, Form, is_part
from seatrial.dsl.incremental import Piece, Placed, Snapshot
from seatrial.dsl.phrases import Hole, Literal
from seatrial.dsl.syntax import Item, Statement

from .by_piece import ByPiece
from .phrasing import Roles, best


@dataclass(frozen=True, slots=True)
class Understood:
    """`form` None: no clause of its parent begins so. `roles` are of the first items, `around` is outermost first."""

    statement: Statement
    form: Form | None
    roles: Roles
    complete: bool
    around: tuple[Understood, ...]

    @property
    def parent(self) -> Form | None:
        """The form whose body this stands in; None where that is not known."""
        return self.around[-1].form if self.around else PART

    def role(self, item: Item) -> Literal | Hole | None:
        for one, role in zip(self.statement.items, self.roles, strict=False):
            if one is item:
                return role
        return None


def read(
    statements: tuple[Statement, ...], parent: Form | None, around: tuple[Understood, ...]
) -> Iterator[Understood]:
    """Each statement, and behind it those of its block."""
    for statement in statements:
        found = best(parent.body, statement.items) if parent is not None else None
        if found is None:
            one = Understood(statement, None, (), False, around)
        else:
            one = Understood(statement, found[0], found[1].roles, found[1].complete, around)
        yield one
        if statement.block is not None:
            yield from read(statement.block.statements, one.form, (*around, one))


class Understanding:
    """All statements of the current snapshot; what was made of a piece is kept for as long as the piece is."""

    def __init__(self) -> None:
        self._known: ByPiece[tuple[Piece | None, tuple[Understood, ...]]] = ByPiece()
        self.snapshot: Snapshot | None = None
        self.root = ROOT
        """PART where the text is one that others use."""

    def follow(self, snapshot: Snapshot) -> None:
        """Takes a new snapshot, and forgets the pieces that are not in it."""
        last, self.snapshot = self.snapshot, snapshot
        if last is None or snapshot.change is None or snapshot.change.since != last.serial:
            root = _root(snapshot)
            if root is not self.root:
                self.root, self._known = root, ByPiece()
        self._known.follow(
            snapshot,
            lambda placed: (self._head(placed), self._read(placed)),
            lambda placed, known: known[0] is self._head(placed),
        )

    def _head(self, placed: Placed) -> Piece | None:
        assert self.snapshot is not None
        return None if placed.head is None else self.snapshot.pieces[placed.head].piece

    def _read(self, placed: Placed) -> tuple[Understood, ...]:
        assert self.snapshot is not None
        around: tuple[Understood, ...] = ()
        parent: Form | None = self.root
        if placed.piece.part is Part.INNER and placed.head is not None:
            around = self.of(self.snapshot.pieces[placed.head])[:1]
            parent = around[0].form
        return tuple(read(placed.piece.statements, parent, around))

    def of(self, placed: Placed) -> tuple[Understood, ...]:
        return self._known[placed][1]

    def at(self, offset: int) -> tuple[Placed, Understood, Item | None] | None:
        """The innermost statement around an offset of the text, and the item there."""
        assert self.snapshot is not None
        index = self.snapshot.at(offset)
        if index is None:
            return None
        for number in (index, index - 1):
            if number < 0 or offset > self.snapshot.pieces[number].end:
                continue
            placed = self.snapshot.pieces[number]
            local = offset - placed.start
            inside = [one for one in self.of(placed) if one.statement.span.start <= local <= one.statement.span.end]
            if inside:
                touching = [item for item in inside[-1].statement.items if item.span.start <= local <= item.span.end]
                return placed, inside[-1], touching[-1] if touching else None
        return None

    def everywhere(self) -> Iterator[tuple[Placed, Understood]]:
        assert self.snapshot is not None
        for placed in self.snapshot.pieces:
            for one in self.of(placed):
                yield placed, one


def _root(snapshot: Snapshot) -> Form:
    openings = {
        statement.items[0].text
        for placed in snapshot.pieces
        if placed.head is None
        for statement in placed.piece.statements
    }
    return PART if is_part(openings) else ROOT
