"""No two guarantees of a fleet have the same id, whatever is put together in it and whatever it is called.

Fleets are drawn from the shipped ones: the clauses of three of them in one fleet, some of them said again with other
figures, and names that are words of ids themselves.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from seatrial.cli.formats_json import render_json
from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.compiler.verify.check import Depth
from seatrial.dsl.diagnostics.sarif import render_sarif
from seatrial.dsl.format import join
from seatrial.dsl.forms import DECLARATIONS
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Item, Kind, Statement

SPECS = sorted((Path(__file__).parents[2] / "specs" / "requirements").glob("*.fleet"))
WORDS = ("peak", "steady", "min", "max", "day", "month", "p95", "p99", "age", "alert", "bound", "fit", "rest", "waits",
         "agents", "total", "compute", "tokens", "attempts", "cut", "recovery", "success", "latency", "loss",
         "zone-loss", "up-within", "a-to-b", "storm", "all")  # fmt: skip
"""What stands in ids beside names."""
_FLEETS = 60
_AGAIN = 0.04
"""Of the clauses in a block so many are said twice: most may be said only once, and then the block is left out."""
_DECLARES = {form.opening for form in DECLARATIONS}
_FIGURE = re.compile(r"[1-9][0-9_]*")


def _text(given: random.Random, statement: Statement, names: dict[str, str]) -> str:
    items = tuple(
        Item(one.kind, names.get(one.text, one.text), one.span) if at and one.kind is Kind.WORD else one
        for at, one in enumerate(statement.items)
    )
    if statement.block is None:
        return join(items)
    inner = [_text(given, one, names) for one in statement.block.statements]
    inner += [_again(given, one) for one in inner if given.random() < _AGAIN]
    return f"{join(items)} {{\n" + "\n".join(inner) + "\n}"


def _clauses(given: random.Random, path: Path, taken: set[str]) -> list[str]:
    """The clauses of a shipped fleet with other names."""
    file, _ = parse(Source(path.name, path.read_text(encoding="utf-8")))
    assert file is not None
    fleet = next(one for one in file.statements if one.items[0].text == "fleet")
    assert fleet.block is not None
    names: dict[str, str] = {}
    for one in fleet.block.statements:
        if one.items[0].text in _DECLARES and len(one.items) > 1 and one.items[1].kind is Kind.WORD:
            free = [word for word in WORDS if word not in taken] or [f"n-{len(taken)}"]
            new = given.choice(free) if given.random() < 0.7 else f"n-{len(taken)}"
            taken.add(new)
            names[one.items[1].text] = new
    return [_text(given, one, names) for one in fleet.block.statements]


def _again(given: random.Random, clause: str) -> str:
    """The clause with another first figure."""
    return _FIGURE.sub(lambda figure: str(int(figure[0].replace("_", "")) + given.randint(0, 2)), clause, count=1)


def _checked(clauses: list[str]) -> Checked:
    text = "fleet f {\n" + "\n".join(clauses) + "\n}\n"
    return judge(read(Source("f.fleet", text)), {}, depth=Depth.DECIDED)


def _drawn(seed: int) -> Checked:
    """A fleet that can be read: what cannot be said beside the rest is left out."""
    given = random.Random(seed)
    taken: set[str] = set()
    clauses = [one for path in given.sample(SPECS, 3) for one in _clauses(given, path, taken)]
    clauses += [_again(given, clause) for clause in given.sample(clauses, min(6, len(clauses)))]
    while (checked := _checked(clauses)).fleet is None and clauses:
        lines = {label.span.line for one in checked.diagnostics if one.is_error for label in one.labels[:1]}
        kept, line = [], 2
        for clause in clauses:
            height = clause.count("\n") + 1
            if not lines & set(range(line, line + height)):
                kept.append(clause)
            line += height
        if len(kept) == len(clauses):
            break
        clauses = kept
    return checked


@pytest.mark.parametrize("seed", range(_FLEETS))
def test_no_id_is_told_twice(seed: int) -> None:
    checked = _drawn(seed)
    assert checked.fleet is not None, checked.diagnostics
    told = json.loads(render_json([checked]))
    ids = Counter(one["id"] for one in told["guarantees"])
    assert [id for id, times in ids.items() if times > 1] == []
    results = json.loads(render_sarif(checked.diagnostics, "1"))["runs"][0]["results"]
    named = Counter(one["properties"]["guarantee"] for one in results if "properties" in one)
    assert [id for id, times in named.items() if times > 1] == []
    prints = Counter(one["partialFingerprints"]["primaryLocationLineHash"] for one in results)
    assert max(prints.values(), default=1) == 1
    assert set(named) <= set(ids)
