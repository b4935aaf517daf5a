"""Which files a command line means: hidden ones are none, one that is there twice is one, and none is passed by."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .command import seatrial, shell

MAIN = 'fleet f {\n  use "parts"\n  demand d { steady 5/s }\n}\n'
PARTS = {
    "pools.fleet": "pool p { serves d; agents 3; each { service mean 9ms, p99 30ms } }\n",
    "promises.fleet": "guarantee latency p95 < 1s\n",
}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.fleet").write_text(MAIN)
    for name, text in PARTS.items():
        (tmp_path / "parts" / name).write_text(text)
    return tmp_path


def test_what_editors_and_systems_leave_beside_a_spec_is_none(desk: Path) -> None:
    for folder in (desk, desk / "parts"):
        (folder / ".#main.fleet").symlink_to("somebody@desk.4711")
        (folder / "._main.fleet").write_bytes(b"\0\5\x16\7\xff")
    said = seatrial("check", "--quiet", ".", cwd=desk)
    assert said.code == 0, said.err
    assert said.out == "main.fleet: feasible: 4 proved\n"
    assert seatrial("fmt", ".", cwd=desk).code == 0


def test_a_link_that_leads_nowhere_is_told_as_one(desk: Path) -> None:
    (desk / "gone.fleet").symlink_to("elsewhere/gone.fleet")
    said = seatrial("check", ".", cwd=desk)
    assert said.code == 2 and "gone.fleet: a link to elsewhere/gone.fleet, which is not there" in said.err


def test_a_link_that_leads_nowhere_is_told_among_manifests_too(tmp_path: Path) -> None:
    (tmp_path / "gone.yaml").symlink_to("elsewhere/gone.yaml")
    (tmp_path / "web.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\n")
    said = seatrial("import", tmp_path, cwd=tmp_path)
    assert said.code == 2 and "gone.yaml: a link to elsewhere/gone.yaml, which is not there" in said.err


@pytest.mark.parametrize("command", [("check",), ("fmt", "--check"), ("import",)])
def test_a_folder_that_cannot_be_read_is_an_error(command: tuple[str, ...], desk: Path) -> None:
    (desk / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n")
    # Longer than any path that a system takes, for whoever it is that asks.
    script = "for n in $(seq 20); do d=$(printf 'd%.0s' $(seq 250)); mkdir $d; cd -P $d || exit 1; done 2>&-; exit 0"
    shell(f"({script})", desk / "parts")
    said = seatrial(*command, ".", cwd=desk)
    assert said.code == 2 and "File name too long" in said.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_is_not_permitted_is_told(desk: Path) -> None:
    (desk / "locked").mkdir()
    (desk / "locked").chmod(0)
    said = seatrial("check", ".", cwd=desk)
    assert said.code == 2 and "locked: Permission denied" in said.err


@pytest.mark.parametrize("given", ["main.fleet ./main.fleet", ". main.fleet", "main.fleet parts/../main.fleet", "- -"])
def test_a_spec_that_is_named_twice_is_checked_once(desk: Path, given: str) -> None:
    said = shell(f"seatrial check --quiet {given} < main.fleet", desk)
    assert said.code == 0, said.err
    assert said.out == f"{'<stdin>' if '-' in given else 'main.fleet'}: feasible: 4 proved\n"


@pytest.mark.parametrize("given", ["parts parts/../parts", "parts/* linked/*", "parts linked", "parts again"])
def test_a_part_may_be_named_twice(desk: Path, given: str) -> None:
    (desk / "linked").symlink_to("parts")
    (desk / "again").mkdir()
    for name in PARTS:
        (desk / "again" / name).symlink_to(f"../parts/{name}")
    said = shell(f"seatrial check --quiet main.fleet {given}", desk)
    assert said.code == 0, said.err
    assert said.out == "main.fleet: feasible: 4 proved\n"


def test_a_link_in_another_folder_uses_what_lies_there(desk: Path) -> None:
    (desk / "staging" / "parts").mkdir(parents=True)
    for name, text in PARTS.items():
        (desk / "staging" / "parts" / name).write_text(text.replace("1s", "1ms"))
    (desk / "staging" / "main.fleet").symlink_to("../main.fleet")
    said = seatrial("check", "--quiet", "main.fleet", "staging/main.fleet", cwd=desk)
    assert said.code == 1
    assert "main.fleet: feasible" in said.out and "staging/main.fleet: infeasible" in said.out


@pytest.mark.parametrize("name", ["main.fleet", "deep/main.fleet", None])
def test_a_text_that_is_piped_in_uses_parts_too(desk: Path, name: str | None) -> None:
    (desk / "deep").mkdir()
    given = ["--stdin-filename", name] if name else []
    text = MAIN.replace("parts", "../parts") if name == "deep/main.fleet" else MAIN
    said = seatrial("check", "--quiet", "-", *given, "parts/pools.fleet", cwd=desk, given=text.encode())
    assert said.code == 0, said.err
    assert said.err == f"parts/pools.fleet: a part of {name or '<stdin>'}, checked there\n"
