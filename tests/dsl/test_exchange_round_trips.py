"""Text -> YAML or JSON -> text: nothing is lost but layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.dsl.clauses import read_clauses
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.exchange.documents import shape_of
from seatrial.dsl.exchange.shape import Body, root
from seatrial.dsl.forms import ROOT, Form, Times
from seatrial.dsl.phrases import Captured
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import File, Statement

from .generated import clause, specs

pytestmark = pytest.mark.long

SPECS = sorted((Path(__file__).parents[2] / "specs").rglob("*.fleet"))
OTHERS = (Notation.YAML, Notation.JSON)
SLOW_TO_DRAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def read(text: str, notation: Notation) -> File:
    file, errors = parse_any(Source(f"spec.{notation}", text))
    assert file is not None
    assert errors == (), [one.message for one in errors]
    return file


def written(file: File, notation: Notation) -> str:
    text = write(file, notation)
    assert isinstance(text, str), text
    return text


def said(body: Body, statements: tuple[Statement, ...]) -> dict[str, list[object]]:
    """What is said in a block, key by key: the order of different keys is layout."""
    out: dict[str, list[object]] = {}
    for statement in statements:
        shape, found = shape_of(body, statement)
        values = {name: _texts(one) for name, one in found.values.items()}
        groups = {
            name: [{field: _texts(one) for field, one in row.items()} for row in rows]
            for name, rows in found.groups.items()
        }
        inner = said(shape.body, statement.block.statements) if statement.block is not None else {}
        out.setdefault(shape.key, []).append((shape.form.key, values, groups, inner))
    return out


def _texts(one: Captured) -> tuple[list[str], list[str]]:
    return [item.text for item in one.first], [item.text for item in one.last]


def survives(text: str) -> None:
    before = read(text, Notation.FLEET)
    meaning = said(root(), before.statements)
    comments = [one.text for one in before.comments]
    for notation in OTHERS:
        other = written(before, notation)
        back = read(other, notation)
        assert said(root(), back.statements) == meaning
        assert written(back, notation) == other
        again = read(written(back, Notation.FLEET), Notation.FLEET)
        assert said(root(), again.statements) == meaning
        if notation is Notation.YAML:
            assert sorted(one.text for one in back.comments) == sorted(comments)
            assert sorted(one.text for one in again.comments) == sorted(comments)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_shipped_specs_come_back_with_their_comments(path: Path) -> None:
    survives(path.read_text(encoding="utf-8"))


@given(specs(comments=True))
@SLOW_TO_DRAW
def test_any_spec_comes_back(text: str) -> None:
    survives(text)


def _places(around: Form = ROOT, trail: tuple[Form, ...] = ()) -> dict[int, tuple[tuple[Form, ...], Form]]:
    """Each form once, with the forms in whose blocks it stands, outermost first."""
    out: dict[int, tuple[tuple[Form, ...], Form]] = {}
    for form in around.body:
        out.setdefault(id(form), (trail, form))
        for key, place in _places(form, (*trail, form)).items():
            out.setdefault(key, place)
    return out


def _name(place: tuple[tuple[Form, ...], Form]) -> str:
    return ".".join(form.key for form in (*place[0], place[1]))


@pytest.mark.parametrize("place", _places().values(), ids=_name)
@given(data=st.data())
@settings(SLOW_TO_DRAW, max_examples=5)
def test_each_clause_of_the_registry_comes_back(place: tuple[tuple[Form, ...], Form], data: st.DataObject) -> None:
    survives(data.draw(in_its_place(place)))


@pytest.mark.slow
@given(data=st.data())
@settings(SLOW_TO_DRAW, max_examples=5_000)
def test_every_clause_of_the_registry_comes_back(data: st.DataObject) -> None:
    survives(data.draw(st.sampled_from(list(_places().values())).flatmap(in_its_place)))


@st.composite
def in_its_place(draw: st.DrawFn, place: tuple[tuple[Form, ...], Form]) -> str:
    """A clause of a form within the blocks that it stands in."""
    around, form = place
    often = 3 if form.times in (Times.MANY, Times.SOME) else 1
    lines = [line for one in draw(st.lists(clause(form), min_size=1, max_size=often)) for line in one]
    for outer in reversed(around):
        head = draw(clause(outer, most=0))[0].removesuffix(" {}").removesuffix(" {")
        lines = [f"{head} {{", *lines, "}"]
    return "\n".join(lines)


@given(specs(reuse=False))
@SLOW_TO_DRAW
def test_what_is_read_from_the_other_form_has_the_same_amounts(text: str) -> None:
    before, errors = read_clauses(read(text, Notation.FLEET))
    assert errors == ()
    for notation in OTHERS:
        back = read(written(read(text, Notation.FLEET), notation), notation)
        after, errors = read_clauses(back)
        assert errors == ()
        assert sorted(map(str, _amounts(after))) == sorted(map(str, _amounts(before)))


def _amounts(clauses: object) -> list[object]:
    out: list[object] = []
    for one in clauses:  # type: ignore[attr-defined]
        out.append((one.form.key, {name: (each.amount, each.high) for name, each in one.values.items()}))
        out += _amounts(one.children)
    return out


@given(specs())
@SLOW_TO_DRAW
def test_every_reader_of_yaml_and_json_sees_the_same(text: str) -> None:
    file = read(text, Notation.FLEET)
    as_yaml = yaml.safe_load(written(file, Notation.YAML))
    as_json = json.loads(written(file, Notation.JSON))
    assert as_yaml == as_json


@pytest.mark.parametrize("notation", OTHERS)
def test_the_schema_that_a_document_names_stays_in_it(notation: Notation) -> None:
    text = '{"language": 1, "$schema": "./a.json"}'
    kept = written(read(text, notation), notation)
    assert yaml.safe_load(kept) == {"$schema": "./a.json", "language": 1}
    assert written(read(kept, notation), notation) == kept


def test_names_for_values_come_back() -> None:
    survives(
        """
        let peak = 8_000/s
        let few = 10..20
        fleet f {
          for region in north, south, 1..3 {
            demand tickets-$region { steady ($peak / 2); peak $peak for $long; priority $level }
            pool $region-worker like base { serves tickets-$region; agents $few; image "registry/$region:1" }
          }
          delay 50% of a -> b
        }
        """.replace("          delay 50% of a -> b\n", "")
    )


def test_a_name_that_is_said_twice_is_written_as_a_list() -> None:
    file = read("fleet f { pool a { agents 1 }; pool a { agents 2 } }", Notation.FLEET)
    text = written(file, Notation.YAML)
    assert "- {name: a, agents: 1}" in text
    assert said(root(), read(text, Notation.YAML).statements) == said(root(), file.statements)


def test_comments_stand_where_they_stood() -> None:
    text = """# top
language 1  # of the language

fleet f {  # beside the head
  # over the pool
  pool a {
    agents 3  # beside a value
    # at the end
  }
}
# last
"""
    as_yaml = written(read(text, Notation.FLEET), Notation.YAML)
    assert as_yaml == (
        "# top\nlanguage: 1  # of the language\nfleet:\n  f:  # beside the head\n    # over the pool\n"
        "    pool:\n      a:\n        agents: 3  # beside a value\n        # at the end\n# last\n"
    )
    assert written(read(as_yaml, Notation.YAML), Notation.FLEET) == text


def test_what_is_no_clause_is_told_and_not_written() -> None:
    for text in ("fleet f { pol a { agents 3 } }", "fleet f { pool a { agents 3; agents 4 } }"):
        file, _ = parse_any(Source("spec.fleet", text))
        assert file is not None
        refused = write(file, Notation.YAML)
        assert not isinstance(refused, str)
        assert refused.code in ("ST1001", "ST1003")


@pytest.mark.parametrize("title", ["basis: API", "a:b", "a:", "a: ", "- a", "a #b", "yes", "1:30", "a, b", "[a", "{a"])
def test_a_title_is_read_back_to_the_letter(title: str) -> None:
    text = f'fleet f "{title}" {{ pool p {{ agents 3 }} }}\n'
    for notation in OTHERS:
        back = read(written(read(text, Notation.FLEET), notation), notation)
        assert [one.items[2].string for one in back.statements if one.items[0].text == "fleet"] == [title]
