"""What may be written at a place is what the registry says may stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lsprotocol import types

from seatrial.dsl.forms import ROOT, Form, walk
from seatrial.dsl.forms.naming import declares, refers
from seatrial.dsl.parse import parse
from seatrial.dsl.phrases import Match, compiled, holes, match
from seatrial.dsl.source import Source
from seatrial.lsp.completion import complete, snippet
from seatrial.lsp.document import Document

from .editor import Editor, alone, at, document, with_editor
from .test_in_an_editor import SPEC


def _offered(text: str) -> list[str]:
    """What is completed at the `|` in a text."""
    offset = text.index("|")
    given = Document("file:///t.fleet", "t.fleet", text.replace("|", "", 1), 1)
    return [one.label for one in complete(given, offset, snippets=False, mentions=alone(given))]


def _in_pool(line: str) -> list[str]:
    return _offered(SPEC.replace("    scale on busy", f"    {line}\n    scale on busy"))


def test_in_a_block_the_clauses_that_are_not_said_yet() -> None:
    offered = _in_pool("|")
    assert {"health every", "drain", "disrupt at most", "serves"} <= set(offered)
    assert "agents" not in offered and "image" not in offered and "steady" not in offered


def test_while_a_word_is_typed_it_is_the_word_that_is_replaced() -> None:
    text = SPEC.replace("    scale on busy", "    dra\n    scale on busy")
    given = Document("file:///t.fleet", "t.fleet", text, 1)
    found = complete(given, text.index("    dra") + 7, snippets=False, mentions=alone(given))
    edit = next(one.text_edit for one in found if one.label == "drain")
    assert isinstance(edit, types.TextEdit)
    assert edit.range == types.Range(at(text, "dra\n"), at(text, "dra\n", 3))


def test_the_names_of_the_kind_that_is_wanted() -> None:
    assert _in_pool("serves |") == ["tickets"]
    assert _offered(SPEC.replace("  budget", "  call |\n  budget")) == ["triage"]
    assert _offered(SPEC.replace("  budget", "  call triage -> |\n  budget")) == ["llm", "triage"]


def test_units_of_the_dimension_behind_a_number() -> None:
    assert {"30s", "30ms", "30m"} <= set(_in_pool("drain 30|"))
    assert "30Mi" not in _in_pool("drain 30|")
    assert {"5Mi", "5Gi"} <= set(_offered(SPEC.replace("memory 256Mi", "memory 5|")))
    assert _in_pool("disrupt at most 10|")[:1] == ["10%"]


def test_a_period_behind_money_is_one_of_a_budget() -> None:
    """`$2.5/s` would be read, but nobody has a budget for a second; and a rate has no `$`."""
    budget = SPEC.replace("  guarantee latency", "  budget total $2.5/|\n  guarantee latency", 1)
    assert _offered(budget) == ["$2.5/h", "$2.5/hour", "$2.5/d", "$2.5/day", "$2.5/month"]
    assert _offered(budget.replace("$2.5/|", "2|"))[:2] == ["$2/h", "$2/hour"]
    assert {"$2/s", "$2/h", "$2/month"} <= set(_in_pool("each { price $2/| }"))
    assert _offered("fleet f {\n  demand d {\n    steady $2|\n  }\n}\n") == []
    assert _offered("fleet f {\n  dependency d {\n    price 3|\n  }\n}\n") == ["$3"]


def test_words_that_go_on_with_a_phrase() -> None:
    assert "every" in _in_pool("health |")
    assert {"busy", "cpu", "queue", "rate", "in"} <= set(_in_pool("scale on |"))
    assert "per" in _offered(SPEC.replace("  budget", "  call triage -> llm 2 |\n  budget"))


def test_in_a_block_that_is_not_closed_yet() -> None:
    assert "cpu" in _offered("fleet f {\n  pool a {\n    each {\n      |\n")
    assert "pool" in _offered("fleet f {\n  pool a { agents 2 }\n  |\n")
    assert {"language", "fleet"} <= set(_offered("|"))


def test_nothing_in_comments_and_texts() -> None:
    assert _in_pool("# dr|") == [] and _in_pool('image "dr|"') == []


FORMS = {form.key + form.phrase: form for _, form in walk(ROOT)}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_snippet_of_every_clause_is_that_clause(form: Form) -> None:
    text = re.sub(r"\$\{\d+\|(.*?)[,|].*?\}", r"\1", snippet(form))
    text = re.sub(r"\$\{\d+:((?:[^\\}]|\\.)*)\}", r"\1", text).replace("\t$0\n", "")
    text = re.sub(r"\\(.)", r"\1", text)
    file, errors = parse(Source("t.fleet", text))
    assert file is not None and not errors, text
    assert isinstance(match(form.phrase, file.statements[0].items), Match), text


def test_every_field_that_names_something_names_what_can_be_declared() -> None:
    forms = [form for _, form in walk(ROOT)]
    named = [(form, hole.field) for form in forms for hole in holes(compiled(form.phrase)) if hole.kind == "name"]
    declared = {kind for form, field in named if (kind := declares(form, field))}
    assert {"pool", "demand", "dependency", "nodes", "trial", "consensus", "fleet"} <= declared
    for form, field in named:
        if declares(form, field) is None:
            assert set(refers(form, field)) <= declared, (form.phrase, field)


def test_completion_through_the_protocol_offers_snippets_only_where_they_are_understood(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(SPEC)
        found = await editor.client.text_document_completion_async(
            types.CompletionParams(document(uri), at(SPEC, "  budget", 2))
        )
        assert isinstance(found, types.CompletionList)
        assert {"pool", "call", "guarantee latency"} <= {one.label for one in found.items}
        assert all(one.insert_text_format is not types.InsertTextFormat.Snippet for one in found.items)

    with_editor(tmp_path, session)


REUSE = SPEC.replace(
    "  budget",
    """  let wait = 3s
  let top = 60/s
  let few = 2..4
  let app = "triage"
  for region in north, south { demand mail-$region { steady 3/s }; pool desk-$region { serves mail-$region } }
  budget""",
)


@pytest.mark.parametrize(("line", "some", "none"), [
    ("  call triage -> llm 1 per request { timeout |", ["$wait"], ["$top", "$few", "$app"]),
    ("  pool x { agents |", ["$few"], ["$wait", "$app"]),
    ("  nodes x { cpu |", [], ["$few", "$wait"]),
    ("  demand x { steady $|", ["$top"], ["$wait"]),
    ("  call |", ["triage", "desk-north", "desk-south"], ["tickets", "mail-north"]),
    ("  guarantee latency of |", ["tickets", "mail-south"], ["triage", "<"]),
    ("  environment small { pool |", ["triage", "desk-north"], ["tickets"]),
    ("  environment small { let |", ["wait", "top"], ["triage"]),
    ("  pool |", [], ["triage"]),
    ("  for zone in a, b { pool x-$|", ["$zone", "$app"], []),
    ('  pool x { image "registry.example/$|', ["$app"], ["$zone"]),
    ("  # seatrial: |", ["allow "], []),
    ("  # seatrial: allow |", ["ST2201", "ST1013"], ["ST0001"]),
    ("  # seatrial: allow ST2201, |", ["ST2301"], []),
    ("  # other |", [], ["allow "]),
])  # fmt: skip
def test_what_fits_is_offered_and_what_does_not_is_not(line: str, some: list[str], none: list[str]) -> None:
    offered = _offered(REUSE.replace("  budget", f"{line}\n  budget"))
    assert set(some) <= set(offered)
    assert not set(none) & set(offered)


def test_files_and_folders_that_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name in ("main.fleet", "other.fleet", "notes.txt", "parts/pools.fleet", ".hidden.fleet"):
        (tmp_path / name).write_text("", encoding="utf-8")

    def offered(line: str) -> list[str]:
        text = f'fleet f {{\n  use "{line}\n}}\n'
        path = tmp_path / "main.fleet"
        given = Document(path.as_uri(), str(path), text, 1)
        return [one.label for one in complete(given, text.index("\n}"), snippets=False, mentions=alone(given))]

    assert offered("") == ["other.fleet", "parts/"]
    assert offered("parts/") == ["pools.fleet"]
    assert offered("nowhere/") == []
