"""Text -> tree again and again, as it is typed: only the statements that changed are parsed anew.

Cuts a text at the statements of its outermost blocks into pieces, each with a source of its own, and keeps what was
read of every piece whose text is the same as before. Invariant: the tree and the errors of an `exact` snapshot are
those that `parse` gives for the whole text. One that is not exact (a brace or a quote stands open while somebody
types) reads each piece by itself, where `parse` may see the rest of the text otherwise.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from typing import NamedTuple

from .cuts import Part, cut, cut_inner, open_blocks
from .diagnostics import Diagnostic
from .exchange import Notation, parse_any
from .parse import MAX_BYTES, MAX_ERRORS, parse
from .source import Source, Span
from .syntax import Block, Comment, File, Item, Statement

_serials = count()


@dataclass(frozen=True, slots=True)
class Fragment(Source):
    """The text of one piece. The serial number keeps pieces of the same text apart."""

    serial: int

    @property
    def key(self) -> int:
        return self.serial


@dataclass(frozen=True, slots=True)
class Piece:
    """Some statements of one body, read by themselves; all spans are in `fragment`.

    The head of a block stands as a statement with an empty block. `whole` is False where the piece does not end where
    its text ends, because a brace or a quote in it is open.
    """

    part: Part
    fragment: Fragment
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    errors: tuple[Diagnostic, ...]
    whole: bool


class Placed(NamedTuple):
    """A piece at its place. `head` is the index of the piece that opens the block it stands in, None at the top."""

    start: int
    piece: Piece
    head: int | None

    @property
    def end(self) -> int:
        return self.start + len(self.piece.fragment.text)


class Change(NamedTuple):
    """Within one block: the pieces `first` up to but not including `before` of one snapshot, that with the serial
    number `since`, are those up to `last` of the next. All others are the same."""

    since: int
    first: int
    before: int
    last: int


class _Starts(Mapping[str | int, int]):
    """Where pieces begin, by the serial numbers of their fragments."""

    def __init__(self, pieces: tuple[Placed, ...]) -> None:
        self._pieces = pieces

    @cached_property
    def _known(self) -> dict[str | int, int]:
        """Put together when somebody asks: where nothing is told nobody does."""
        return {piece.fragment.serial: start for start, piece, _ in self._pieces}

    def __getitem__(self, key: str | int) -> int:
        return self._known[key]

    def __iter__(self) -> Iterator[str | int]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._pieces)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of a text, all of which stands in `pieces`. `fresh` are the serial numbers of those parsed for it.

    `flawed` are the pieces that are not whole, or have errors. `whole`: all are. `change` is None where more differs
    from the last snapshot.
    """

    path: str
    text: str
    pieces: tuple[Placed, ...]
    fresh: frozenset[int]
    flawed: tuple[Piece, ...]
    whole: bool
    exact: bool
    change: Change | None
    _starts: Mapping[str | int, int] = field(repr=False)
    serial: int = field(default_factory=_serials.__next__)

    def offsets(self, span: Span) -> tuple[int, int]:
        """A span of a piece -> its start and end in the whole text."""
        base = self._starts.get(span.source.key, 0)
        return base + span.start, base + span.end

    def at(self, offset: int) -> int | None:
        """The index of the piece around an offset; of two that touch there, the one that begins."""
        index = bisect_right(self.pieces, offset, key=lambda placed: placed.start) - 1
        return index if index >= 0 else None

    @property
    def parsed(self) -> list[Placed]:
        """The pieces that were parsed for it."""
        first, last = (self.change.first, self.change.last) if self.change is not None else (0, len(self.pieces))
        return [one for one in self.pieces[first:last] if one.piece.fragment.serial in self.fresh]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The syntax errors of all pieces, each with its spans in its piece's fragment."""
        return tuple(one for placed in self.pieces for one in placed.piece.errors)

    def file(self, source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
        """The tree of the whole and its errors, with all spans in a source of the same text."""
        top: list[Statement] = []
        inner: list[Statement] = []
        comments: list[Comment] = []
        errors: list[Diagnostic] = []
        for placed in self.pieces:
            mover = _Mover(source, placed.start)
            comments += [replace(one, span=mover.span(one.span)) for one in placed.piece.comments]
            errors += [one.placed(mover.span) for one in placed.piece.errors]
            statements = [mover.statement(one) for one in placed.piece.statements]
            match placed.piece.part:
                case Part.INNER:
                    inner += statements
                case Part.TAIL:
                    opened = top[-1].block
                    assert opened is not None
                    block = Block(tuple(inner), Span(source, opened.span.start, placed.start + 1))
                    top[-1] = Statement(top[-1].items, block, top[-1].items[0].span.to(block.span))
                    inner = []
                case _:
                    top += statements
        return File(source, tuple(top), tuple(comments)), tuple(errors)

    def tree(self, source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
        """As `file`, but the statements of a piece keep their places in it: what did not change since the last
        snapshot is the same object in both trees. Outermost blocks, comments and errors have their places in the whole.
        """
        top: list[Statement] = []
        comments: list[Comment] = []
        errors: list[Diagnostic] = []
        for start, piece, _ in [one for one in self.pieces if one.piece.comments or one.piece.errors]:
            mover = _Mover(source, start)
            comments += [Comment(one.text, mover.span(one.span)) for one in piece.comments]
            errors += [one.placed(mover.span) for one in piece.errors]
        opened = 0
        for at in [at for at, one in enumerate(self.pieces) if one.piece.part is not Part.INNER]:
            placed = self.pieces[at]
            if placed.piece.part is Part.TAIL:
                head, end = top[-1], placed.start + 1
                assert head.block is not None
                inner = chain.from_iterable([one.piece.statements for one in self.pieces[opened + 1 : at]])
                start = self.pieces[opened].start
                block = Block(tuple(inner), Span(source, start + head.block.span.start, end))
                top[-1] = Statement(head.items, block, Span(source, start + head.span.start, end))
            else:
                opened = at
                top += placed.piece.statements
        return File(source, tuple(top), tuple(comments), self._starts), tuple(errors)


class Incremental:
    """Keeps the last snapshot of one text."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.last: Snapshot | None = None

    def update(self, text: str) -> Snapshot:
        """The snapshot of a text; what stood in the last one is not parsed again."""
        self.last = self._inside(text) or self._anew(text) or self._inside(text, loose=True) or self._at_once(text)
        return self.last

    def _inside(self, text: str, *, loose: bool = False) -> Snapshot | None:
        """From the last snapshot, where the change lies inside one block.

        `loose`: what changed is one piece, even where its braces do not pair.
        """
        before = self.last
        if before is None or len(text) > MAX_BYTES:
            return None
        same = _same(before.text, text)
        tail = _same_end(before.text, text, same)
        first = before.at(same) or 0
        if first and before.pieces[first].start == same:
            first -= 1  # what is added at the end of a line may go on with it
        last = max(first, before.at(len(before.text) - tail) or 0)
        touched = before.pieces[first : last + 1]
        if not touched or any(one.piece.part is not Part.INNER for one in touched):
            return None
        grown = len(text) - len(before.text)
        start, end = touched[0].start, touched[-1].end + grown
        closes = before.pieces[last + 1].piece.part is Part.TAIL
        cuts = [(Part.INNER, start, end)] if loose else cut_inner(text, start, end, closes)
        if cuts is None:
            return None
        pieces, fresh = self._taken(text, cuts, touched)
        if loose:
            pieces = [pieces[0]._replace(piece=replace(pieces[0].piece, whole=False))]
        head = touched[0].head
        pieces = [one._replace(head=head) for one in pieces]
        more = len(pieces) - len(touched)
        after = before.pieces[last + 1 :]
        if grown or more:
            after = tuple(
                [
                    Placed(start + grown, piece, head if head is None or head <= first else head + more)
                    for start, piece, head in after
                ]
            )
        gone = {one.piece.fragment.serial for one in touched}
        flawed = [one for one in before.flawed if one.fragment.serial not in gone] + _flawed(pieces)
        change = Change(before.serial, first, last + 1, last + 1 + more)
        return self._snapshot(text, (*before.pieces[:first], *pieces, *after), fresh, flawed, change)

    def _anew(self, text: str) -> Snapshot | None:
        """All pieces of a text whose braces pair."""
        cuts = cut(text) if len(text) <= MAX_BYTES else None
        if cuts is None:
            return None
        pieces, fresh = self._taken(text, cuts, self.last.pieces if self.last is not None else ())
        if any(one.piece.part in (Part.HEAD, Part.TAIL) and not one.piece.whole for one in pieces):
            return None
        return self._snapshot(text, tuple(pieces), fresh, _flawed(pieces), None)

    def _at_once(self, text: str) -> Snapshot:
        """One piece, which is the text as `parse` sees it."""
        return _of_one(_read(self.path, Part.TOP, text))

    def _taken(
        self, text: str, cuts: list[tuple[Part, int, int]], old: tuple[Placed, ...]
    ) -> tuple[list[Placed], frozenset[int]]:
        """The pieces at these places, old ones where there are some of the same text."""
        known: dict[tuple[Part, str], list[Piece]] = {}
        for placed in old:
            if placed.piece.whole:
                known.setdefault((placed.piece.part, placed.piece.fragment.text), []).append(placed.piece)
        pieces: list[Placed] = []
        fresh: set[int] = set()
        head: int | None = None
        for part, start, end in cuts:
            kept = known.get((part, text[start:end]))
            if kept:
                piece = kept.pop()
            else:
                piece = _read(self.path, part, text[start:end])
                fresh.add(piece.fragment.serial)
            if part is Part.HEAD:
                head = len(pieces)
            inside = part in (Part.INNER, Part.TAIL)
            pieces.append(Placed(start, piece, head if inside else None))
        return pieces, frozenset(fresh)

    def _snapshot(
        self,
        text: str,
        pieces: tuple[Placed, ...],
        fresh: frozenset[int],
        flawed: Sequence[Piece],
        change: Change | None,
    ) -> Snapshot:
        whole = all(one.whole for one in flawed)
        exact = whole and sum(len(one.errors) for one in flawed) < MAX_ERRORS
        return Snapshot(self.path, text, pieces, fresh, tuple(flawed), whole, exact, change, _Starts(pieces))


def _flawed(pieces: Iterable[Placed]) -> list[Piece]:
    return [piece for _, piece, _ in pieces if piece.errors or not piece.whole]


def at_once(path: str, text: str, notation: Notation | None = None) -> Snapshot:
    """A text in any notation as one piece, for who reads it once."""
    fragment = Fragment(path, text, next(_serials))
    file, errors = parse_any(fragment, notation)
    statements, comments = (file.statements, file.comments) if file is not None else ((), ())
    return _of_one(Piece(Part.TOP, fragment, statements, comments, errors, file is not None))


def _of_one(piece: Piece) -> Snapshot:
    fragment = piece.fragment
    serial = fragment.serial
    placed = (Placed(0, piece, None),)
    flawed = tuple(_flawed(placed))
    return Snapshot(
        fragment.path, fragment.text, placed, frozenset({serial}), flawed, piece.whole, True, None, {serial: 0}
    )


def _same(one: str, other: str) -> int:
    """How many characters two texts have in common at their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _same_end(one: str, other: str, start: int) -> int:
    """How many characters two texts have in common at their end, those before `start` not counted."""
    low, high = 0, min(len(one), len(other)) - start
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _read(path: str, part: Part, text: str) -> Piece:
    fragment = Fragment(path, text, next(_serials))
    # What stands on the other side of the cut is put there for the parser: a head's `}`, a tail's `{`.
    given = text + "}" if part is Part.HEAD else " " + text[1:] if part is Part.TAIL else text
    file, errors = parse(fragment if given == text else Source(path, given))
    if file is None and (missing := open_blocks(text)):
        # Half a statement inside several blocks: the error stays, and what was written can still be read.
        file, _ = parse(Source(path, given + "\n" + "}" * missing))
    whole = file is not None and not any(one.code in ("ST0002", "ST0003", "ST0004") for one in errors)
    # A `{` that begins a line belongs to the statement above it, which is another piece.
    whole = whole and not text.lstrip().startswith("{")
    statements, comments = (file.statements, file.comments) if file is not None else ((), ())
    if part is Part.HEAD:
        whole = whole and not errors and len(statements) == 1 and statements[0].block is not None
    elif part is Part.TAIL:
        whole = whole and not errors and not statements
    if given != text or file is None or file.source is not fragment:
        mover = _Mover(fragment, 0)
        statements = tuple(mover.statement(one) for one in statements)
        comments = tuple(Comment(one.text, mover.span(one.span)) for one in comments)
        errors = tuple(one.placed(mover.span) for one in errors)
    return Piece(part, fragment, statements, comments, errors, whole)


class _Mover:
    """Spans of one source as spans of another, `by` further on."""

    def __init__(self, source: Source, by: int) -> None:
        self.source, self.by = source, by
        self.most = len(source.text)

    def span(self, span: Span) -> Span:
        return Span(self.source, min(span.start + self.by, self.most), min(span.end + self.by, self.most))

    def item(self, item: Item) -> Item:
        return Item(item.kind, item.text, self.span(item.span))

    def statement(self, statement: Statement) -> Statement:
        block = statement.block
        moved = None
        if block is not None:
            moved = Block(tuple(self.statement(one) for one in block.statements), self.span(block.span))
        return Statement(tuple(self.item(one) for one in statement.items), moved, self.span(statement.span))
