"""In braces of any number of lines, in YAML and in JSON, what may stand there is offered."""

from __future__ import annotations

import json

import pytest
from lsprotocol import types

from seatrial.lsp.completion import complete
from seatrial.lsp.document import Document

from .editor import alone

YAML = """fleet:
  desk:
    demand: {tickets: {steady: 5/s}}
    dependency:
      db: {connections: 20}
    pool:
      triage: {
        serves: [tickets],
        # {what: is not there}
        agents: 2..4,
        each: {concurrency: 4,
               <HERE>},
      }
      other:
        agents: 2
        <BELOW>
"""
JSON = """{
  "language": 1,
  "fleet": {
    "desk": {
      "demand": {"tickets": {"steady": "5/s"}},
      "dependency": {"db": {"connections": 20}},
      "pool": {
        "triage": {
          "serves": [{"demand": "tickets", "timeout": "2s"}],
          "agents": "2..4",
          <HERE>
        }
      }
    }
  }
}
"""


def _at(text: str, name: str) -> tuple[Document, int, list[types.CompletionItem]]:
    offset = text.index("|")
    given = Document(f"file:///{name}", name, text.replace("|", "", 1), 1)
    return given, offset, complete(given, offset, snippets=False, mentions=alone(given))


def _yaml(here: str = "", below: str = "") -> list[str]:
    return [one.label for one in _at(YAML.replace("<HERE>", here).replace("<BELOW>", below), "t.yaml")[2]]


def _json(here: str) -> list[str]:
    return [one.label for one in _at(JSON.replace("<HERE>", here), "t.json")[2]]


def test_on_a_later_line_the_keys_that_are_not_said_yet() -> None:
    offered = _yaml("me|")
    assert {"memory", "cpu", "service_mean"} <= set(offered) and not {"concurrency", "agents", "serves"} & set(offered)
    assert _yaml("service_mean: {m|")[:2] == ["mean", "tail"]
    assert {"30s", "30ms"} <= set(_yaml("startup: 30|"))
    assert {"scale_on", "drain"} <= set(_yaml("cpu: 1}, d|"))
    assert _yaml("cpu: 1}, scale_on: {\n          signal: bu|") == ["busy", "cpu"]
    assert _yaml("cpu: 1}, on: [|") == [] and _yaml("cpu: 1 |") == []
    assert _yaml("cpu: 1}, serves: [|") == ["tickets"]


def test_a_brace_that_is_still_open_ends_where_a_line_stands_as_far_left() -> None:
    assert {"scale_on", "drain"} <= set(_yaml("", "health_every: {every: 2s\n        d|"))
    assert "mean" in _yaml("", "each: {service_mean: {|")


@pytest.mark.parametrize("typed", ["|", '"|', '"sca|', '"sca|"', '"drain": "30s", |'])
def test_json_has_keys_in_quotes(typed: str) -> None:
    given, _, found = _at(JSON.replace("<HERE>", typed), "t.json")
    assert {"scale_on", "image"} <= {one.label for one in found}
    assert not {"agents", "serves", "steady"} & {one.label for one in found}
    one = next(one for one in found if one.label == "image")
    assert isinstance(one.text_edit, types.TextEdit) and one.text_edit.new_text == '"image": '
    start, end = one.text_edit.range.start, one.text_edit.range.end
    line = given.text.splitlines()[start.line]
    new = line[: start.character] + one.text_edit.new_text + line[end.character :]
    assert new.strip().removeprefix('"drain": "30s", ') == '"image":'


def test_json_has_values_units_and_names() -> None:
    assert {"30s", "30ms"} <= set(_json('"drain": "30|'))
    assert _json('"priority": |')[:1] == ["critical"]
    assert _json('"scale_on": {"signal": "|"')[:2] == ["busy", "cpu"]
    assert _json('"each": {"holds": [{"connections": 1, "dependency": "|') == ["db"]
    assert _json('"drain": "30s" |') == []


def test_what_is_taken_is_json_again() -> None:
    given, _, found = _at(JSON.replace("<HERE>", '"route": 1, "priority": |'), "t.json")
    for one in found:
        assert isinstance(one.text_edit, types.TextEdit)
        at = given.lines.offset(one.text_edit.range.start)
        made = json.loads(given.text[:at] + one.text_edit.new_text + given.text[at:])
        assert made["fleet"]["desk"]["pool"]["triage"]["priority"]


def test_every_place_is_answered() -> None:
    for text, name in ((YAML, "t.yaml"), (JSON, "t.json")):
        given = Document(f"file:///{name}", name, text, 1)
        for offset in range(len(text) + 1):
            for one in complete(given, offset, snippets=False, mentions=alone(given)):
                assert one.text_edit is not None and one.label
