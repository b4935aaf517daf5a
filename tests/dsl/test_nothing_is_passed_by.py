"""Whatever stands in a spec, in `--set` or in `--what-if` changes what the spec comes to, or is told of."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.pipeline import Reading, Variant, read
from seatrial.dsl.compose import Composed, compose
from seatrial.dsl.format import join
from seatrial.dsl.forms import ROOT, Form, walk
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Statement

from .generated import REUSE, clause

SPEC = """let rate = 40/s
fleet desk {
  template worker { agents 6..20; each { cpu 250m; memory 256Mi; concurrency 8 } }
  demand tickets { steady $rate }
  for side in north, south { pool triage-$side like worker { serves tickets { timeout 2s } } }
  pool notes { agents 3; scale on busy 60% { up within 1m } }
  call triage-north -> notes { timeout 1s }
  environment small { pool notes { agents 2 } }
  trial short { duration 20s; kill 1 agent of notes at 8s }
}
"""
BLOCKS = [at + 1 for at, char in enumerate(SPEC) if char == "{"]
FORMS = sorted({form.key: form for _, form in walk(ROOT)}.values(), key=lambda form: form.key)
_ANY = st.sampled_from(FORMS) | st.sampled_from([form for form in FORMS if form.key in REUSE])
_NONE: Mapping[str, str] = {}


def _composed(
    text: str, environment: str | None = None, settings: Mapping[str, str] = _NONE, change: str = ""
) -> Composed:
    file, _ = parse(Source("a.fleet", text))
    assert file is not None
    return compose(file, environment=environment, settings=settings, changes=(change,) if change else ())


def _lines(statements: tuple[Statement, ...], depth: int = 0) -> list[str]:
    out: list[str] = []
    for one in statements:
        out.append(f"{depth} {join(one.items)}")
        out += _lines(one.block.statements, depth + 1) if one.block is not None else []
    return out


def _comes_to(text: str) -> tuple[object, ...]:
    """What a text says, in its environment too."""
    whole = _composed(text)
    return tuple(_lines(one.file.statements) for one in (whole, whole.under("small"))), whole.environments, whole.lets


def _told(text: str, variant: Variant | None = None) -> Reading:
    return read(Source("a.fleet", text), variant=variant or Variant())


def _has_reuse(composed: Composed) -> bool:
    body = [inner for one in composed.file.statements if one.block is not None for inner in one.block.statements]
    return any(one.items[0].text in REUSE or [item.text for item in one.items[2:3]] == ["like"] for one in body)


def test_the_spec_itself_is_sound() -> None:
    assert _told(SPEC).diagnostics == ()
    assert not _has_reuse(_composed(SPEC))


@settings(max_examples=300)
@given(st.data(), _ANY, st.sampled_from([0, *BLOCKS]))
def test_a_clause_anywhere_changes_the_spec_or_is_told_of(data: st.DataObject, form: Form, at: int) -> None:
    added = "\n" + "\n".join(data.draw(clause(form))) + "\n"
    text = SPEC[:at] + added + SPEC[at:]
    told = _told(text).diagnostics
    assert told or _comes_to(text) != _comes_to(SPEC)
    if not told:
        assert not _has_reuse(_composed(text))
        assert not _has_reuse(_composed(text, "small"))


@settings(max_examples=150)
@given(st.data(), _ANY)
def test_a_change_changes_the_spec_or_is_told_of(data: st.DataObject, form: Form) -> None:
    change = " ; ".join(data.draw(clause(form))).replace("{ ;", "{").replace("; }", "}")
    whole = _composed(SPEC, change=change)
    assert _told(SPEC, Variant(changes=(change,))).diagnostics or (
        _lines(whole.file.statements) != _lines(_composed(SPEC).file.statements) and not _has_reuse(whole)
    )


@pytest.mark.parametrize(
    "change",
    [
        "let rate = 30/s", 'use "x"', "environment x { }", "environment small", "for s in 1..3 { }", "for s in 1..3",
        "# x", ";", "template worker { agents 9 }", "pool notes", "pool notes { }", "pool notes like worker",
        "pool notes like worker agents 9", "call triage-north -> notes { }", "demand tickets let a = 3",
    ],
)  # fmt: skip
def test_a_change_of_nothing_is_refused(change: str) -> None:
    assert [one.is_error for one in _told(SPEC, Variant(changes=(change,))).diagnostics] == [True]


SETTINGS = ["50/s", "50/s # x", "50/s;", "50/s; steady", "50/s { }", "#50/s"]


@given(st.text(alphabet='4/s0k ;#{}"\\\n,$p-', max_size=8) | st.sampled_from(SETTINGS))
def test_a_setting_is_what_the_let_would_say_or_is_told_of(value: str) -> None:
    told = _told(SPEC, Variant(settings={"rate": value})).diagnostics
    if not told:
        written = _composed(SPEC.replace("= 40/s", f"= {value}", 1))
        set_ = _composed(SPEC, settings={"rate": value})
        assert _lines(set_.file.statements) == _lines(written.file.statements)


@pytest.mark.parametrize("value", ["4000/s; steady", "4000/s { }", "#4000/s", " ", "4000/s\n4000/s"])
def test_a_setting_that_is_no_one_value_is_refused_where_it_stands(value: str) -> None:
    (one,) = _told(SPEC, Variant(settings={"rate": value})).diagnostics
    assert (one.code, one.labels[0].span.source.path) == ("ST1004", "--set rate")


@pytest.mark.parametrize(
    ("added", "codes"),
    [
        ('for s in north { use "nope.fleet" }', ["ST1001"]),
        ("for s in 1..3 { let a = 3 }", ["ST1001"]),
        ("for s in 1..3 { template t { agents 3 } }", ["ST1001"]),
        ("for s in 1..3 { environment e { } }", ["ST1001"]),
        ('for s in 1..3 { for t in 1..3 { use "nope.fleet" } }', ["ST1001"]),
        ("for s in 1..3", ["ST1041"]),
        ("for s in 1..3 { }", ["ST1041"]),
        ("for s in 8..1 { pool x-$s { agents 3 } }", ["ST1041"]),
        ("for s in 1..8, { pool x-$s { agents 3 } }", ["ST1041"]),
        ("for s in north, south, north { pool x-$s { agents 3 } }", ["ST1041"]),
        ("for s in 1..3, 2 { pool x-$s { agents 3 } }", ["ST1041"]),
        ("for s in 1..90_000, 1..90_000 { pool x-$s { agents 3 } }", ["ST1041"]),
        ("environment e { let rate 3/s }", ["ST1004"]),
        ("environment e { let rate = 3/s; let rate = 4/s }", ["ST1010"]),
        ("environment e { pool notes { agents 3; agents 4 } }", ["ST1003"]),
        ("environment e { pool notes { agents 3 } }; environment e { let rate = 4/s }", ["ST1010"]),
        ("pool more like worker { agents 3; agents 4 }", ["ST1003"]),
        ("environment e { for s in 1..3 { pool notes { agents 3 } } }", ["ST1001"]),
        ("environment e { pool notes like worker }", ["ST1004"]),
        ('use "nope.fleet" { pool x { agents 3 } }', ["ST1005"]),
        ('template t { agents 3; use "nope.fleet" }', ["ST1044"]),
    ],
)
def test_reuse_where_it_means_nothing_is_told_of_once(added: str, codes: list[str]) -> None:
    text = SPEC.replace("fleet desk {", f"fleet desk {{\n  {added}")
    assert [one.code for one in _told(text).diagnostics] == codes


def test_reuse_in_a_loop_of_a_used_file_is_told_of_there() -> None:
    parts = {
        "parts.fleet": 'for s in 1..3 { use "nope.fleet" }',
        "versions.fleet": "language 1 { agents 3 }",
    }

    def library(_user: Source, path: str) -> tuple[Source, ...] | None:
        return (Source(path, parts[path]),) if path in parts else None

    for name, code in (("parts.fleet", "ST1001"), ("versions.fleet", "ST1004")):
        text = SPEC.replace("fleet desk {", f'fleet desk {{\n  use "{name}"')
        (one,) = read(Source("a.fleet", text), library).diagnostics
        assert (one.code, one.labels[0].span.source.path) == (code, name)


def test_a_template_of_a_used_file_may_be_for_other_fleets() -> None:
    text = SPEC.replace("fleet desk {", 'fleet desk {\n  use "t.fleet"')
    templates = "template t { agents 3 }"
    assert read(Source("a.fleet", text), lambda _user, path: (Source(path, templates),)).diagnostics == ()
