"""What was read to the text of a spec.

Invariant: the text is what `seatrial fmt` makes of it, each clause that nobody said carries a question behind it, and
what no clause carries stands at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

from .draft import Clauses, EdgeDraft, PoolDraft, Reading, Said
from .summary import grouped, one_line

MARK = "# ask: "


def text_of(reading: Reading) -> str:
    """Raises ValueError where it would be longer than a spec may be."""
    source = Source("imported.fleet", "\n".join(_lines(reading)) + "\n")
    file, errors = parse(source)
    if file is None:
        raise ValueError(errors[0].message)
    assert not errors, errors[0]
    return format_file(file)


def _lines(reading: Reading) -> Iterator[str]:
    yield "language 1"
    yield ""
    read = f"{reading.objects} object{'' if reading.objects == 1 else 's'}"
    yield f"# Read from {read}. What none says is marked `{MARK.strip()}`; put in what you know."
    yield f"fleet {reading.fleet} {{"
    yield from _said(reading.whole.said.values())
    for block in reading.nodes:
        yield from _block(block)
    if reading.room.said:
        yield from _block(reading.room)
    for demand in reading.demands:
        yield from _block(demand)
    for dependency in reading.dependencies:
        yield from _block(dependency)
    entries: dict[str, list[EdgeDraft]] = {}
    for edge in reading.edges:
        if edge.from_demand:
            entries.setdefault(edge.callee, []).append(edge)
    for pool in reading.pools:
        yield from _pool(pool, entries.get(pool.name, ()))
    yield ""
    for edge in reading.edges:
        if not edge.from_demand:
            yield from _block(edge.policy, " 1 per request", edge.ask)
    if reading.secure.said:
        yield from _block(reading.secure)
    for block in (*reading.roles, *reading.queues):
        yield from _block(block)
    yield ""
    yield f"{MARK}what must hold? for example: guarantee latency p95 < 500ms; guarantee success 99% over 30d"
    if reading.left or reading.notes:
        yield ""
        yield "# Not in this spec, and not written by `compile`:"
        for line in grouped(reading):
            yield f"#   {line}"
    yield "}"


def _pool(pool: PoolDraft, entries: Sequence[EdgeDraft]) -> Iterator[str]:
    yield ""
    where = ", ".join(dict.fromkeys(f"{place.object} ({place.file}:{place.line})" for place in pool.sources))
    yield f"# {one_line(where)}"
    yield f"pool {pool.name} {{"
    for edge in entries:
        yield from _block(edge.policy, "", edge.ask)
    said = pool.own.said
    yield from _said(said[slot] for slot in ("image", "on", "agents") if slot in said)
    yield from _block(pool.each)
    yield from _said(one for slot, one in said.items() if slot not in ("image", "on", "agents"))
    yield "}"


def _block(block: Clauses, more: str = "", ask: str = "") -> Iterator[str]:
    said = [one for one in block.said.values() if one.text]
    note = _asked(ask)
    if not said:
        yield f"{block.head}{more} {{}}{note}" if block.head.startswith("dependency") else f"{block.head}{more}{note}"
        return
    yield f"{block.head}{more} {{{note}"
    yield from _said(said)
    yield "}"


def _said(clauses: Iterable[Said]) -> Iterator[str]:
    for one in clauses:
        yield one.text + _asked(one.ask)


def _asked(question: str) -> str:
    return f"  {MARK}{one_line(question)}" if question else ""
