"""Names that loops and values make are found from where they are used, and not renamed as if they were written."""

from __future__ import annotations

import pytest
from lsprotocol import types

from seatrial.lsp.completion import complete
from seatrial.lsp.document import Document
from seatrial.lsp.hover import clause_at, hover
from seatrial.lsp.judged import Known
from seatrial.lsp.names import Occurrence
from seatrial.lsp.outline import symbols
from seatrial.lsp.renaming import Refused, rename

from .editor import alone

SPEC = """language 1
let app = "triage"
fleet regions "Regions" {
  template worker { agents 2..8; each { cpu 250m; memory 256Mi; concurrency 4; service mean 30ms, p99 120ms } }
  dependency db { connections 400; latency p50 2ms, p99 9ms }
  for region in north, south {
    demand mail-$region { steady 6/s }
    pool desk-$region like worker { serves mail-$region { timeout 3s } }
    for part in 1..2 { pool part-$region-$part like worker { drain 5s } }
    call desk-$region -> db 1 per request
  }
  pool $app-desk like worker { drain 5s }
  call desk-north -> part-north-2 1 per request
  call desk-south -> triage-desk 1 per request
  trial storm { scale 1/10; duration 60s; kill 1 agent of desk-south at 5s }
  environment staging { pool desk-north { agents 2..3 } }
}
"""


def _document(text: str = SPEC) -> Document:
    return Document("file:///made.fleet", "made.fleet", text, 1)


def _lines(needle: str, after: int = 0) -> tuple[list[int], list[int]]:
    """Where the name at a place is declared, and all places of it, by their lines."""
    given = _document()
    mentions = alone(given)
    name = mentions.at(given, SPEC.index(needle) + after)
    assert isinstance(name, Occurrence)

    def line(offset: int) -> int:
        return SPEC.count("\n", 0, offset) + 1

    declared = [line(one.at.start) for one in mentions.declarations(given, name)]
    return declared, [line(one.at.start) for one in mentions.same(given, name)]


@pytest.mark.parametrize(("needle", "after", "declared", "places"), [
    ("call desk-north", 5, [8], [8, 10, 13, 16]),
    ("call desk-$region", 6, [8], [8, 10, 13, 14, 15, 16]),
    ("-> part-north-2", 4, [9], [9, 13]),
    ("-> triage-desk", 4, [12], [12, 14]),
    ("serves mail-$region", 8, [7], [7, 8]),
    ("serves mail-$region", 14, [6], [6, 7, 8, 8, 9, 10]),
])  # fmt: skip
def test_a_name_that_a_loop_makes_is_found_where_it_is_made(
    needle: str, after: int, declared: list[int], places: list[int]
) -> None:
    assert _lines(needle, after) == (declared, places)


def test_hover_tells_what_a_name_comes_to() -> None:
    given = _document()
    offset = SPEC.index("pool part-$region") + 6
    assert clause_at(given, offset) is not None
    told = hover(given, offset, alone(given), Known())
    assert told is not None and isinstance(told.contents, types.MarkupContent)
    assert "`part-north-1`, `part-north-2`, `part-south-1`, `part-south-2`" in told.contents.value


@pytest.mark.parametrize(("needle", "after", "new", "why"), [
    ("call desk-north", 6, "front", "is made of values, of `desk-$region` in line 8: rename those"),
    ("pool desk-$region", 6, "front", "`desk-$region` is made of values: rename those"),
    ("dependency db", 12, "desk-south", "the name `desk-south` is taken: pool `desk-$region` is declared in line 8"),
])  # fmt: skip
def test_what_is_made_is_not_renamed_and_its_names_are_taken(needle: str, after: int, new: str, why: str) -> None:
    given = _document()
    refused = rename(given, SPEC.index(needle) + after, new, alone(given))
    assert isinstance(refused, Refused) and why in refused.reason


def test_the_variable_in_a_name_is_renamed_with_its_loop() -> None:
    given = _document()
    edits = rename(given, SPEC.index("part-$region") + 7, "zone", alone(given))
    assert not isinstance(edits, Refused)
    assert len(edits[given.uri]) == SPEC.count("for region ") + SPEC.count("$region")


def test_names_that_cannot_be_told_are_left_alone() -> None:
    text = SPEC.replace('let app = "triage"', "let app = $other").replace("1..2 {", "1..$many {")
    given = _document(text)
    mentions = alone(given)
    declared = {one.name for one in mentions.declared(given, ("pool",))}
    assert {"desk-north", "desk-south"} <= declared and not any("part-north" in one for one in declared)
    # Nothing is wrong with a name that may be made of what is not known here.
    assert not [one for one in given.previewed if one.code == "ST1011"]


@pytest.mark.parametrize(("head", "made"), [
    ("for s in 1_0..1_2", ["p-10", "p-11", "p-12"]),
    ('for s in a, 2, "b"', ["p-a", "p-2"]),
    ("for s in a, 3..2", ["p-a"]),
    (f"for s in 1..{'9' * 5000}", []),
    ("for s in 1..99_999_999", [f"p-{n}" for n in range(1, 10_001)]),
])  # fmt: skip
def test_a_loop_is_followed_as_the_checker_goes_round_it(head: str, made: list[str]) -> None:
    given = _document(f"fleet f {{\n{head} {{ pool p-$s {{ agents 1 }} }}\n}}\n")
    (pool,) = [one for one in alone(given).within(given) if one.kinds == ("pool",)]
    assert list(pool.made) == made


def test_a_name_that_is_half_typed_in_many_loops_is_no_work() -> None:
    body = "pool p-$a-$b-$c-$typ { agents 1 }"
    given = _document(f"fleet f {{ for a in 1..9999 {{ for b in 1..9999 {{ for c in 1..9999 {{ {body} }} }} }} }}")
    (pool,) = [one for one in alone(given).within(given) if one.kinds == ("pool",)]
    assert pool.made == ()


def test_a_let_whose_name_is_made_is_no_hindrance_to_completion() -> None:
    text = "fleet f {\nlet b = 1\nlet a-$b = 2s\npool p {\ndrain $\n}\n}\n"
    given = _document(text)
    offered = complete(given, text.index("drain $") + 7, snippets=False, mentions=alone(given))
    assert [one.label for one in offered] == ["$a-1"]


def test_the_outline_shows_what_loops_and_environments_hold() -> None:
    (_, _, fleet) = symbols(_document())
    children = {one.name: one for one in fleet.children or ()}
    assert [one.name for one in children["region"].children or ()] == [
        "mail-$region", "desk-$region", "part", "call desk-$region -> db 1 per request",
    ]  # fmt: skip
    assert [one.name for one in children["staging"].children or ()] == ["desk-north"]
    assert children["worker"].children is None
