"""Texts of a spec in every clause that takes one: documents stay documents, and templates stay text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from seatrial.compiler.pipeline import judge, plan, read
from seatrial.dsl.source import Source
from seatrial.targets import NAMES, emit_all
from seatrial.targets import render as document_text

ROOT = Path(__file__).parents[2]
SPECS = tuple(ROOT / "specs" / name for name in ("support.fleet", "requirements/R14.fleet", "requirements/R33.fleet"))
TEXT = re.compile(r'"(?:[^"\\\n\r]|\\[^\n\r])*"')
OF_A_PROTOCOL = re.compile(r"\b(use|trace|column|image|run|skill|header)\s*$")
HOSTILE = (
    "\x1b[31m\x07\u202e\x9b2J",
    "{{ 7*7 }} {% raw %} ${HOME} $(touch owned) `touch owned`; owned",
    "a: b\\n---\\nkind: Secret\\n- !!python/object/apply:os.system [id]",
    "</script><script>alert(1)</script> ]]> ../../owned *a &b !c # d",
)
HEADERS = {"x-session": True, "X-Skill": True, "a b": False, "x:y": False, "": False, "x\\nset-cookie": False}
IMAGES = {"registry.example:5000/a/b:1.9": True, "a@sha256:00ff": True, "a b": False, "": False, "a\\nb": False,
          "--privileged": False, "$(id)": False}  # fmt: skip
FLEET = """fleet f {{
  demand d {{ steady 1/s }}
  pool a {{ serves d {{ route by header "{header}" }}; image "{image}"; agents 3; each {{ cpu 1; memory 1Gi }} }}
}}
"""


def _with(text: str, hostile: str) -> str:
    """The spec with this in all its texts, but for those that are parts of a protocol."""

    def put(found: re.Match[str]) -> str:
        before = text[: found.start()].rsplit("\n", 1)[-1]
        return found.group() if OF_A_PROTOCOL.search(before) or "#" in before else f'"{hostile}"'

    return TEXT.sub(put, text)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_document_says_what_it_would_say_of_a_harmless_text(path: Path, hostile: str) -> None:
    text = _with(path.read_text(encoding="utf-8"), hostile)
    assert hostile in text
    reading = read(Source(str(path), text))
    made = plan(judge(reading, {}), {}, "0")
    assert made is not None, [one.message for one in reading.diagnostics]
    for document in emit_all(made, NAMES)[0]:
        written = document_text(document, made)
        shown = written.decode() if isinstance(written, bytes) else written
        assert not [char for char in shown if char != "\n" and (char < " " or char == "\x7f")], document.path
        assert ".." not in Path(document.path).parts and "owned" not in document.path
        if document.path.endswith((".yaml", ".yml")):
            said = list(yaml.safe_load_all(shown))
            assert "Secret" not in [one.get("kind") for one in said if isinstance(one, dict)]
            assert not [one for one in _texts_of_rules(said) if "{{ 7*7" in one]
        elif document.path.endswith(".json"):
            json.loads(shown)


def _texts_of_rules(said: object) -> list[str]:
    """What Prometheus puts through its templates: the labels and annotations of alerts."""
    if isinstance(said, list):
        return [text for one in said for text in _texts_of_rules(one)]
    if not isinstance(said, dict):
        return []
    own = [str(text) for key in ("labels", "annotations") if "alert" in said for text in (said.get(key) or {}).values()]
    return own + [text for one in said.values() for text in _texts_of_rules(one)]


@pytest.mark.parametrize("header", HEADERS)
def test_only_what_can_be_the_name_of_a_header_is_taken_for_one(header: str) -> None:
    found = judge(read(Source("f.fleet", FLEET.format(header=header, image="a:1"))), {}).diagnostics
    assert any("cannot be the name of a header" in one.message for one in found) is not HEADERS[header]


@pytest.mark.parametrize("image", IMAGES)
def test_only_what_can_be_the_name_of_an_image_is_taken_for_one(image: str) -> None:
    found = judge(read(Source("f.fleet", FLEET.format(header="x-a", image=image))), {}).diagnostics
    assert any("cannot be the name of an image" in one.message for one in found) is not IMAGES[image]
