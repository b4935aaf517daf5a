"""The comments of a file, handed out to the statements that they stand with.

Invariant: each is handed out once, in order; what reads a file to its end gets all of them.
"""

from __future__ import annotations

from ..source import LINE_END, Source, Span
from ..syntax import Block, Comment, File, Statement

_BETWEEN = " \t;,"
"""What may stand between the end of a statement and a comment that belongs to it."""


class Comments:
    def __init__(self, file: File) -> None:
        self.source: Source = file.source
        self.left: list[Comment] = list(reversed(file.comments))

    def above(self, offset: int) -> tuple[str, ...]:
        """Those that stand before a place."""
        out: list[str] = []
        while self.left and self.left[-1].span.start < offset:
            out.append(self.left.pop().text)
        return tuple(out)

    def beside(self, statement: Statement) -> str:
        """The one on the line of a head, before what stands on the lines below it."""
        block = statement.block
        if not self.left:
            return ""
        comment = self.left[-1].span
        first = block.statements[0].span.start if block is not None and block.statements else statement.span.end
        same_line = comment.line == statement.head.line and comment.start >= statement.items[0].span.end
        return self.left.pop().text if same_line and comment.start < first else ""

    def behind(self, span: Span) -> str:
        """The one behind the end of a statement, on its line."""
        if not self.left:
            return ""
        start = self.left[-1].span.start
        fits = start >= span.end and not self.source.text[span.end : start].strip(_BETWEEN)
        return self.left.pop().text if fits else ""

    def below(self, block: Block) -> tuple[str, ...]:
        """Those behind the last statement of a block; where indentation makes the block, they are indented with it."""
        out = [*self.above(max(block.span.end - 1, block.span.start))]
        while self._indented(block):
            out.append(self.left.pop().text)
        return tuple(out)

    def inside(self, statement: Statement) -> bool:
        """Whether one stands among the clauses of a statement's block, behind the last of them too."""
        if not self.left:
            return False
        within = self.left[-1].span.start < statement.span.end
        return within or (statement.block is not None and self._indented(statement.block))

    def _indented(self, block: Block) -> bool:
        """Whether the next one stands behind a block that its indentation makes, and as deep as the block."""
        if not self.left or self.source.text[block.span.start : block.span.start + 1] == "{":
            return False
        start = self.left[-1].span.start
        between = [line.strip() for line in LINE_END.split(self.source.text[block.span.end : start])]
        apart = any(line and line[0] != "#" for line in between[1:])
        return self.left[-1].span.column >= block.span.column and not apart
