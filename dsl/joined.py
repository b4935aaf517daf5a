"""A line that says two clauses at once -> the two, and what should have stood between them.

Invariant: what comes out has the words of the statement, in their order.
"""

from __future__ import annotations

from .diagnostics import Diagnostic, Fix, Label, Severity
from .forms import Form
from .phrases import Match, match
from .source import Span
from .syntax import Block, Item, Kind, Statement


def at_comma(parent: Form, statement: Statement, at: int) -> tuple[Statement, Statement | None] | None:
    """The two statements that a comma joins, where both sides of it begin as clauses that may stand here."""
    items = statement.items
    if at >= len(items) or items[at].text != ",":
        return None
    rest = items[at + 1 :]
    if rest and rest[0].text not in parent.by_opening:
        return None
    first = Statement(items[:at], None if rest else statement.block, items[0].span.to(items[at - 1].span))
    second = Statement(rest, statement.block, rest[0].span.to(statement.span)) if rest else None
    return first, second


def joined_clauses(
    parent: Form, statement: Statement, at: int, forms: tuple[Form, ...]
) -> tuple[Diagnostic, Statement, Statement | None] | None:
    """A clause with another behind it on its line, or with its block's clause without braces; and what was meant."""
    items = statement.items
    if not 0 < at < len(items) or not any(isinstance(match(form.phrase, items[:at]), Match) for form in forms):
        return None
    word, head = items[at], items[:at]
    end = items[at - 1].span.end
    gap, rest = Span(word.span.source, end, word.span.start), items[at:]
    told = f"`{word.text}` begins another clause"
    if word.text in parent.by_opening and word.kind is Kind.WORD:
        way = f"put a `;` before `{word.text}`, or begin a new line"
        first = Statement(head, None, head[0].span.to(head[-1].span))
        second = Statement(rest, statement.block, word.span.to(statement.span))
        return _split(told, word, way, (Fix(gap, "; ", way),)), first, second
    inner = next((form for form in forms if word.text in form.by_opening), None)
    if inner is None or word.kind is not Kind.WORD:
        return None
    last = statement.span.end
    way = f"it belongs in a block: `{' '.join(item.text for item in head)} {{ {word.text} … }}`"
    behind = Span(word.span.source, last, last)
    block = Block((Statement(rest, statement.block, word.span.to(statement.span)),), word.span.to(statement.span))
    fix = Fix(gap, " { ", "put it into braces", ((behind, " }"),))
    return _split(told, word, way, (fix,)), Statement(head, block, statement.span), None


def _split(message: str, word: Item, way: str, fixes: tuple[Fix, ...]) -> Diagnostic:
    return Diagnostic("ST1004", Severity.ERROR, message, (Label(word.span, "not here"),), help=way, fixes=fixes)


def told_of_comma(comma: Item, rest: Statement | None) -> Diagnostic:
    new, way = (";", "write `;` or begin a new line") if rest is not None else ("", "delete it")
    return Diagnostic(
        "ST1004",
        Severity.ERROR,
        "a comma does not end a clause",
        (Label(comma.span, "expected `;` or the end of the line"),),
        help=way,
        fixes=(Fix(comma.span, new, way),),
    )
