"""What a spec says in strings, and what its file is called, steers no terminal, no pipeline, no shell and no path."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner, Result

from seatrial.cli.app import cli

STEERING = "\x1b[31m\x1b]0;owned\x07\u202e\u2066\x9b2J"
HOSTILE = (
    STEERING,
    "%0A::error file=x,line=1::owned %25 a,b:c",
    "</script><script>alert(1)</script><!-- ]]> &amp; \" '",
    '$(touch owned) `touch owned`; touch owned | tee owned && "{{ 7*7 }}" {% raw %} ${HOME}',
    "../../../../owned/../x",
    "a: b\\n---\\nkind: Secret\\n- !!python/object/apply:os.system [id]",
    "*alias &anchor !tag #comment - ? : , [] {} | >",
)
SPEC = """language 1
fleet desk "{0}" {{
  nodes general {{ count 3..12; cpu 16; memory 64Gi; price $0.68/h; zones 3 }}
  demand tickets {{ steady 30/s; peak 60/s }}
  dependency llm {{ limit 1_000 requests/s; latency p50 80ms, p99 300ms }}
  pool triage {{
    serves tickets {{ timeout 6s }}
    image "registry.example/triage:1"; agents 40..120
    each {{ cpu 250m; memory 256Mi; price $0.02/h; concurrency 4; service mean 30ms, p99 120ms; startup 2s }}
    scale on busy 25% {{ up within 1m }}
  }}
  call triage -> llm 1 per request {{ timeout 1s }}
  guarantee latency p95 < 6s
  {1}
}}
"""


def _quoted(text: str) -> str:
    return text.replace('"', '\\"').replace("\\\\", "\\")


def _run(*words: str) -> Result:
    result = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


def _steers(text: str) -> list[str]:
    return [char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inner = tmp_path / "a" / "b" / "c" / "d"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    return inner


@pytest.mark.parametrize("said", HOSTILE)
@pytest.mark.parametrize("clause", ['use "{}"', "budget compute $4/day # seatrial: allow ST2201 because {}"])
def test_no_message_steers_what_shows_it(folder: Path, said: str, clause: str) -> None:
    (folder / "desk.fleet").write_text(SPEC.format(_quoted(said), clause.format(_quoted(said))), encoding="utf-8")
    for form in ("text", "github"):
        told = _run("check", "--no-cache", "--format", form, "desk.fleet")
        assert not _steers(told.output), form
    for line in _run("check", "--no-cache", "--format", "github", "desk.fleet").stdout.splitlines():
        assert line.startswith(("::error file=desk.fleet,", "::warning file=desk.fleet,", "::notice file=desk.fleet,"))
        assert line.count("::") >= 2 and "owned" not in line.split("::")[1]


@pytest.mark.parametrize("said", HOSTILE)
def test_documents_for_machines_stay_whole(folder: Path, said: str) -> None:
    (folder / "desk.fleet").write_text(SPEC.format(_quoted(said), f'use "{_quoted(said)}"'), encoding="utf-8")
    for form in ("json", "sarif"):
        assert json.loads(_run("check", "--no-cache", "--format", form, "desk.fleet").stdout)
    suites = ElementTree.fromstring(_run("check", "--no-cache", "--format", "junit", "desk.fleet").stdout)
    assert [one.tag for one in suites] == ["testsuite"]
    assert [one.get("type") for one in suites.iter("failure")] == ["ST1042"]


NAMES = ("\x1b]0;owned\x07.fleet", "%0A::error::x,y:z.fleet", "a\nb.fleet", "$(touch owned).fleet", "-x.fleet")


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_told_and_not_obeyed(folder: Path, name: str) -> None:
    (folder / name).write_text("fleet x { wrong }\n", encoding="utf-8")
    github = ["check", "--no-cache", "--format", "github"]
    for words in (["check", "--no-cache"], github, ["fmt", "--check"], ["compile", "--out", "out"]):
        told = _run(*words, "--", name)
        assert not _steers(told.output), words
        assert "\n::error::x" not in "\n" + told.output
    missing = _run("check", "--", f"missing{name}")
    assert missing.exit_code == 2 and not _steers(missing.output)


@pytest.mark.parametrize("said", HOSTILE)
def test_what_is_written_lies_where_it_was_asked_for_and_says_what_the_spec_says(folder: Path, said: str) -> None:
    (folder / "desk.fleet").write_text(SPEC.format(_quoted(said), ""), encoding="utf-8")
    before = {one for one in folder.parents[3].rglob("*") if one.is_file()}
    done = _run("compile", "--out", "out", "desk.fleet")
    assert done.exit_code == 0, done.output
    made = {one for one in folder.parents[3].rglob("*") if one.is_file()} - before
    assert made and all(one.is_relative_to(folder / "out") for one in made)
    assert not [one for one in made if not one.relative_to(folder).as_posix().isascii() or "owned" in one.name]
    title = json.loads((folder / "out" / "runtime" / "fleet.json").read_text(encoding="utf-8"))["title"]
    assert title == _quoted(said).replace('\\"', '"').replace("\\n", "\n")
    for one in made:
        if one.suffix in (".yaml", ".yml"):
            kinds = [each.get("kind") for each in yaml.safe_load_all(one.read_text(encoding="utf-8")) if each]
            assert "Secret" not in kinds
        elif one.suffix == ".json":
            json.loads(one.read_text(encoding="utf-8"))


@pytest.mark.parametrize("said", HOSTILE)
def test_the_other_form_says_the_same(folder: Path, said: str) -> None:
    (folder / "desk.fleet").write_text(SPEC.format(_quoted(said), ""), encoding="utf-8")
    for form in ("yaml", "json"):
        other = _run("convert", "--to", form, "desk.fleet")
        assert other.exit_code == 0, other.output
        (folder / f"other.{form}").write_text(other.stdout, encoding="utf-8")
        back = _run("convert", "--to", "fleet", f"other.{form}")
        assert back.stdout == _run("convert", "--to", "fleet", "desk.fleet").stdout


NO_TEXT = os.fsdecode(b"\xff\x1b[31m.fleet")
"""A name that is no UTF-8: Linux allows any bytes but `/` and NUL."""


@pytest.mark.parametrize("words", [
    ("check", "--format", "json"), ("check", "--format", "sarif"), ("check", "--format", "github"),
    ("check", "--format", "junit"), ("check",), ("check", "--show-defaults"), ("check", "--emit-smt", "smt"),
    ("check", "--what-if", "pool triage agents 40..90", "--format", "json"), ("headroom", "--format", "json"),
    ("fmt", "--diff"), ("convert", "--to", "json"), ("compile", "--out", "out"),
])  # fmt: skip
def test_the_name_of_a_file_may_be_no_text(folder: Path, words: tuple[str, ...]) -> None:
    (folder / NO_TEXT).write_text(SPEC.format("Desk", "budget   compute $4000/day"), encoding="utf-8")
    told = _run(*words, "--", NO_TEXT)
    assert told.exit_code in (0, 1), told.output
    text = told.stdout_bytes.decode("utf-8")
    assert not _steers(text)
    if "json" in words:
        assert json.loads(text)
    elif "junit" in words:
        assert ElementTree.fromstring(text)
    for made in folder.rglob("*.json"):
        json.loads(made.read_bytes())
    if "smt" in words:
        entries = json.loads((folder / "smt" / "index.json").read_bytes())["specs"]
        assert [os.fsencode(one["spec"]) for one in entries] == [os.fsencode(NO_TEXT)]
