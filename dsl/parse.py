"""Text -> tree. Reports every independent syntax error and still gives the tree of what could be read.

Invariant: no text makes `parse` raise.
"""

from __future__ import annotations

import re
from functools import cache

from .clauses import read_clauses
from .diagnostics import Diagnostic, Label, Severity
from .indentation import BRACES, is_paired, lifted
from .layout import laid_out
from .other_notation import of_a_mapping
from .placeholders import placeholders
from .runs import MOST_DEEP, Runs
from .source import COMMENT, STRING, Source, Span
from .strays import whole_shares
from .syntax import Comment, File
from .terminals import ignored, terminals

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = MOST_DEEP
"""Blocks nest five deep in the language; beyond this a text is refused before it can exhaust the stack."""
MAX_ERRORS = 50

_COMMENT = re.compile(f"{STRING}|({COMMENT})")


@cache
def _runs() -> Runs:
    """The reader of sound texts, several times as fast: run by run."""
    return Runs(terminals(), ignored())


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
    """How many errors a text has, as it was read: with its names, templates and loops worked in, since what a pool has
    from its template, or what `$name` stands for, is no error of its clauses."""
    # Not before: what composes needs this module.
    from .compose import compose

    file, errors = parsed
    return len(errors) + (len(read_clauses(compose(file).file)[1]) if file is not None else MAX_ERRORS)


def _mended(source: Source, text: str, found: list[Diagnostic]) -> _Parsed:
    """The tree of a text in which braces were put where they belong, of which `found` tells."""
    # Lark takes as long to load as 200 pools to be read, and most texts are sound.
    from .mending import mended

    statements, errors = mended(source, text, found, MAX_ERRORS)
    return (File(source, statements, _comments(source)) if statements is not None else None), errors


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
