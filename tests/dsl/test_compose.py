"""Files, names, templates, loops and environments come out as what could have been written by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.pipeline import Variant, read
from seatrial.dsl.compose import compose
from seatrial.dsl.format import join
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Statement


def _written(text: str, environment: str | None = None, settings: Mapping[str, str] | None = None, **files: str) -> str:
    """The composed file on one line."""

    def library(_user: Source, path: str) -> tuple[Source, ...] | None:
        name = path.removesuffix(".fleet")
        return (Source(path, files[name]),) if name in files else None

    file, errors = parse(Source("main.fleet", text))
    assert file is not None and not errors
    composed = compose(file, library, environment, settings)
    assert composed.diagnostics == ()
    return _line(composed.file.statements)


def _line(statements: tuple[Statement, ...]) -> str:
    parts = []
    for one in statements:
        parts.append(join(one.items) + (f" {{ {_line(one.block.statements)} }}" if one.block is not None else ""))
    return "; ".join(parts)


def _codes(text: str, **files: str) -> list[str]:
    def library(_user: Source, path: str) -> tuple[Source, ...] | None:
        return (Source(path, files[path]),) if path in files else None

    return [one.code for one in read(Source("main.fleet", text), library).diagnostics]


def test_a_name_stands_for_its_value_wherever_it_is_written() -> None:
    text = (
        'let size = 3..9\nlet where = "eu"\n'
        'fleet f { pool p { agents $size; image "reg/$where:1"; drain ($t * 2) }; let t = 5s }'
    )
    assert _written(text) == 'fleet f { pool p { agents 3..9; image "reg/eu:1"; drain (5s * 2) } }'


def test_a_loop_repeats_its_block_with_names_and_numbers() -> None:
    text = "fleet f {\n  for z in north, 1..2 { pool work-$z { agents $n } }\n  let n = 4\n}"
    assert _written(text) == (
        "fleet f { pool work-north { agents 4 }; pool work-1 { agents 4 }; pool work-2 { agents 4 } }"
    )


def test_loops_nest() -> None:
    text = "fleet f {\n  for a in x, y { for b in 1, 2 { pool p-$a-$b { agents $b } } }\n}"
    assert _written(text).count("pool p-") == 4
    assert "pool p-y-1 { agents 1 }" in _written(text)


def test_loops_nest_as_deep_as_they_can_be_read_elsewhere() -> None:
    three = "for a in 1..2 { for b in 1..2 { for c in 1..2 { pool p-$a-$b-$c { agents 1 } } } }"
    assert _written(f"fleet f {{ {three} }}").count("pool p-") == 8
    assert "ST1041" in _codes(f"fleet f {{ for z in 1..2 {{ {three} }} }}")


def test_a_pool_lies_over_its_template() -> None:
    text = (
        "template t { agents 2..4; each { cpu 1; memory 1Gi }; scale on busy 60% }\n"
        "fleet f {\n  pool p like t { scale on queue 5 per agent; each { memory 2Gi; price $1/h } }\n}"
    )
    assert _written(text) == (
        "fleet f { pool p { agents 2..4; each { cpu 1; memory 2Gi; price $1/h }; scale on queue 5 per agent } }"
    )


def test_one_and_several_of_a_thing_are_the_same_clause() -> None:
    text = (
        "template t { agents 9; each { holds 1 connection to db } }\nfleet f {\n  dependency db { connections 90 }\n"
        "  survive loss of 1 zone\n  pool p like t { each { holds 2 connections to db } }\n"
        "  environment e { survive loss of 2 zones; pool p { each { holds 3 connections to db } } }\n}"
    )
    assert "each { holds 2 connections to db }" in _written(text)
    there = _written(text, "e")
    assert "each { holds 3 connections to db }" in there and "survive loss of 2 zones" in there
    assert "loss of 1 zone" not in there and _codes(text) == []


def test_an_environment_changes_what_is_declared_and_leaves_the_rest() -> None:
    text = (
        "fleet f {\n  pool p { agents 10..20; drain 5s }\n  pool q { agents 3 }\n"
        "  budget agents $9/day\n  environment small { pool p { agents 1..2 }; budget agents $1/day }\n}"
    )
    assert _written(text, "small") == (
        "fleet f { pool p { agents 1..2; drain 5s }; pool q { agents 3 }; budget agents $1/day }"
    )
    assert "agents 10..20" in _written(text)


def test_an_environment_gives_a_name_another_value() -> None:
    text = (
        "let top = 9\nfleet f { let low = 2; pool p { agents $low..$top; drain 5s }\n"
        "  environment small { let low = 1; let top = $low; pool p { drain 1s } }\n}"
    )
    assert _written(text) == ("fleet f { pool p { agents 2..9; drain 5s } }")
    assert _written(text, "small", {"top": "4"}) == "fleet f { pool p { agents 1..4; drain 1s } }"


def test_an_environment_gives_values_to_declared_names_only() -> None:
    text = "fleet f { let low = 2; pool p { agents $low }; environment small { let lower = 1 } }"
    assert "ST1043" in _codes(text)


def test_a_name_that_only_an_environment_uses_is_used() -> None:
    text = "fleet f { let few = 2; pool p { agents 4 }; environment small { pool p { agents $few } } }"
    assert "ST1044" not in _codes(text)


def test_an_environment_reaches_what_a_template_or_a_loop_made() -> None:
    text = (
        "template t { agents 9 }\nfleet f {\n  for z in a, b { pool p-$z like t }\n"
        "  environment small { pool p-b { agents 1 } }\n}"
    )
    assert _written(text, "small") == "fleet f { pool p-a { agents 9 }; pool p-b { agents 1 } }"


def test_a_used_file_stands_where_it_is_used_with_its_names_and_templates() -> None:
    text = 'use "shared.fleet"\nfleet f {\n  use "world.fleet"\n  pool p like t\n}'
    world = "language 1\nfleet ignored { dependency db { connections $c } }"
    shared = "let c = 7\ntemplate t { agents $c }"
    assert _written(text, world=world, shared=shared) == (
        "fleet f { dependency db { connections 7 }; pool p { agents 7 } }"
    )


PARTS = (
    "fleet f {\n  pool p { agents 9; serves d { retry 2; timeout 9s } }\n  let n = 8/s\n  demand d { steady $n }\n"
    '  use "part.fleet"\n  environment small { pool p { agents 4; serves d { timeout 2s } } }\n}'
)


def test_each_file_says_what_an_environment_changes_in_its_part() -> None:
    part = "pool q { agents 5 }\nenvironment small { pool q { agents 1 }; pool p { serves d { retry 1 } } }"
    changed = _written(PARTS, "small", part=part)
    assert "pool p { agents 4; serves d { retry 1; timeout 2s } }" in changed and "pool q { agents 1 }" in changed


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("pool p { agents 3 }", "ST1003"),
        ("pool p { serves d { timeout 3s } }", "ST1003"),
        ("let n = 3/s; let n = 4/s", "ST1010"),
    ],
)
def test_what_two_files_change_in_one_environment_is_told(said: str, code: str) -> None:
    assert _codes(PARTS, **{"part.fleet": f"environment small {{ {said} }}"}) == [code]


def test_a_setting_takes_the_place_of_a_let() -> None:
    text = "let n = 3\nfleet f { pool p { agents $n } }"
    assert _written(text, settings={"n": "5..6"}) == "fleet f { pool p { agents 5..6 } }"


def test_errors_point_into_the_file_where_they_stand() -> None:
    files = {"part.fleet": "pool p { agents 3; drain 5 }"}
    reading = read(
        Source("main.fleet", 'fleet f { use "part.fleet" }'),
        lambda _user, path: (Source(path, files[path]),) if path in files else None,
    )
    assert [str(one.labels[0].span) for one in reading.diagnostics] == ["part.fleet:1:26"]


def test_a_wrong_value_of_a_let_shows_where_it_is_used() -> None:
    reading = read(Source("m.fleet", "let t = 5\nfleet f { pool p { agents 3; drain $t } }"))
    (found,) = reading.diagnostics
    assert [(str(label.span), label.text) for label in found.labels] == [
        ("m.fleet:1:9", "no unit"),
        ("m.fleet:2:36", "used here"),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("fleet f { pool p like gone { agents 3 } }", ["ST1011"]),
        ('fleet f { use "main.fleet" }', ["ST1042"]),
        ("let a = 3\nlet a = 4\nfleet f { pool p { agents $a } }", ["ST1010"]),
        ("fleet f { for x in { pool p { agents 3 } } }", ["ST1041"]),
        ("fleet f { pool p { agents 3 }; environment e { pool p { drain 5s } } }", ["ST1043"]),
        ("fleet f { pool p { agents 3 }; environment e { pool p { agents x } } }", ["ST1004"]),
        ("fleet f { for x in a, a { pool p-$x { agents 3 } }; environment e { pool p-a { agents 5 } } }", ["ST1041"]),
        ('fleet f { use "gone.fleet"; environment e { pool p { agents 5 } } }', ["ST1042"]),
    ],
)
def test_what_cannot_be_composed_is_reported(text: str, codes: list[str]) -> None:
    assert _codes(text) == codes


def test_files_that_use_each_other_are_refused() -> None:
    files = {"a.fleet": 'use "b.fleet"', "b.fleet": 'use "a.fleet"'}
    assert _codes('fleet f { use "a.fleet"; pool p { agents 3 } }', **files) == ["ST1042"]


@given(st.text(alphabet='ab$-{}\n =;1.,"', max_size=60))
def test_nothing_that_is_composed_raises(text: str) -> None:
    for environment in (None, "e"):
        read(
            Source("t", f"let a = {text}\nfleet f {{ for a in {text} {{ {text} }}\npool $a like {text} }}"),
            variant=Variant(environment),
        )


def test_a_file_is_read_once_for_the_fleet_and_all_its_environments() -> None:
    asked: list[str] = []

    def library(_user: Source, path: str) -> tuple[Source, ...]:
        asked.append(path)
        return (Source(path, "pool a { agents 2 }\n"),)

    environments = "".join(f"  environment e{n} {{ pool a {{ agents {n} }} }}\n" for n in (3, 4, 5))
    text = f'fleet f "F" {{\n  use "part.fleet"\n{environments}}}\n'
    reading = read(Source("main.fleet", text), library)
    assert reading.environments == ("e3", "e4", "e5")
    assert not any(one.is_error for one in reading.diagnostics)
    assert asked == ["part.fleet"]
    assert [file.source.path for file in reading.files] == ["main.fleet", "part.fleet"]
    assert (
        read(Source("main.fleet", text), library, Variant("e4")).clauses[0].all("pool")[0].child("agents") is not None
    )
