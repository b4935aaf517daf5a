"""Of a spec in YAML or JSON nothing is told in the syntax of texts: the way out can be written where it is told.

What can be wrong is provoked: every example of `seatrial explain`, and every value of the manual's fleets replaced by
what does not belong there.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial import __version__
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.dsl.diagnostics import Diagnostic, codes
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.exchange.hints import in_its_form, in_notation
from seatrial.dsl.forms import walk
from seatrial.dsl.source import Source
from seatrial.targets import emit_all

from ..explained import examples, targets

ROOT = Path(__file__).parents[2]
OPENINGS = {form.opening for _, form in walk()}
KINDS = {form.opening for _, form in walk() if form.phrase.startswith(f"{form.opening} <name:name>")}
NAMED = re.compile(rf"({'|'.join(KINDS)}) [\w$-]+|(call |contract )?[\w$-]+ -> [\w$-]+")
"""What a thing is called is no clause: `pool triage`, `call triage -> llm`."""
KEYED = {Notation.YAML: re.compile(r"[\w$-]+: "), Notation.JSON: re.compile(r'"[\w$-]+": ')}
OTHERWISE_KEYED = {Notation.YAML: re.compile(r'"[\w$-]+": '), Notation.JSON: re.compile(r"[\w$-]+: ")}
BIDDEN = re.compile(r"(?:write for example|write|add|declare it|example|forms? (?:is|are)):? ([a-z].*)")
WRONG: tuple[object, ...] = (None, 5, "x", "5 s", "$5", "9..3", "1..9_000_000", True, [], ["x"], {}, {"x": {"y": 1}})


def said(one: Diagnostic) -> Iterator[str]:
    yield from (one.message, one.help, *one.notes, *(label.text for label in one.labels), *(f.text for f in one.fixes))


def in_text(told: str, notation: Notation) -> list[str]:
    """What of a message is written as in a text."""
    quoted = re.findall(r"`([^`\n]+)`", told)
    found = [
        one
        for one in quoted
        if OTHERWISE_KEYED[notation].match(one)
        or (
            not KEYED[notation].match(one)
            and not NAMED.fullmatch(one)
            and (" { " in one or one.startswith("{ ") or (" " in one and one.split()[0] in OPENINGS))
        )
    ]
    bare = re.sub(r"`[^`\n]*`", "", told)
    found += [
        one for one in BIDDEN.findall(bare) if any(in_notation(part, notation) != part for part in _beginnings(one))
    ]
    return found + re.findall(r"the forms? (?:is|are): .*", bare)


def _beginnings(text: str) -> Iterator[str]:
    words = text.split()
    for end in range(2, len(words) + 1):
        part = " ".join(words[:end]).rstrip(",;.")
        if not NAMED.fullmatch(part):
            yield part


def faults(diagnostics: list[Diagnostic], notation: Notation) -> set[str]:
    return {f"{one.code}: {told}" for one in diagnostics for told in said(one) if in_text(told, notation)}


@pytest.mark.parametrize(
    "told",
    [
        "write `retry 3`",
        "state `nodes general { count 3 }`",
        "write `{ pool work-$shard { agents 3 } }`",
        "declare it: call a -> b { }",
        "declare it: let x = 5",
        "the form is: agents COUNT[..COUNT]",
        'write for example run "python my_agent.py"',
        "write agents 3, and all is well",
    ],
)
def test_text_is_known_when_it_is_seen(told: str) -> None:
    assert in_text(told, Notation.YAML)


@pytest.mark.parametrize("code", codes.CODES)
def test_what_an_example_is_told(code: str) -> None:
    given = examples(code)
    text: object = given.fails
    if given.notation == "fleet":
        file, _ = parse_any(Source("f.fleet", given.fails))
        text = write(file, Notation.YAML) if file is not None else None
    if not isinstance(text, str):
        pytest.skip("what is wrong in it is its text")
    checked = judge(read(Source("f.yaml", text)), {})
    made = plan(checked, {}, __version__)
    emitted = emit_all(made, targets(code))[1] if made is not None else ()
    assert faults([*checked.diagnostics, *map(in_its_form, emitted)], Notation.YAML) == set()


def test_what_wrong_values_are_told() -> None:
    found: set[str] = set()
    told = 0
    for document in _mutated():
        text = json.dumps(document)
        for notation in (Notation.YAML, Notation.JSON):
            diagnostics = [in_its_form(one) for one in read(Source(f"f.{notation}", text)).diagnostics]
            found |= faults(diagnostics, notation)
            told += len(diagnostics)
    assert found == set()
    assert told > 2_000


def _mutated() -> Iterator[Any]:
    """The manual's fleets, each with one value that is wrong; places with the same keys are tried once."""
    manual = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    shapes = set()
    for text in re.findall(r"```fleet\n(.*?)```", manual, re.S):
        file, errors = parse_any(Source("f.fleet", text))
        written = write(file, Notation.JSON) if file is not None and not errors else None
        if not isinstance(written, str):
            continue
        document = json.loads(written)
        for path, value in [*_places(document)]:
            shape = tuple(0 if isinstance(key, int) else key for key in path[-2:])
            if shape in shapes:
                continue
            shapes.add(shape)
            for wrong in WRONG:
                yield _with(document, path, wrong)
            if isinstance(value, dict):
                yield _with(document, (*path, "for"), [{"variable": "i", "values": ["1..3"]}])
                yield _with(document, (*path, "replicas"), 5)
                for key in value:
                    less = {one: content for one, content in value.items() if one != key}
                    yield _with(document, path, less)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if path:
        yield path, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from _places(value, (*path, key))


def _with(document: Any, path: tuple[Any, ...], value: object) -> Any:
    changed = copy.deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed
