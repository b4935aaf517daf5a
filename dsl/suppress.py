"""Comments that accept a finding: `# seatrial: allow ST2301 because the limit is raised on Monday`.

Turns the comments of a tree into allowances and marks the diagnostics that they cover. On a line of its own such a
comment covers the statement below it with its block; behind a statement it covers that statement, and behind a `{` the
statement that opens there without its block. Invariant: nothing is dropped, a diagnostic that is allowed carries the
reason; an allowance that does nothing is itself reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from .diagnostics import Diagnostic, Fix, Label, Severity
from .diagnostics.codes import CODES
from .source import Span
from .syntax import Block, Comment, File, Statement

LATER = ("ST7", "ST8")
"""Ranges that only a later stage judges: what a target cannot express, and trials."""
_FIRM = ("ST0", "ST1", "ST7")
"""Errors of these ranges cannot be allowed: where nothing could be read or written, there is nothing to accept."""
_NOT_GRANTED = "it is not allowed by the comment: only warnings and guarantees can be"
_OURS = ("ST1211", "ST1212", "ST1213")

_DIRECTIVE = re.compile(r"#+\s*seatrial\s*(?::|(?=\s*allow\s+ST[0-9]))\s*")
_CODES = re.compile(r"[A-Za-z]*[0-9]+(?:\s*,\s*[A-Za-z]*[0-9]+)*")
_FORM = "# seatrial: allow ST2301 because the limit is raised on Monday"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One code that is allowed in `covers`. `at` is the code inside the comment; `comment` the comment as a whole."""

    code: str
    reason: str
    at: Span
    covers: Span
    comment: Span

    def is_for(self, diagnostic: Diagnostic) -> bool:
        """Whether the diagnostic has this code and its primary place lies in what is covered."""
        if diagnostic.code != self.code or not diagnostic.labels:
            return False
        place = diagnostic.labels[0].span
        covers = self.covers
        return place.source.path == covers.source.path and covers.start <= place.start and place.end <= covers.end


def allowances(file: File) -> tuple[tuple[Allowance, ...], tuple[Diagnostic, ...]]:
    """The allowances of a file in order, and what is wrong with how they are written."""
    found: list[Diagnostic] = []
    read: list[Allowance] = []
    for comment in file.comments:
        opening = _DIRECTIVE.match(comment.text)
        if opening is not None:
            read.extend(_read(file, comment, opening.end(), found))
    return tuple(read), tuple(found)


def mark(given: tuple[Allowance, ...], diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics in their order, those that are covered with the reason in `allowed`.

    An error that cannot be allowed says so in a note where someone tried.
    """
    return tuple(_marked(given, one) for one in diagnostics) if given else tuple(diagnostics)


def _marked(given: tuple[Allowance, ...], diagnostic: Diagnostic) -> Diagnostic:
    allowance = next((one for one in given if one.is_for(diagnostic)), None)
    if allowance is None:
        return diagnostic
    if diagnostic.code in _OURS or (diagnostic.is_error and diagnostic.code.startswith(_FIRM)):
        return replace(diagnostic, notes=(*diagnostic.notes, _NOT_GRANTED))
    return replace(diagnostic, allowed=allowance.reason)


def _line(there: Span, here: Span) -> str:
    """The line, with its file where that is another one."""
    other = there.source.path if there.source.path != here.source.path else ""
    return f"{other}:{there.line}" if other else f"line {there.line}"


def idle(given: tuple[Allowance, ...], told: tuple[Diagnostic, ...], later: bool = False) -> tuple[Diagnostic, ...]:
    """A warning for each allowance that covers nothing of `told`.

    Only codes of the ranges in LATER are judged where `later` is true, else only the others.
    """
    out: list[Diagnostic] = []
    for one in given:
        if one.code.startswith(LATER) != later or any(one.is_for(it) for it in told):
            continue
        elsewhere = next((it for it in told if it.code == one.code and it.labels and not it.allowed), None)
        several = "," in one.comment.text.partition("because")[0]
        there = (
            f"it is told of {_line(elsewhere.labels[0].span, one.at)}: put the comment there, or " if elsewhere else ""
        )
        out.append(
            Diagnostic(
                "ST1213",
                Severity.WARNING,
                f"nothing here is told as {one.code}",
                (Label(one.at, "allows nothing"),),
                help=f"{there}delete {one.code} from the comment" if several else f"{there}delete the comment",
                fixes=() if several else (Fix(one.comment, "", "delete the comment"),),
            )
        )
    return tuple(out)


def _read(file: File, comment: Comment, at: int, found: list[Diagnostic]) -> Iterator[Allowance]:
    """The codes of one comment; nothing where it is not well-formed, so that half a comment allows nothing."""
    text, start = comment.text, comment.span.start
    word = re.compile(r"allow\s+").match(text, at)
    codes = _CODES.match(text, word.end()) if word else None
    if word is None or codes is None:
        rest = Span(file.source, start + min(at, len(text) - 1), comment.span.end)
        found.append(_warning("ST1212", "this comment for seatrial cannot be read", (Label(rest),), f"write {_FORM}"))
        return
    because = re.compile(r"\s+because\s+(\S.*)").match(text, codes.end())
    if because is None:
        lacking = Label(Span(file.source, start + codes.start(), comment.span.end), "no reason follows")
        message = f"{codes[0]} is not allowed: the reason is missing"
        found.append(_warning("ST1211", message, (lacking,), f"say why: # seatrial: allow {codes[0]} because …"))
        return
    covers = _covered(file, comment)
    for code in re.finditer(r"[A-Za-z]*[0-9]+", codes[0]):
        place = Span(file.source, start + codes.start() + code.start(), start + codes.start() + code.end())
        if code[0] not in CODES:
            # The range says what it is about, so a slip is looked for in it alone.
            near = [one for one in CODES if one[:3] == code[0][:3].upper()]
            close = get_close_matches(code[0].upper(), near, n=1, cutoff=0.6)
            help = f"did you mean {close[0]} ({CODES[close[0]]})?" if close else "`seatrial explain` lists the codes"
            fixes = (Fix(place, close[0], f"write {close[0]}"),) if close else ()
            label = (Label(place, "not known"),)
            found.append(Diagnostic("ST1212", Severity.WARNING, f"there is no code {code[0]}", label, (), help, fixes))
        else:
            yield Allowance(code[0], because[1], place, covers, comment.span)


def _covered(file: File, comment: Comment) -> Span:
    """What a comment covers; only itself where no statement is below it in its block."""
    at = comment.span.start
    line_start = file.source.line_start(at)
    alone = not file.source.text[line_start:at].strip(" \t;")
    siblings = file.statements
    while (around := _around(file, siblings, at)) is not None:
        block = around.block
        if block is None or (at < file.place(block.span).start and not (alone and _indented(file, block))):
            return file.place(around.head)  # in the middle of a statement that runs over several lines
        siblings = block.statements
    if alone:
        below = (file.place(one.span) for one in siblings)
        return next((span for span in below if span.start > at), comment.span)
    ends = [end for one in file.statements for end in _ends(file, one, line_start, at)]
    return max(ends, key=lambda end: end[0])[1] if ends else comment.span


def _indented(file: File, block: Block) -> bool:
    """Whether indentation makes the block: no brace opens it, so comments above its first clause are in it."""
    start = file.place(block.span).start
    return file.source.text[start : start + 1] != "{"


def _around(file: File, siblings: tuple[Statement, ...], at: int) -> Statement | None:
    for one in siblings:
        span = file.place(one.span)
        if span.start <= at < span.end:
            return one
    return None


def _ends(file: File, statement: Statement, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """Where on a line, given by its start and end, a statement ends or its block opens, and what that covers."""
    span = file.place(statement.span)
    if span.end <= start or span.start >= end:
        return
    below = statement.block is not None and span.start < start and _indented(file, statement.block)
    if span.end <= end and not below:  # a block that indentation makes has no end of its own to stand behind
        yield span.end, span
    if statement.block is not None:
        opening = file.place(statement.block.span).start + 1
        if start < opening <= end:
            yield opening, file.place(statement.head)
        for inner in statement.block.statements:
            yield from _ends(file, inner, start, end)


def _warning(code: str, message: str, labels: tuple[Label, ...], help: str) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, labels, help=help)
