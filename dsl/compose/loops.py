"""`for region in north, south { … }` -> the block once for each value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..diagnostics import Diagnostic, Fix, Label, Severity
from ..forms.reuse import MOST_LOOPS
from ..source import Span
from ..syntax import Item, Kind, Statement
from .names import Names

MOST = 100_000
"""Statements that all loops of a file may come to; a loop over a billion is refused before it fills the memory."""

_ONCE = frozenset({"use", "let", "template", "environment"})
"""What is worked off once and for the whole file, before any loop."""
_COUNT = re.compile(r"[0-9][0-9_]{0,19}")
_FORMS = "write `for region in north, south { … }` or `for shard in 1..8 { … }`"
_SPLIT = "let the loops go round less often, or split the spec into several fleets"


class Wrong(NamedTuple):
    """What of a loop's values is wrong, where, and the way out."""

    message: str
    at: Span
    help: str = _FORMS
    fix: Fix | None = None


def unroll(
    statements: tuple[Statement, ...],
    names: Names,
    own: Mapping[str, tuple[Item, ...]],
    found: list[Diagnostic],
    before: int = 0,
) -> tuple[Statement, ...]:
    """All statements, those of loops repeated, with every `$name` replaced.

    `before`: how many others came to so far.
    """
    out: list[Statement] = []
    for statement in statements:
        if statement.word != "for":
            out.append(names.statement(statement, own, found))
            continue
        if len(own) == MOST_LOOPS:
            help_ = f"write the block of one of them once for each of its values: {MOST_LOOPS} may nest"
            found.append(_refused(statement, f"more than {MOST_LOOPS} loops stand in one another", help_))
            continue
        loop = _values(statement, names, own, found)
        if loop is None:
            continue
        variable, values = loop
        body = _repeated(statement, found)
        if len(values) * max(1, len(body)) + before + len(out) > MOST:
            found.append(_too_many(statement.head, len(values), len(body)))
            continue
        for value in values:
            # Loops whose blocks say nothing go round all the same.
            names.rounds += 1
            if names.rounds > MOST:
                if names.rounds == MOST + 1:
                    message = f"all loops together go round more than {MOST:,} times"
                    found.append(_refused(statement, message, _SPLIT))
                break
            out.extend(unroll(body, names, {**own, variable: (value,)}, found))
            if before + len(out) > MOST:
                break
    return tuple(out)


def _repeated(loop: Statement, found: list[Diagnostic]) -> tuple[Statement, ...]:
    """The clauses of a loop's block, without those that cannot be repeated, of which is told."""
    body = loop.block.statements if loop.block is not None else ()
    if not body:
        help_ = "write in its block what is there once for each value: `pool work-$shard { agents 3 }`"
        found.append(_refused(loop, "this loop repeats nothing", help_))
    for one in body:
        word = one.items[0]
        if word.text in _ONCE:
            message = f"`{word.text}` is not a clause that may stand in `for`"
            help_ = "write it in front of the loop: it holds for the whole fleet"
            at = Label(word.span, "not known here")
            found.append(Diagnostic("ST1001", Severity.ERROR, message, (at,), help=help_))
    return tuple([one for one in body if one.word not in _ONCE])


def _values(
    statement: Statement, names: Names, own: Mapping[str, tuple[Item, ...]], found: list[Diagnostic]
) -> tuple[str, list[Item]] | None:
    """The variable and what it takes; None, and said so, where the head is no loop."""
    items = names.statement(Statement(statement.items, None, statement.head), own, found).items
    if len(items) < 4 or items[1].kind is not Kind.WORD or items[2].text != "in":
        found.append(_refused(statement, "a loop names its variable and its values"))
        return None
    parts, wrong = values_of(items[3:])
    if wrong is not None:
        fixes = (wrong.fix,) if wrong.fix is not None else ()
        label = Label(wrong.at)
        found.append(Diagnostic("ST1041", Severity.ERROR, wrong.message, (label,), help=wrong.help, fixes=fixes))
        return None
    values: list[Item] = []
    for value, numbers in parts:
        if numbers is None:
            values.append(value)
        elif len(values) + numbers.stop - numbers.start > MOST:
            last = next(high for low, _, high in zip(items, items[1:], items[2:], strict=False) if low is value)
            found.append(_too_many(_over(value, last), len(values) + numbers.stop - numbers.start))
            return None
        else:
            values.extend(Item(Kind.QUANTITY, str(number), value.span) for number in numbers)
    known: dict[str, Item] = {}
    twice = next((one for one in values if known.setdefault(one.text, one) is not one), None)
    if twice is not None:
        found.append(_twice(twice, known[twice.text]))
        return None
    return items[1].text, values


def values_of(items: Sequence[Item]) -> tuple[list[tuple[Item, range | None]], Wrong | None]:
    """What stands behind `in`, up to the first thing that is wrong, and what that is.

    A range comes with the item that it begins with, and may be longer than any loop goes round.
    """
    parts: list[tuple[Item, range | None]] = []
    rest = list(items)
    while rest:
        if len(rest) >= 3 and rest[1].text == "..":
            low, high = rest[0], rest[2]
            at = _over(low, high)
            if not (_COUNT.fullmatch(low.text) and _COUNT.fullmatch(high.text)):
                return parts, Wrong(f"`{low.text}..{high.text}` is not a range of whole numbers", at)
            first, last = int(low.text.replace("_", "")), int(high.text.replace("_", ""))
            if last < first:
                return parts, _backwards(low, high, at)
            parts.append((low, range(first, last + 1)))
            rest = rest[3:]
        elif rest[0].kind in (Kind.WORD, Kind.QUANTITY):
            parts.append((rest.pop(0), None))
        else:
            return parts, Wrong(f"`{rest[0].text}` is neither a name nor a number", rest[0].span)
        if rest and (rest.pop(0).text != "," or not rest):
            return parts, Wrong("the values of a loop are separated by commas", items[0].span.to(items[-1].span))
    return parts, None


def _over(low: Item, high: Item) -> Span:
    """Where a range stands; where its beginning does, if its ends come from different texts."""
    return low.span.to(high.span) if low.span.source is high.span.source else low.span


def _backwards(low: Item, high: Item, at: Span) -> Wrong:
    """Mended where both ends stand there: the value of a name is not the loop's to change."""
    turned = f"{high.text}..{low.text}"
    fix = Fix(at, turned, f"write `{turned}`") if at.text == f"{low.text}..{high.text}" else None
    message = f"`{low.text}..{high.text}` runs backwards: a range counts up, from the lesser number to the greater"
    return Wrong(message, at, f"write `{turned}`", fix)


def _too_many(at: Span, times: int, clauses: int = 1) -> Diagnostic:
    each = f" with {clauses} clauses" if clauses > 1 else ""
    message = (
        f"this loop goes round {times:,} times{each}: all loops of a file together may come to {MOST:,} statements"
    )
    help_ = f"let it go round less often; agents that are all alike are one pool: `agents {times:_}`"
    return Diagnostic("ST1041", Severity.ERROR, message, (Label(at),), help=help_)


def _twice(value: Item, first: Item) -> Diagnostic:
    labels = (Label(value.span, "again here"), Label(first.span, "first named here"))
    message = f"this loop takes the value `{value.text}` twice"
    return Diagnostic("ST1041", Severity.ERROR, message, labels, help="keep one of them")


def _refused(statement: Statement, message: str, help_: str = _FORMS) -> Diagnostic:
    return Diagnostic("ST1041", Severity.ERROR, message, (Label(statement.head),), help=help_)
