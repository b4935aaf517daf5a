"""`seatrial convert` and `seatrial schema`, and the commands that read a spec in the other form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from .command import SPECS, seatrial

SUPPORT = SPECS / "support.fleet"


@pytest.mark.parametrize("ending", ["yaml", "yml", "json"])
def test_a_converted_spec_has_the_same_verdict(tmp_path: Path, ending: str) -> None:
    other = tmp_path / f"support.{ending}"
    assert seatrial("convert", SUPPORT, "--out", other).code == 0
    here, there = seatrial("check", SUPPORT, "--format", "json"), seatrial("check", other, "--format", "json")
    assert (there.code, there.json["verdict"]) == (here.code, here.json["verdict"])
    claims = [[one["id"] for one in said.json["guarantees"]] for said in (here, there)]
    assert claims[0] == claims[1] and claims[0]


def test_a_converted_spec_compiles_to_the_same_documents(tmp_path: Path) -> None:
    other = tmp_path / "support.yaml"
    seatrial("convert", SUPPORT, "--out", other)
    for spec, out in ((SUPPORT, "here"), (other, "there")):
        assert seatrial("compile", spec, "--out", tmp_path / out, "--target", "istio").code == 0
    names = [sorted(one.name for one in (tmp_path / out).rglob("*.yaml")) for out in ("here", "there")]
    assert names[0] == names[1] and names[0]


def test_a_pipe_there_and_back_gives_the_text(tmp_path: Path) -> None:
    text = SUPPORT.read_bytes()
    there = seatrial("convert", "-", "--to", "yaml", given=text)
    back = seatrial("convert", "-", "--from", "yaml", "--to", "fleet", given=there.out.encode())
    assert (there.code, there.err, back.code, back.err) == (0, "", 0, "")
    assert [line for line in back.out.splitlines() if line] == [line for line in text.decode().splitlines() if line]


def test_json_tells_that_comments_were_left_out() -> None:
    done = seatrial("convert", SUPPORT, "--to", "json")
    assert done.code == 0
    assert "7 comments left out" in done.err
    assert Draft202012Validator(seatrial("schema").json).is_valid(done.json)


def test_fmt_has_one_style_for_each_notation(tmp_path: Path) -> None:
    spec = tmp_path / "desk.yaml"
    spec.write_text("# desk\nfleet:\n    desk:\n        pool:\n          - name: triage\n            agents: '3..9'\n")
    assert seatrial("fmt", "--check", spec).code == 1
    assert seatrial("fmt", spec).code == 0
    assert spec.read_text() == "# desk\nfleet:\n  desk:\n    pool:\n      triage: {agents: 3..9}\n"
    assert seatrial("fmt", "--check", spec).code == 0


def test_what_cannot_be_read_is_told_in_its_own_lines(tmp_path: Path) -> None:
    spec = tmp_path / "desk.yaml"
    spec.write_text("fleet:\n  desk:\n    pol: {triage: {agents: 3}}\n")
    for arguments in (["check"], ["convert", "--to", "fleet"], ["fmt"], ["compile", "--out", str(tmp_path / "out")]):
        done = seatrial(*arguments, spec)
        assert done.code == 2, arguments
        assert "desk.yaml:3:5" in done.err and "did you mean `pool`?" in done.err
        assert "Traceback" not in done.all


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["convert", str(SUPPORT)], "--to"),
        (["convert", "nowhere.yaml", "--to", "json"], "no such file"),
        (["convert", str(SUPPORT), "--to", "toml"], "toml"),
        (["convert", str(SUPPORT), "--out", "no/such/folder/a.yaml"], "there is no folder no/such/folder"),
        (["convert", str(SUPPORT), "--out", "a.txt"], "say what to write with --to"),
        (["convert", str(SUPPORT), "--to", "yaml", "--out", "a.json"], "--to yaml and --out a.json do not agree"),
        (["schema", "--out", "no/such/folder/a.json"], "there is no folder no/such/folder"),
        (["convert", str(SUPPORT), "--from", "yaml", "--to", "json"], "leave `--from` out"),
    ],
)
def test_wrong_use_is_told_in_a_line(arguments: list[str], told: str, tmp_path: Path) -> None:
    done = seatrial(*arguments, cwd=tmp_path)
    assert done.code == 2
    assert told in done.err and "Traceback" not in done.err


def test_the_schema_is_written_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "seatrial.schema.json"
    assert seatrial("schema", "--out", out).code == 0
    assert json.loads(out.read_text()) == seatrial("schema").json
