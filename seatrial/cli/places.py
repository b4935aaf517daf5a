"""Where a clause stands in a spec: the heads of its blocks and its slot -> a place in the text.

Invariant: where the clause itself is not written, the innermost block around it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.compiler.pipeline import Checked
from seatrial.dsl.clauses import Clause
from seatrial.dsl.source import Span


def place_of(checked: Checked, at: tuple[str, ...], slot: str) -> Span | None:
    """None where not even the block is there."""
    fleet = next((one for one in checked.reading.clauses if one.form.slot == "fleet"), None)
    block = fleet
    for head in at:
        inner = _named(block, head.split()) if block is not None else None
        if inner is None:
            break
        block = inner
    if block is None or (block is fleet and at):
        return None
    found = _slot(block, slot)
    if found is None and slot in ("cpu", "memory", "gpu", "startup", "start-limit") and (each := block.child("each")):
        found = _slot(each, slot)
    return (found or block).head


def _slot(block: Clause, slot: str) -> Clause | None:
    return next((one for one in block.children if one.form.slot == slot or one.form.key == slot), None)


def _named(block: Clause, words: list[str]) -> Clause | None:
    """The inner clause that begins with these words, arrows aside."""
    names = [word for word in words[1:] if word != "->"]
    for inner in _all(block):
        values = [value.text for value in inner.values.values() if value.text]
        if inner.form.opening == words[0] and values[: len(names)] == names:
            return inner
    return None


def _all(block: Clause) -> Iterable[Clause]:
    return block.children
