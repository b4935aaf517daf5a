"""What is wrong in each round of a loop -> told once, where the loop's variable is used.

The value of a loop's variable stands in the loop's head, and what does not fit stands in its block: without the latter
nobody sees what is wrong. Limit: of values that stand for others (`for x in $list`) each is told by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..diagnostics import Diagnostic, Label
from ..source import Span
from ..syntax import Kind, Statement
from .loops import values_of

_SHOWN = 3
"""Places where a variable is used, beside a message about its value."""
Key = tuple[str | int, int]


@dataclass(frozen=True, slots=True)
class _Loop:
    number: int
    """Of values."""
    ranged: bool
    uses: tuple[Span, ...]


def told_once(found: Sequence[Diagnostic], statements: Iterable[Statement]) -> tuple[Diagnostic, ...]:
    """Diagnostics about the values of loops also show where these are used; what is wrong with every value alike is
    told of the first."""
    loops = dict(_loops(statements)) if found else {}
    if not loops:
        return tuple(found)
    found = _of_one_place(found)
    alike: dict[tuple[_Loop, str, str], set[tuple[Span, str]]] = {}
    for one in found:
        loop = loops.get(_key(one.labels[0].span))
        if loop is not None:
            alike.setdefault((loop, one.code, _gist(one)), set()).add((one.labels[0].span, one.message))
    out: list[Diagnostic] = []
    done: set[tuple[_Loop, str, str]] = set()
    for one in found:
        loop = loops.get(_key(one.labels[0].span))
        if loop is None:
            out.append(one)
            continue
        key = (loop, one.code, _gist(one))
        if not 1 < loop.number == len(alike[key]):
            uses = tuple([Label(use, "used here") for use in loop.uses[:_SHOWN]])
            # Of a range no one value can be written otherwise.
            out.append(replace(one, labels=(*one.labels, *uses), fixes=() if loop.ranged else one.fixes))
        elif key not in done:
            done.add(key)
            out.append(_of_all(one, loop))
    return tuple(out)


def _of_one_place(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Of what is told of one name in several rounds, `Work_$n`, the first."""
    messages: dict[tuple[str, Span], set[str]] = {}
    for one in found:
        messages.setdefault((one.code, one.labels[0].span), set()).add(one.message)
    out: list[Diagnostic] = []
    done: set[tuple[str, Span]] = set()
    for one in found:
        key = (one.code, one.labels[0].span)
        others = len(messages[key]) - 1
        if others and "$" in key[1].text:
            if key not in done:
                note = f"so it is in {others:,} more round{'s' if others > 1 else ''} of the loop"
                out.append(replace(one, notes=(*one.notes, note), fixes=()))
            done.add(key)
        else:
            out.append(one)
    return tuple(out)


def _of_all(one: Diagnostic, loop: _Loop) -> Diagnostic:
    """Where the variable is used once, that is the place; a change of one value would mend one round."""
    value = one.labels[0]
    note = f"so it is with each of the {loop.number:,} values of the loop"
    labels: tuple[Label, ...] = (value, *(Label(use, "used here") for use in loop.uses[:_SHOWN]))
    if len(loop.uses) == 1:
        labels = (Label(loop.uses[0], value.text), Label(value.span, "the first value"))
    return replace(one, labels=labels, notes=(*one.notes, note), fixes=())


def _loops(statements: Iterable[Statement]) -> Iterator[tuple[Key, _Loop]]:
    """Each place where a value of a loop stands, with the loop."""
    for statement in statements:
        inner = statement.block.statements if statement.block is not None else ()
        if statement.word == "for" and len(statement.items) > 3:
            parts, _ = values_of(statement.items[3:])
            number = sum(1 if numbers is None else len(numbers) for _, numbers in parts)
            loop = _Loop(number, number > len(parts), tuple(_uses(statement.items[1].text, inner)))
            yield from [(_key(item.span), loop) for item, _ in parts]
        yield from _loops(inner)


def _uses(variable: str, statements: Iterable[Statement]) -> Iterator[Span]:
    """Where it stands for itself: as a part of a name or a text, what it makes has its place there."""
    for statement in statements:
        yield from [item.span for item in statement.items if item.kind is Kind.WORD and item.text == f"${variable}"]
        yield from _uses(variable, statement.block.statements if statement.block is not None else ())


def _gist(one: Diagnostic) -> str:
    """Its message without the value that it is about."""
    word = re.escape(one.labels[0].span.text)
    return re.sub(rf"[0-9]+|(?<![A-Za-z0-9_]){word}(?![A-Za-z0-9_])", "…", one.message)


def _key(span: Span) -> Key:
    return span.source.key, span.start
