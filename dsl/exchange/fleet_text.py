"""Statements -> the text of a spec in the one style of `seatrial fmt`.

The places of the statements count only for the comments between them, so it does not matter what they were read from.
"""

from __future__ import annotations

from ..format import ends, format_file, join
from ..parse import parse
from ..source import Source
from ..syntax import File, Statement
from .comments import Comments
from .documents import shape_of
from .shape import Body, root

NARROW = 80
"""A block without blocks in it stands on the line of its head where that leaves the line as short as this."""
FEW = 6


def fleet_text(file: File) -> str:
    """The text of a file whose clauses were read without errors."""
    writer = _Writer(Comments(file))
    writer.statements(root(), file.statements, 0)
    writer.comments_above(len(file.source.text) + 1, 0)
    read, errors = parse(Source(file.source.path, "\n".join(writer.lines) + "\n"))
    if read is None or errors:
        raise ValueError(f"what was written cannot be read: {errors[0].message}")
    return format_file(read)


class _Writer:
    def __init__(self, comments: Comments) -> None:
        self.comments = comments
        self.lines: list[str] = []

    def statements(self, body: Body, statements: tuple[Statement, ...], depth: int) -> None:
        tall = False
        for number, statement in enumerate(statements):
            place = len(self.lines)
            self.comments_above(statement.span.start, depth)
            was_tall, tall = tall, self._statement(body, statement, depth)
            if number and depth < 2 and (tall or was_tall):
                self.lines.insert(place, "")

    def comments_above(self, offset: int, depth: int) -> None:
        self.lines.extend("  " * depth + comment for comment in self.comments.above(offset))

    def _statement(self, body: Body, statement: Statement, depth: int) -> bool:
        """Writes one; tells whether it took several lines."""
        inner = shape_of(body, statement)[0].body
        indent, head, block = "  " * depth, join(statement.items), statement.block
        beside = self.comments.beside(statement)
        short = _on_one_line(statement)
        fits = short is not None and not beside and len(indent + short) <= NARROW
        if short is not None and fits and not self.comments.inside(statement):
            self.lines.append(indent + short + ends(statement) + _apart(self.comments.behind(statement.span)))
            return False
        if block is None:
            self.lines.append(indent + head + ends(statement) + _apart(beside or self.comments.behind(statement.span)))
            return False
        self.lines.append(indent + head + " {" + _apart(beside))
        self.statements(inner, block.statements, depth + 1)
        self.lines.extend(indent + "  " + comment for comment in self.comments.below(block))
        self.lines.append(indent + "}" + _apart(self.comments.behind(statement.span)))
        return True


def _on_one_line(statement: Statement) -> str | None:
    """A statement whose block is short and has no blocks in it."""
    head, block = join(statement.items), statement.block
    if block is None:
        return head
    if len(block.statements) > FEW or any(one.block is not None for one in block.statements):
        return None
    inner = "; ".join(join(one.items) for one in block.statements)
    return f"{head} {{ {inner} }}" if inner else f"{head} {{}}"


def _apart(comment: str) -> str:
    return f"  {comment}" if comment else ""
