"""A `use` above the fleet that brings what belongs in a fleet is told once, and is read all the same."""

from __future__ import annotations

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

FLEET = "fleet f {\n  demand d { steady 1/s }\n  pool p like small { serves d; each { holds 1 connection to db } }\n}\n"
PARTS = {
    "deps.fleet": "fleet f { dependency db { connections 5 }\n dependency llm { connections 5 } }\n",
    "templates.fleet": "template small { agents 2 }\n",
}


def told(text: str) -> tuple[Diagnostic, ...]:
    return read(Source("f.fleet", text), lambda _user, path: (Source(path, PARTS[path]),)).diagnostics


def test_it_is_told_where_it_stands_and_where_it_belongs() -> None:
    (one,) = told(f'use "deps.fleet"\nuse "templates.fleet"\n{FLEET}')
    assert one.code == "ST1001" and one.labels[0].span.text == 'use "deps.fleet"'
    assert one.labels[1].span.text == "dependency db"
    assert one.help == 'move it into the block: `fleet f { use "deps.fleet" … }`'


def test_what_else_is_wrong_is_told_too() -> None:
    wrong = FLEET.replace("to db", "to dp")
    codes = [one.code for one in told(f'use "deps.fleet"\nuse "templates.fleet"\n{wrong}')]
    assert codes == ["ST1001"]
    inside = FLEET.replace("fleet f {", 'fleet f {\n  use "deps.fleet"')
    assert told(f'use "templates.fleet"\n{inside}') == ()


def test_with_two_fleets_nobody_guesses() -> None:
    codes = [one.code for one in told(f'use "deps.fleet"\nuse "templates.fleet"\n{FLEET}fleet g {{ }}\n')]
    assert set(codes) == {"ST1001"} and len(codes) == 2
