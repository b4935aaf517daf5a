"""Text in which something may be wrong -> its tree, item by item: lark tells what does not fit, and is helped on.

Invariant: of a sound text the tree is that of `runs.py`. Only this module knows lark, and it is imported for texts that
want mending alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken
from lark.exceptions import LarkError
from lark.parsers.lalr_interactive_parser import InteractiveParser

from .diagnostics import Diagnostic, Label, Severity
from .indentation import still_open, surplus, unclosed
from .runs import ITEMS
from .source import Source, Span
from .strays import stray_character
from .syntax import Block, Item, Statement
from .terminals import grammar


@cache
def _lark() -> Lark:
    return Lark(grammar(), parser="lalr", lexer="basic", start="start", propagate_positions=False)


class _ToTree(Transformer[Token, Any]):
    """Builds the nodes from the parser's tree."""

    def __init__(self, source: Source) -> None:
        super().__init__(visit_tokens=False)
        self.source = source

    def item_of(self, token: Token) -> Item:
        text = token.value
        kind = ITEMS[token.type]
        start, end = token.start_pos or 0, token.end_pos or 0
        if text[0] == ",":
            text, end = ",", start + 1
        return Item(kind, text, Span(self.source, start, end))

    def statement(self, children: list[Any]) -> Statement:
        block = children[-1] if isinstance(children[-1], Block) else None
        tokens = children[:-1] if block else children
        items = tuple(self.item_of(token) for token in tokens)
        end = block.span if block else items[-1].span
        return Statement(items, block, items[0].span.to(end))

    def block(self, children: list[Any]) -> Block:
        span = Span(self.source, children[0].start_pos, children[-1].end_pos)
        return Block(tuple(child for child in children if isinstance(child, Statement)), span)

    def start(self, children: list[Any]) -> tuple[Statement, ...]:
        return tuple(children)


def mended(
    source: Source, text: str, found: list[Diagnostic], most: int
) -> tuple[tuple[Statement, ...] | None, tuple[Diagnostic, ...]]:
    """The statements of a text in which braces were put where they belong, of which `found` tells; and all errors, of
    which there are `most` at the most."""
    found = list(found)
    told_before = len(found)

    def recover(error: Exception) -> bool:
        if len(found) >= most:
            return False
        if isinstance(error, UnexpectedCharacters):
            at = error.pos_in_stream or 0
            if any(one.labels[0].span.end > at for one in found[told_before:]):
                # The second point of `registry.example.org` is in what was told of the first. There may be very many.
                return True
            stray = stray_character(source, at)
            found.append(stray.told)
            state = error.interactive_parser.lexer_thread.state
            if state is not None and stray.meant is not None:
                terminal, meant, end = stray.meant
                state.line_ctr.feed(source.text[at:end])
                if terminal in _accepted(error.interactive_parser):
                    error.interactive_parser.feed_token(Token(terminal, meant, start_pos=at, end_pos=end))
            return True
        if isinstance(error, UnexpectedToken):
            return _recover_from_token(source, error, found)
        return False

    try:
        tree = _lark().parse(text, on_error=recover)
        statements: tuple[Statement, ...] = _ToTree(source).transform(tree)
    except LarkError:
        if not found:
            found.append(_unexpected(source, len(source.text), len(source.text), "the end of the file"))
        return None, tuple(found)
    return statements, tuple(found)


def _recover_from_token(source: Source, error: UnexpectedToken, found: list[Diagnostic]) -> bool:
    """Reports, then mends the token stream: closes what is open at the end, drops what is too much."""
    token: Token = error.token
    parser = error.interactive_parser
    start, end = token.start_pos or 0, token.end_pos or 0
    if token.type == "$END":
        opened = still_open(source.text)
        if "RBRACE" not in _accepted(parser):
            found.append(_unexpected(source, start, end, "the end of the file"))
            return False
        if opened and not any(one.code == "ST0003" for one in found):
            found.append(unclosed(source, opened))
        # All at once: lark takes a second error at the same end for a recovery that goes round in circles.
        while "RBRACE" in _accepted(parser):
            parser.feed_token(Token("RBRACE", "}", start_pos=len(source.text), end_pos=len(source.text)))
        return True
    if token.type == "_SEPARATOR":
        # One too many, behind something that was dropped.
        return True
    if token.type == "RBRACE":
        found.append(surplus(Span(source, start, end)))
        return True
    if token.type == "LBRACE":
        found.append(_unexpected(source, start, end, "`{`", "a block belongs to a statement: write `name { … }`"))
        # Keep the braces paired: an invented head takes the block.
        parser.feed_token(Token("WORD", "_", start_pos=start, end_pos=start))
        parser.feed_token(token)
        return True
    if "_SEPARATOR" in error.expected:
        found.append(
            _unexpected(
                source, start, end, f"`{str(token).strip()}`", "start a new line, or put a `;` between two statements"
            )
        )
        parser.feed_token(Token("_SEPARATOR", ";", start_pos=start, end_pos=start))
        parser.feed_token(token)
        return True
    found.append(_unexpected(source, start, end, f"`{str(token).strip() or 'line end'}`"))
    return True


def _unexpected(source: Source, start: int, end: int, what: str, help_: str = "") -> Diagnostic:
    return Diagnostic(
        "ST0001", Severity.ERROR, f"{what} is not expected here", (Label(Span(source, start, end)),), help=help_
    )


def _accepted(parser: InteractiveParser) -> set[str]:
    """The terminals that could come next."""
    names: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
    return names
