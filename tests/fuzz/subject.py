"""What is demanded of every text, whatever it is: it is read or reported, in bounded time, at places that exist."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import Reading, judge, plan, read
from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.diagnostics.render import render
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import File, Statement
from seatrial.targets import NAMES, emit_all
from seatrial.targets import render as document_text

SECONDS = 20.0
"""Of this process's own time, whatever else the machine does, for one text of a few thousand characters."""
LIBRARY = {
    "base.fleet": "let size = 3..9\ntemplate worker { agents $size; each { cpu 1; memory 1Gi } }\n",
    "round.fleet": 'use "round.fleet"\n',
    "broken.fleet": 'fleet f { pool "\n',
    "doc.yaml": "fleet: {f: {pool: {p: {agents: 3}}}}\n",
}


class TooLong(BaseException):
    """Not an Exception: nothing that is tried may catch it."""


@contextmanager
def bounded(seconds: float = SECONDS) -> Iterator[None]:
    """Raises TooLong once this process has computed for so long."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong(f"more than {seconds} s of computing")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def library(_user: Source, path: str) -> tuple[Source, ...] | None:
    return (Source(path, LIBRARY[path]),) if path in LIBRARY else None


def survives(path: str, text: str, *, judged: bool = False) -> Reading:
    """Through every stage that takes a text; `judged`: also proved, and compiled where it can be."""
    source = Source(path, text)
    with bounded():
        reading = read(source, library)
        _told(reading.diagnostics)
        _inside(_spans_of_clauses(reading.clauses))
        if reading.file is not None:
            _inside(_spans(reading.file.statements))
            _inside(comment.span for comment in reading.file.comments)
        fleet, errors = resolve(reading.clauses, {})
        _told(errors)
        file, wrong = parse_any(source)
        if file is not None and not wrong:
            _formats(file)
    if judged and fleet is not None:
        _judged(reading)
    return reading


def _judged(reading: Reading) -> None:
    with bounded(3 * SECONDS):
        checked = judge(reading, {})
        _told(checked.diagnostics)
        for finding in checked.findings:
            _inside([finding.at])
        made = plan(checked, {}, "0")
        if made is not None:
            documents, found = emit_all(made, NAMES)
            _told(found)
            for document in documents:
                assert document_text(document, made)


def _formats(file: File) -> None:
    """One printing, and nothing but layout lost; the other forms say the same."""
    printed = format_file(file)
    again, wrong = parse(Source("again.fleet", printed))
    assert again is not None and not wrong, (printed, wrong)
    assert words(again.statements) == words(file.statements)
    assert format_file(again) == printed
    for notation in (Notation.YAML, Notation.JSON):
        written = write(file, notation)
        if isinstance(written, Diagnostic):
            _told((written,))
            continue
        back, wrong = parse_any(Source("again", written), notation)
        assert back is not None and not wrong, (written, wrong)


def words(statements: tuple[Statement, ...]) -> list[object]:
    return [
        ([item.text for item in one.items], words(one.block.statements) if one.block is not None else None)
        for one in statements
    ]


def _told(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        assert render(diagnostic)
        assert diagnostic.code.startswith("ST") and diagnostic.message
        _inside(label.span for label in diagnostic.labels)
        _inside(fix.span for fix in diagnostic.fixes)


def _inside(spans: Iterable[Span]) -> None:
    for span in spans:
        assert 0 <= span.start <= span.end <= len(span.source.text), span


def _spans(statements: tuple[Statement, ...]) -> Iterator[Span]:
    for statement in statements:
        yield statement.span
        yield from (item.span for item in statement.items)
        if statement.block is not None:
            yield statement.block.span
            yield from _spans(statement.block.statements)


def _spans_of_clauses(clauses: tuple[Clause, ...]) -> Iterator[Span]:
    for clause in clauses:
        yield clause.head
        yield from (value.span for value in clause.values.values())
        yield from _spans_of_clauses(clause.children)
