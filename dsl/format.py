"""The canonical printer behind `seatrial fmt`: tree -> text.

One style: two blanks of indentation, one blank between items, a block on one line where it was written so and fits.
Invariant: parsing the result gives the same items in the same order and every comment; printing it again changes
nothing.
"""

from __future__ import annotations

from itertools import pairwise

from .syntax import Block, Comment, File, Item, Statement

WIDTH = 100


def format_file(file: File) -> str:
    """The text of a file that was parsed without errors."""
    printer = _Printer(file)
    printer.statements(file.statements, 0, len(file.source.text))
    text = "\n".join(line.rstrip() for line in printer.lines).strip("\n")
    return text + "\n" if text else ""


def join(items: tuple[Item, ...]) -> str:
    """Items on one line: no blanks around `..` and inside parentheses, none before a comma."""
    out = [items[0].text]
    for before, item in pairwise(items):
        tight = item.text in ("..", ",", ")") or before.text in ("..", "(")
        out.append(item.text if tight else " " + item.text)
    return "".join(out)


def ends(statement: Statement) -> str:
    """What must stand behind a statement at the end of its line: a comma would carry it over to the next."""
    return ";" if statement.block is None and statement.items[-1].text == "," else ""


class _Printer:
    def __init__(self, file: File) -> None:
        self.source = file.source
        self.comments = list(file.comments)
        self.lines: list[str] = []

    def statements(self, statements: tuple[Statement, ...], depth: int, end: int) -> None:
        """All statements of one body, with the comments around them; `end` is where the body ends."""
        previous: int | None = None
        for statement in statements:
            previous = self._comments_before(statement.span.start, depth, previous)
            self._blank_line(previous, statement.span.line)
            self._comments_within(statement.head.end, depth)
            self._statement(statement, depth)
            previous = self.source.position(max(statement.span.end - 1, statement.span.start))[0]
            self._trailing(statement.span.end)
        self._comments_before(end, depth, previous)

    def _statement(self, statement: Statement, depth: int) -> None:
        indent = "  " * depth
        one_line = self._on_one_line(statement)
        if one_line is not None and len(indent) + len(one_line) <= WIDTH:
            self.lines.append(indent + one_line + ends(statement))
            return
        head = indent + join(statement.items)
        if statement.block is None:
            self.lines.append(head + ends(statement))
            return
        self.lines.append(head + " {")
        self._trailing(statement.block.span.start + 1)
        self.statements(statement.block.statements, depth + 1, statement.block.span.end - 1)
        self.lines.append(indent + "}")

    def _on_one_line(self, statement: Statement) -> str | None:
        """The statement on one line, if it was written on one and no comment stands inside."""
        if statement.block is None:
            return join(statement.items)
        block = statement.block
        if not block.statements:
            return None if self._comment_inside(block) else join(statement.items) + " {}"
        starts_beside = self.source.position(block.span.start)[0] == block.statements[0].span.line
        if not starts_beside or self._comment_inside(block):
            return None
        parts = [self._on_one_line(inner) for inner in block.statements]
        if any(part is None for part in parts):
            return None
        return f"{join(statement.items)} {{ {'; '.join(part for part in parts if part)} }}"

    def _comment_inside(self, block: Block) -> bool:
        ahead = next((comment for comment in self.comments if comment.span.start > block.span.start), None)
        return ahead is not None and ahead.span.start < block.span.end

    def _comments_before(self, offset: int, depth: int, previous: int | None) -> int | None:
        """Prints the comments that stand on lines of their own before a place; the line of the last thing printed."""
        while self.comments and self.comments[0].span.start < offset:
            comment = self.comments.pop(0)
            self._blank_line(previous, comment.span.line)
            self.lines.append("  " * depth + comment.text)
            previous = comment.span.line
        return previous

    def _comments_within(self, end: int, depth: int) -> None:
        """Prints those behind a comma that carries a statement over, which now stands on one line, above it."""
        while self.comments and self.comments[0].span.start < end:
            self.lines.append("  " * depth + self.comments.pop(0).text)

    def _trailing(self, offset: int) -> None:
        """A comment on the same line behind what was just printed stays there."""
        if not self.comments:
            return
        comment: Comment = self.comments[0]
        between = self.source.text[offset : comment.span.start]
        if comment.span.start >= offset and not between.strip(" \t;"):
            self.comments.pop(0)
            self.lines[-1] += "  " + comment.text

    def _blank_line(self, previous: int | None, line: int) -> None:
        """One empty line is kept where there were some, none is invented."""
        if previous is not None and line - previous > 1:
            self.lines.append("")
