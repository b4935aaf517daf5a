"""With a memory of the last text comes out what comes out without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.dsl.compose import compose, composer, loops, names
from seatrial.dsl.compose.remembered import Remembered
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import File


def _without(file: File, *gone: int) -> File:
    """The same statements, but for some of the fleet's."""
    (fleet,) = file.statements
    assert fleet.block is not None
    kept = tuple([one for at, one in enumerate(fleet.block.statements) if at not in gone])
    return replace(file, statements=(fleet.with_block(fleet.block._replace(statements=kept)),))


def _five(clause: str) -> str:
    return "; ".join(clause.format(n=n) for n in range(5))


@pytest.mark.parametrize(("limit", "most", "text"), [
    ("MOST_LAID", 9, "template t { agents 3; drain 5s; zones 2 }; " + _five("pool p{n} like t")),
    ("MOST_CHARACTERS", 70, 'let long = "0123456789"; ' + _five('pool p{n} {{ image "$long" }}')),
    ("MOST_UNROLLED", 9, _five("for a in 1..3 {{ pool p{n}-$a {{ agents 1 }} }}")),
])  # fmt: skip
def test_what_a_limit_cut_short_is_made_anew(monkeypatch: pytest.MonkeyPatch, limit: str, most: int, text: str) -> None:
    file, _ = parse(Source("f.fleet", f"fleet f {{ {text} }}"))
    assert file is not None
    monkeypatch.setattr(composer, limit, most)
    if limit != "MOST_LAID":
        monkeypatch.setattr(loops if limit == "MOST_UNROLLED" else names, "MOST", most)
    memory = Remembered()
    memory.turn()
    assert compose(file, memory=memory).diagnostics
    for gone in ((1, 2), (1, 3), (2, 3, 4)):
        memory.turn()
        fewer = _without(file, *gone)
        again, anew = compose(fewer, memory=memory), compose(fewer)
        assert again.file == anew.file and again.diagnostics == anew.diagnostics
