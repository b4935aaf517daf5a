"""`seatrial check --emit-smt DIR`: a folder that any solver reads, replaced whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from .command import SPECS, content, seatrial

SUPPORT, PLAYBOOK = SPECS / "support.fleet", SPECS / "playbook-10k.fleet"


def test_each_guarantee_is_a_text_and_the_index_tells_what_it_should_come_to(tmp_path: Path) -> None:
    out = tmp_path / "smt"
    said = seatrial("check", SUPPORT, PLAYBOOK, "--emit-smt", out)
    assert said.code == 1 and "infeasible: 1 refuted" in said.out
    index = json.loads((out / "index.json").read_text())
    support, playbook = index["specs"]
    assert len(support["guarantees"]) > 60
    for one in (*support["guarantees"], *playbook["guarantees"]):
        text = (out / one["file"]).read_text()
        assert text.count("(check-sat)") == len(one["expected"]) and one["at"] in text
    (refuted,) = playbook["guarantees"]
    assert (refuted["status"], refuted["expected"], refuted["code"]) == ("refuted", ["unsat", "sat"], "ST2201")
    assert {one["status"] for one in support["guarantees"]} == {"proved"}
    files = {one["file"] for spec in index["specs"] for one in spec["guarantees"]}
    assert set(content(out)) == files | {"index.json", ".seatrial"}


def test_two_runs_write_the_same_bytes_also_after_an_answer_from_the_cache(tmp_path: Path) -> None:
    for name in "ab":
        assert seatrial("check", PLAYBOOK, "--emit-smt", tmp_path / name).code == 1
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_two_specs_of_one_name_do_not_share_a_folder(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.fleet").write_bytes(PLAYBOOK.read_bytes())
    assert seatrial("check", "a/one.fleet", "b/one.fleet", "--emit-smt", "out", cwd=tmp_path).code == 1
    assert len(list((tmp_path / "out").glob("*/*.smt2"))) == 2


def test_a_spec_from_standard_input_has_a_folder_too(tmp_path: Path) -> None:
    assert seatrial("check", "-", "--emit-smt", tmp_path / "out", given=PLAYBOOK.read_bytes()).code == 1
    assert (tmp_path / "out" / "stdin").is_dir()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    said = seatrial("check", PLAYBOOK, "--emit-smt", tmp_path)
    assert said.code == 2 and "--emit-smt" in said.err and "Traceback" not in said.err
    assert content(tmp_path) == {"notes.txt": b"mine"}


def test_a_spec_that_cannot_be_read_leaves_the_old_texts(tmp_path: Path) -> None:
    out, wrong = tmp_path / "out", tmp_path / "wrong.fleet"
    seatrial("check", PLAYBOOK, "--emit-smt", out)
    before = content(out)
    wrong.write_text("fleet f { pool p { agnets 2 } }\n")
    assert seatrial("check", PLAYBOOK, wrong, "--emit-smt", out).code == 2
    assert content(out) == before


def test_a_place_that_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "under", Path("/proc/none")):
        said = seatrial("check", PLAYBOOK, "--emit-smt", place)
        assert said.code == 2 and "Traceback" not in said.all and "bug" not in said.all


def test_what_was_edited_stays(tmp_path: Path) -> None:
    out = tmp_path / "smt"
    assert seatrial("check", PLAYBOOK, "--emit-smt", out).code == 1
    (out / "index.json").write_text("mine")
    said = seatrial("check", PLAYBOOK, "--emit-smt", out)
    assert said.code == 2 and "edited since it was written: index.json; delete what is edited, or name" in said.err
    assert (out / "index.json").read_text() == "mine"
