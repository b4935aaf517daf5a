"""`check` with --format, --output and --show-defaults, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .command import seatrial

HOLDS = "fleet f { demand d { steady 5/s }; pool p { serves d; agents 3; each { service mean 9ms, p99 30ms } } }\n"
REFUTED = HOLDS.replace("serves d;", "serves d { break after 3 errors };")
ALLOWED = "# seatrial: allow ST4301 because they are watched\n" + REFUTED
BROKEN = HOLDS.replace("agents", "agnets")
SPECS = {HOLDS: 0, ALLOWED: 0, REFUTED: 1, BROKEN: 2}


@pytest.mark.parametrize("style", ["text", "json", "sarif", "github", "junit"])
def test_the_exit_code_is_the_same_in_every_format(style: str, tmp_path: Path) -> None:
    for text, code in SPECS.items():
        (tmp_path / "a.fleet").write_text(text)
        assert seatrial("check", "--format", style, "a.fleet", cwd=tmp_path).code == code


@pytest.mark.parametrize("style", ["text", "json", "sarif", "github", "junit"])
def test_output_goes_to_the_file_and_the_verdict_is_said(style: str, tmp_path: Path) -> None:
    (tmp_path / "a.fleet").write_text(REFUTED)
    plain = seatrial("check", "--format", style, "a.fleet", cwd=tmp_path)
    said = seatrial("check", "--format", style, "--output", "out", "a.fleet", cwd=tmp_path)
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith("a.fleet: infeasible: ")
    assert (tmp_path / "out").read_text() == (plain.err + plain.out if style == "text" else plain.out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.fleet", "out"]


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.fleet").write_text(HOLDS)
    said = seatrial("check", "--format", "sarif", "--output", "no/such/out", "a.fleet", cwd=tmp_path)
    assert said.code == 2
    assert "no/such/out" in said.err


def test_an_allowed_finding_is_shown_as_such_and_told_in_json(tmp_path: Path) -> None:
    (tmp_path / "a.fleet").write_text(ALLOWED)
    text = seatrial("check", "a.fleet", cwd=tmp_path)
    assert "allowed[ST4301]" in text.err and "because: they are watched" in text.err
    assert "1 allowed" in text.out
    told = json.loads(seatrial("check", "--format", "json", "a.fleet", cwd=tmp_path).out)
    assert told["verdict"] == "feasible"
    [guarantee] = [one for one in told["guarantees"] if one["allowed"]]
    assert (guarantee["status"], guarantee["allowed_because"]) == ("refuted", "they are watched")
    [diagnostic] = told["diagnostics"]
    assert (diagnostic["allowed"], diagnostic["guarantee"]) == (True, guarantee["id"])


def test_what_the_check_allows_is_compiled(tmp_path: Path) -> None:
    for text, code in ((REFUTED, 1), (ALLOWED, 0)):
        (tmp_path / "a.fleet").write_text(text)
        said = seatrial("compile", "a.fleet", "--out", "made", "--target", "runtime", cwd=tmp_path)
        assert said.code == code, said.all
        assert (tmp_path / "made").exists() == (code == 0)


def test_what_a_target_cannot_express_is_allowed_by_the_same_comment(tmp_path: Path) -> None:
    spec = HOLDS.replace("agents 3;", 'image "r.example/p:1"; agents 3;')
    (tmp_path / "a.fleet").write_text(spec)
    assert "warning[ST7002]" in seatrial("compile", "a.fleet", "--out", "made", cwd=tmp_path).err
    (tmp_path / "a.fleet").write_text("# seatrial: allow ST7002, ST7008 because a quota is set by hand\n" + spec)
    assert "ST70" not in seatrial("compile", "a.fleet", "--out", "made", cwd=tmp_path).err
    (tmp_path / "a.fleet").write_text("# seatrial: allow ST7004 because a quota is set by hand\n" + spec)
    assert "warning[ST1213]" in seatrial("compile", "a.fleet", "--out", "made", cwd=tmp_path).err


@pytest.mark.parametrize("style", ["sarif", "github", "junit"])
def test_a_machine_is_led_to_a_file_where_an_option_is_wrong(style: str, tmp_path: Path) -> None:
    text = HOLDS.replace("fleet f {", "let load = 5/s\nfleet f {").replace("steady 5/s", "steady $load")
    (tmp_path / "a.fleet").write_text(text)
    said = seatrial("check", "--format", style, "--set", "load=3s", "a.fleet", cwd=tmp_path)
    places = {
        "sarif": '"uri": "a.fleet"',
        "github": "::error file=a.fleet,line=2,endLine=2,col=29,endColumn=34",
        "junit": 'name="ST1102 at 2:29" classname="a.fleet" file="a.fleet"',
    }
    assert said.code == 2
    assert places[style] in said.out
    assert '"uri": "--set' not in said.out and 'file="--set' not in said.out and "file=--set" not in said.out


def test_show_defaults_is_a_table_and_a_list(tmp_path: Path) -> None:
    (tmp_path / "a.fleet").write_text(REFUTED)
    text = seatrial("check", "--show-defaults", "a.fleet", cwd=tmp_path).out
    assert "eject at most 10%  " in text and "Istio default: maxEjectionPercent" in text
    defaults = json.loads(seatrial("check", "--show-defaults", "--format", "json", "a.fleet", cwd=tmp_path).out)[
        "defaults"
    ]
    drain = next(one for one in defaults if one["written"] == "drain 30s")
    assert drain == {
        "clause": "pool p",
        "value": 30.0,
        "written": "drain 30s",
        "source": "Kubernetes default: terminationGracePeriodSeconds",
        "file": "a.fleet",
        "line": 1,
        "column": 36,
    }
    assert {one["written"] for one in defaults if one["value"] is None} >= {"(no timeout)", "(no limit)", "(no health)"}
    assert seatrial("check", "--show-defaults", "--format", "sarif", "a.fleet", cwd=tmp_path).code == 2
