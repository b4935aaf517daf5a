"""Text -> tree. Reports every independent syntax error and still gives the tree of what could be read.

Invariant: no text makes `parse` raise. Only this module knows lark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken
from lark.exceptions import LarkError
from lark.parsers.lalr_interactive_parser import InteractiveParser

from .clauses import read_clauses
from .diagnostics import Diagnostic, Label, Severity
from .indentation import BRACES, is_paired, lifted, still_open, surplus, unclosed
from .layout import laid_out
from .other_notation import of_a_mapping
from .placeholders import placeholders
from .runs import ITEMS, MOST_DEEP, Runs
from .source import COMMENT, STRING, Source, Span
from .strays import stray_character, whole_shares
from .syntax import Block, Comment, File, Item, Statement

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = MOST_DEEP
"""Blocks nest five deep in the language; beyond this a text is refused before it can exhaust the stack."""
MAX_ERRORS = 50

_COMMENT = re.compile(f"{STRING}|({COMMENT})")


@cache
def _lark() -> Lark:
    """The parser that can mend: item by item, with lark's own lexer."""
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", start="start", propagate_positions=False)


@cache
def _runs() -> Runs:
    """The reader of sound texts, several times as fast: run by run."""
    return Runs(terminals(), _lark().ignore_tokens)


@cache
def terminals() -> Mapping[str, str]:
    """The grammar's terminals and their regular expressions, in the order in which they are tried at a place."""
    return {one.name: one.pattern.to_regexp() for one in sorted(_lark().terminals, key=lambda one: -one.priority)}


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


def parse(source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """The tree of a text, as far as it could be read, and what is wrong with it.

    None only where the text as a whole is refused (too large, too deep, or damaged beyond recovery).
    """
    other = of_a_mapping(source)
    if other is not None:
        return None, (other,)
    if len(source.text) <= MAX_BYTES:
        statements = _runs().read(source)
        if statements is not None:
            return File(source, statements, _comments(source)), ()
    return parse_item_by_item(source)


def _comments(source: Source) -> tuple[Comment, ...]:
    if "#" not in source.text:
        return ()
    return tuple(
        Comment(match.group(1).rstrip(), Span(source, match.start(1), match.start(1) + len(match.group(1).rstrip())))
        for match in _COMMENT.finditer(source.text)
        if match.group(1)
    )


def parse_item_by_item(source: Source) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """What `parse` gives, also where something is wrong; of a sound text the same, several times as slowly."""
    refused = _refuse(source)
    if refused is not None:
        return None, (refused,)
    named = placeholders(source)
    if named:
        # Whether a brace belongs to a name or to a block is not known, so that more errors would be guesses.
        return None, named[:MAX_ERRORS]
    found: list[Diagnostic] = []
    text = whole_shares(source, lifted(source, found), found)
    as_written = _mended(source, text, found)
    if is_paired(text):
        return as_written
    as_laid_out = _by_layout(source, text, tuple(found))
    return as_laid_out if as_laid_out is not None and _wrong(as_laid_out) <= _wrong(as_written) else as_written


def parse_by_layout(source: Source) -> tuple[File, tuple[Diagnostic, ...]] | None:
    """A text whose braces pair, but not as its lines are indented, read by its indentation.

    As where one `{` and another `}` were lost. None where both agree. Whoever asks compares the errors.
    """
    if len(source.text) > MAX_BYTES or _refuse(source) is not None:
        return None
    found: list[Diagnostic] = []
    text = whole_shares(source, lifted(source, found), found)
    read = _by_layout(source, text, tuple(found))
    if read is None or read[0] is None:
        return None
    return read[0], read[1]


_Parsed = tuple[File | None, tuple[Diagnostic, ...]]


def _by_layout(source: Source, text: str, found: tuple[Diagnostic, ...]) -> _Parsed | None:
    laid = laid_out(source, text)
    return _mended(source, laid[0], [*found, *laid[1]]) if laid is not None else None


def _wrong(parsed: _Parsed) -> int:
    """How many errors a text has, as it was read."""
    file, errors = parsed
    return len(errors) + (len(read_clauses(file)[1]) if file is not None else MAX_ERRORS)


def _mended(source: Source, text: str, found: list[Diagnostic]) -> _Parsed:
    """The tree of a text in which braces were put where they belong, of which `found` tells."""
    found = list(found)
    told_before = len(found)

    def recover(error: Exception) -> bool:
        if len(found) >= MAX_ERRORS:
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
        statements = _ToTree(source).transform(tree)
    except LarkError:
        if not found:
            found.append(_unexpected(source, len(source.text), len(source.text), "the end of the file"))
        return None, tuple(found)
    return File(source, statements, _comments(source)), tuple(found)


def _refuse(source: Source) -> Diagnostic | None:
    if len(source.text) > MAX_BYTES:
        return Diagnostic(
            "ST0004",
            Severity.ERROR,
            f"the file has {len(source.text):,} characters, more than the {MAX_BYTES:,} that are read",
            (Label(Span(source, 0, 0)),),
            help="split the spec over several files",
        )
    depth = 0
    for match in BRACES.finditer(source.text):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            return Diagnostic(
                "ST0004",
                Severity.ERROR,
                f"blocks are nested more than {MAX_DEPTH} deep",
                (Label(Span(source, match.start(), match.end()), "one too many"),),
                help="no statement of the language nests deeper than five blocks; is a `}` missing?",
            )
    return None


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
    if "_SEPARATOR" in error.expected and token.type != "_SEPARATOR":
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
