"""Whatever is typed, the user is told in a few lines what is wrong: no traceback, no exit code of a bug."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .command import SPECS, Said, seatrial, shell

STURDY = (SPECS / "sturdy.fleet").read_bytes()
TWO = b"fleet a { pool p { agents 1 } }\nfleet b { pool p { agents 1 } }\n"
FILES = {
    "good.fleet": STURDY,
    "binary.fleet": b"\x00\xff\xfe\x80",
    "empty.fleet": b"",
    "remark.fleet": b"# nothing yet\n",
    "two.fleet": TWO,
    "wrong.fleet": b"fleet f { pool p { agents } ; demand { } }\n",
    "untried.fleet": b"fleet f { pool p { agents 1 } }\n",
    "recorded.fleet": (SPECS / "recorded.fleet").read_bytes(),
    "odd.csv": b"TIMESTAMP\nyesterday\n",
    "other.csv": b"WHEN\n2026-01-01 00:00:00\n",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wrong")
    for name, text in FILES.items():
        (folder / name).write_bytes(text)
    (folder / "folder").mkdir()
    (folder / "folder" / "foreign").write_text("mine")
    return folder


CASES: dict[str, tuple[str, int, str]] = {
    "a missing file": ("check nosuch.fleet", 2, "nosuch.fleet: no such file"),
    "a slip in a file's name": ("check godo.fleet", 2, "did you mean good.fleet?"),
    "a folder without specs": ("check folder", 2, "folder: no .fleet file lies in this folder"),
    "a folder to compile": ("compile folder --out new", 2, "folder: is a folder"),
    "a binary file": ("check binary.fleet", 2, "not a text in UTF-8 (byte 1: it is no text at all)"),
    "an empty file": ("check empty.fleet", 2, "no fleet is declared in this file"),
    "a file of remarks": ("trial remark.fleet", 2, "no fleet is declared in this file"),
    "a file that fails while it is read": ("check /proc/self/mem", 2, "/proc/self/mem: "),
    "an endless name": (f"check {'x' * 300}.fleet", 2, "name too long"),
    "two fleets": ("compile two.fleet --out out", 2, "a file describes one fleet"),
    "errors before a compilation": ("compile wrong.fleet --out out", 2, "nothing written"),
    "errors before a trial": ("trial wrong.fleet", 2, "nothing was tried"),
    "a trace without its demand": ("check good.fleet --trace nonsense", 2, "write it as DEMAND=FILE"),
    "a trace for a demand that has none": ("check good.fleet --trace tickets=odd.csv", 2, "it declares none"),
    "a trace that is missing": ("check recorded.fleet --trace completions=no.csv", 2, "no.csv: no such file"),
    "a trace that is named in the spec and missing": ("check recorded.fleet", 2, "error[ST1020]"),
    "a trace without times": ("check recorded.fleet --trace completions=odd.csv", 2, "error[ST1020]"),
    "a trace without the column": ("check recorded.fleet --trace completions=other.csv", 2, "error[ST1020]"),
    "a trace that is binary": ("check recorded.fleet --trace completions=binary.fleet", 2, "not a text in UTF-8"),
    "a let that is set twice": ("check good.fleet --set a=1 --set a=2", 2, "--set a is said twice: 1 and 2"),
    "two environments": ("check good.fleet --env a --env b", 2, "--env is said 2 times: a, b; a fleet is in one"),
    "two environments to convert": ("convert good.fleet --to yaml --env a --env b", 2, "--env is said 2 times"),
    "a seed that is a word": ("trial good.fleet --seed first", 2, "'first' is not a valid whole number"),
    "a seed below zero": ("trial good.fleet --seed -1", 2, "-1 is not in the range"),
    "a trial of another name": ("trial good.fleet --name calm", 2, "has no trial calm; there are: kills"),
    "a spec without a trial": ("trial untried.fleet", 2, "declares no trial; add `trial NAME"),
    "a trial onto a file": ("trial good.fleet --out odd.csv", 2, "odd.csv is not a folder"),
    "a trial onto a foreign folder": ("trial good.fleet --out folder", 2, "holds files that seatrial did not write"),
    "documents onto a file": ("compile good.fleet --out odd.csv", 2, "odd.csv is not a folder"),
    "documents below a file": ("compile good.fleet --out odd.csv/deep", 2, "odd.csv is not a folder; name another one"),
    "documents where nothing can be written": ("compile good.fleet --out /proc/deploy", 2, "seatrial: /proc/deploy: "),
    "no folder for the documents": ("compile good.fleet", 2, "Missing option '-o' / '--out'"),
    "a target that is not there": ("compile good.fleet --out out --target nomad", 2, "'nomad' is not one of"),
    "an undo in a folder without a log": ("undo folder", 2, "holds no undo log"),
    "an undo of nothing": ("undo nosuch", 2, "no such folder; name that of a trial"),
    "a code that is not there": ("explain zebra", 2, "there is no code zebra"),
    "a shell that is not known": ("completion tcsh", 2, "'tcsh' is not one of"),
    "no command": ("", 2, "Usage: seatrial"),
    "no spec": ("check", 2, "Missing argument 'SPEC...'"),
    "an option that is not there": ("check --colour good.fleet", 2, "No such option"),
}


def civil(said: Said) -> None:
    assert "Traceback" not in said.all and "this is a bug of ours" not in said.all, said.all
    assert said.code != 3


@pytest.mark.parametrize("name", CASES)
def test_wrong_input_is_told(name: str, place: Path) -> None:
    line, code, words = CASES[name]
    said = seatrial(*line.split(), cwd=place)
    civil(said)
    assert said.code == code
    assert words.lower() in said.err.lower()
    assert {path.name for path in place.iterdir()} == {*FILES, "folder"}


STREAMS: dict[str, tuple[str, Callable[[Said], bool]]] = {
    "a reader that leaves": ("seatrial check good.fleet | head -1", lambda said: said.out.count("\n") == 1),
    "a reader that never reads": ("seatrial explain ST4101 | true", lambda said: said.err == ""),
    "a closed standard output": ("seatrial check good.fleet >&-", lambda said: said.all == ""),
    "closed standard streams": ("seatrial check good.fleet <&- >&- 2>&-", lambda said: said.all == ""),
    "a closed standard input": ("seatrial fmt - <&-", lambda said: said.code == 0),
    "a full disk": ("seatrial check good.fleet >/dev/full", lambda said: "No space left" in said.err),
    "binary standard input": ("seatrial fmt - <binary.fleet", lambda said: "<stdin>: not a text in UTF-8" in said.err),
}


@pytest.mark.parametrize("name", STREAMS)
def test_closed_and_broken_streams_are_taken_calmly(name: str, place: Path) -> None:
    line, holds = STREAMS[name]
    said = shell(line, place)
    civil(said)
    assert holds(said), said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.fleet").write_bytes(STURDY)
    (tmp_path / "secret.fleet").chmod(0)
    said = seatrial("check", "secret.fleet", cwd=tmp_path)
    civil(said)
    assert (said.code, said.err) == (2, "seatrial: secret.fleet: Permission denied\n")


@pytest.mark.parametrize(
    "text", [STURDY, STURDY.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + STURDY], ids=["plain", "dos", "bom"]
)
def test_a_name_with_spaces_and_umlauts_and_any_line_end_are_fine(text: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "ein Ordner für 船団"
    folder.mkdir()
    (folder / "flöte 1.fleet").write_bytes(text)
    said = seatrial("check", "flöte 1.fleet", cwd=folder)
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("flöte 1.fleet: feasible: 7 proved\n")


def test_dos_line_ends_and_a_byte_order_mark_do_not_move_the_place_of_an_error(tmp_path: Path) -> None:
    text = b"fleet f {\n  pool p { agents 2 }\n  pool q { agnets 2 }\n}\n"
    (tmp_path / "dos.fleet").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert "--> dos.fleet:3:12" in seatrial("check", "dos.fleet", cwd=tmp_path).err
    (tmp_path / "first.fleet").write_bytes("\ufefflanguage 2\n".encode() + text)
    assert "--> first.fleet:1:10" in seatrial("check", "first.fleet", cwd=tmp_path).err
