"""The commands, used as people use them who have not read the documents: what they are told sends them on."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, environment, installed, seatrial

STURDY = SPECS / "sturdy.fleet"
MANIFEST = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\nspec:\n  replicas: 3\n"
SPEC = """let most = 6
template worker { each { cpu 1; memory 1Gi } }
fleet f {
  nodes general { count 3..20; cpu 4; memory 16Gi; price $0.1/h }
  budget nodes $100/day
  for region in north, south { pool work-$region like worker { agents 2..$most } }
  environment small { pool work-north { agents 1..2 } }
}
"""


@pytest.mark.parametrize("name", ["k8s.yaml", "k8s.fleet"])
@pytest.mark.parametrize("several", [False, True])
def test_a_manifest_is_no_spec_and_import_is_named(tmp_path: Path, name: str, several: bool) -> None:
    path = tmp_path / name
    path.write_text("---\n".join([MANIFEST] * (1 + several)))
    told = seatrial("check", path)
    assert told.code == 2
    assert "1 error" in told.err and "`seatrial import` writes a spec from manifests" in told.err


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("fleet f {}".encode("utf-16"), "it is UTF-16: `iconv -f UTF-16 -t UTF-8` converts it"),
        ("# a\nfleet f { # ü".encode("latin-1"), "byte 16, in line 2; save it as UTF-8"),
        (b"\x7fELF\x00\x00\xff", "byte 6: it is no text at all"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes, hint: str) -> None:
    path = tmp_path / "f.fleet"
    path.write_bytes(content)
    told = seatrial("check", path)
    assert (told.code, hint in told.err) == (2, True)


@pytest.mark.parametrize("arguments", [("check",), ("check", "-v"), ("check", "--format", "junit")])
def test_a_sign_that_the_terminal_cannot_show_is_escaped(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    path = tmp_path / "f.fleet"
    pool = "agents 3; each { concurrency 4; service mean 10ms }; serves tasks"
    path.write_text(f'fleet f "B\u00fcro \u2026" {{ demand tasks {{ steady 1/s }}; pool p {{ {pool} }} }} # \u2192\n')
    for text in (path.read_text(), path.read_text().replace("concurrency", "concurency")):
        path.write_text(text)
        told = installed(*arguments, path, env=environment(PYTHONIOENCODING="ascii"))
        assert told.code in (0, 1, 2) and "bug of ours" not in told.all


def test_what_does_not_fit_in_what_if_is_not_blamed_on_the_file() -> None:
    told = seatrial("check", STURDY, "--what-if", "pool worker agents {")
    assert told.code == 2
    assert told.err.endswith(
        f"--what-if 'pool worker agents {{' cannot be put into {STURDY}, which is read as it stands\n"
    )


def test_room_as_json_tells_what_is_not_proved() -> None:
    fragile = SPECS / "fragile.fleet"
    open_ = seatrial("headroom", fragile, "--of", "demand", "--format", "json").json["not_proved"]
    told = seatrial("check", fragile, "--format", "json").json["guarantees"]
    assert open_ == [{"id": one["id"], "status": one["status"]} for one in told if one["status"] != "proved"]
    assert open_


def test_a_diff_is_a_diff_and_nothing_else() -> None:
    told = seatrial("check", STURDY, "--fix", "--diff", "--format", "json")
    assert told.code == 2 and "--format and --output do not go with it" in told.err


def test_a_file_that_is_no_arrivals_is_told_what_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    told = seatrial("simulate", SPECS / "support.fleet", "--pool", "triage", "--arrivals", path)
    assert told.code == 2 and "with a column `timestamp` of seconds or of ISO 8601 times" in told.err


def test_a_word_in_the_place_of_a_code_finds_the_codes_that_speak_of_it() -> None:
    assert "codes that speak of `budget`: ST" in seatrial("explain", "budget").err
    assert "`seatrial explain` lists all" in seatrial("explain", "qqq").err


def test_a_converted_environment_is_what_is_checked_there(tmp_path: Path) -> None:
    spec, small = tmp_path / "f.fleet", tmp_path / "small.fleet"
    spec.write_text(SPEC)
    assert seatrial("convert", spec, "--env", "small", "--set", "most=9", "--out", small).code == 0
    text = small.read_text()
    assert not any(word in text for word in ("environment", "template", "let ", "for ", "$most", "$region"))
    assert "agents 1..2" in text and "agents 2..9" in text
    here = seatrial("check", spec, "--env", "small", "--set", "most=9", "--format", "json").json["guarantees"]
    there = seatrial("check", small, "--format", "json").json["guarantees"]
    told = [[(one["id"], one["status"], one["margin"], one["reason"]) for one in said] for said in (here, there)]
    assert told[0] == told[1] and told[0]


@pytest.mark.parametrize(
    ("options", "hint"),
    [(("--env", "smal"), "declares no environment smal; did you mean small?"),
     (("--set", "mos=1"), "declares no let mos; did you mean most?"), (("--set", "most"), "write it as NAME=VALUE")],
)  # fmt: skip
def test_what_a_spec_does_not_declare_cannot_be_converted(tmp_path: Path, options: tuple[str, str], hint: str) -> None:
    spec = tmp_path / "f.fleet"
    spec.write_text(SPEC)
    told = seatrial("convert", spec, "--to", "yaml", *options)
    assert (told.code, hint in told.err) == (2, True)


def test_what_a_missing_file_would_say_is_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "f.fleet"
    path.write_text('use "bass.fleet"\nfleet f {\n  demand d { steady $rate }\n  pool p like worker { serves d }\n}\n')
    (tmp_path / "base.fleet").write_text("let rate = 5/s\n")
    told = seatrial("check", path)
    assert told.code == 2 and told.err.count("error[") == 1
    assert "ST1042" in told.err and "did you mean base.fleet?" in told.err


def test_a_template_of_another_name_is_told_and_not_what_it_would_say(tmp_path: Path) -> None:
    path = tmp_path / "f.fleet"
    path.write_text("fleet f {\n  template worker { agents 3 }\n  pool p like workr { }\n}\n")
    told = seatrial("check", path)
    assert told.code == 2 and told.err.count("error[") == 1
    assert "did you mean `worker`?" in told.err


def test_of_a_line_without_end_a_part_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "f.fleet"
    path.write_text("fleet f { " + "demand d { steady 5/s } " * 1 + "pool p { agents 3 } " * 4_000 + "}\n")
    told = seatrial("check", path)
    assert told.code == 2
    assert max(map(len, told.err.splitlines())) < 1_000
    # The mark stands under what it is about.
    lines = told.err.splitlines()
    (under, mark) = next((lines[at], lines[at + 1]) for at in range(len(lines) - 1) if "^" in lines[at + 1])
    assert under[mark.index("^") :].startswith("p")
