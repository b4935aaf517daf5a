"""`-` is a spec like any other: the same verdict, the same bytes, and messages with the name that was asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial import __version__

from .command import SPECS, content, environment, installed, seatrial

FRAGILE = (SPECS / "fragile.fleet").read_bytes()
STURDY = (SPECS / "sturdy.fleet").read_bytes()


def test_a_spec_on_standard_input_is_judged_as_its_file_is() -> None:
    piped = seatrial("check", "-", "--stdin-filename", SPECS / "fragile.fleet", given=FRAGILE)
    assert piped == seatrial("check", SPECS / "fragile.fleet")
    assert piped.code == 1


def test_without_a_name_messages_say_stdin() -> None:
    said = seatrial("check", "-", given=b"fleet f { pool p { agnets 2 } }\n")
    assert said.code == 2
    assert "--> <stdin>:1:" in said.err and "`agents`" in said.err


def test_what_a_piped_spec_uses_is_looked_for_beside_its_name(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "base.fleet").write_text("pool p { agents 2 }\n")
    text = b'fleet f { use "base.fleet" }\n'
    assert "error[" in seatrial("check", "-", given=text, cwd=tmp_path).err
    said = seatrial("check", "-", "--stdin-filename", "team/new.fleet", given=text, cwd=tmp_path)
    assert (said.code, said.err) == (0, "")


def test_the_ending_of_its_name_says_how_it_is_written() -> None:
    yaml = seatrial("convert", "-", "--to", "yaml", given=STURDY)
    assert yaml.code == 0
    said = seatrial("check", "-", "--stdin-filename", "sturdy.yaml", given=yaml.out.encode())
    assert (said.code, said.out.splitlines()[-1]) == (0, "sturdy.yaml: feasible: 7 proved")
    again = seatrial("fmt", "-", "--stdin-filename", "sturdy.yaml", given=yaml.out.encode())
    assert (again.code, again.out) == (0, yaml.out)


def test_it_is_compiled_to_the_same_bytes(tmp_path: Path) -> None:
    assert seatrial("compile", "-", "--out", tmp_path / "piped", given=STURDY).code == 0
    assert seatrial("compile", SPECS / "sturdy.fleet", "--out", tmp_path / "named").code == 0
    assert content(tmp_path / "piped") == content(tmp_path / "named")


def test_an_answer_that_was_kept_is_for_the_same_text_only(tmp_path: Path) -> None:
    kept = environment(SEATRIAL_CACHE_DIR=str(tmp_path))
    first = installed("check", "-", given=STURDY, env=kept)
    assert first.code == 0 and list(tmp_path.iterdir())
    assert installed("check", "-", given=STURDY, env=kept) == first
    assert installed("check", "-", given=FRAGILE, env=kept).code == 1


def test_standard_input_beside_files() -> None:
    said = seatrial("check", "-q", "-", SPECS / "sturdy.fleet", "-", given=STURDY)
    assert [line.partition(": ")[2] for line in said.out.splitlines()] == ["feasible: 7 proved"] * 2


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (["check", "-"], b"\x00\xff", "<stdin>: not a text in UTF-8 (byte 1: it is no text at all)"),
        (["check", "-"], b"", "no fleet is declared in this file"),
        (["fmt", "-", "--stdin-filename", "a.fleet"], b"\xff", "a.fleet: not a text in UTF-8"),
        (["convert", "-", "--to", "json"], b"fleet f {", "error[ST0003]"),
        (["check", "--stdin-filename", "a.fleet", "b.fleet"], b"", "no spec is `-`"),
        (["fmt", "--stdin-filename", "a.fleet", "b.fleet"], b"", "no spec is `-`"),
        (["trial", "-"], STURDY, "a trial names the file it can be repeated from"),
    ],
)
def test_what_cannot_be_read_is_told(arguments: list[str], given: bytes, words: str) -> None:
    said = seatrial(*arguments, given=given)
    assert said.code == 2 and words in said.err


def test_the_command_is_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seatrial", "--version"], capture_output=True, env=environment(), check=True, text=True
    )
    assert done.stdout == f"seatrial {__version__}\n"
    refused = subprocess.run(
        [sys.executable, "-m", "seatrial", "check", "-"], input=FRAGILE, capture_output=True, env=environment()
    )
    assert refused.returncode == 1 and b"infeasible" in refused.stdout
