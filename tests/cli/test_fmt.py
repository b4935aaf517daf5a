"""`seatrial fmt` changes the file, says that it would, or shows how; and never what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, seatrial

UGLY = b"# kept\nfleet  f {\n pool p {agents 2 # two\n}\n}\n"


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "a.fleet"
    path.write_bytes(UGLY)
    return path


def test_a_file_is_rewritten_once_with_its_comments(ugly: Path) -> None:
    ugly.chmod(0o640)
    first = seatrial("fmt", ugly)
    assert (first.code, first.out) == (0, f"reformatted {ugly}\n")
    text = ugly.read_text()
    assert "# kept\n" in text and "# two" in text and "fleet f {" in text
    assert ugly.stat().st_mode & 0o777 == 0o640
    again = seatrial("fmt", ugly)
    assert (again.code, again.out, ugly.read_text()) == (0, "", text)
    assert [path.name for path in ugly.parent.iterdir()] == ["a.fleet"]


def test_check_says_so_and_changes_nothing(ugly: Path) -> None:
    said = seatrial("fmt", "--check", ugly)
    assert (said.code, said.out) == (1, f"would reformat {ugly}\n")
    assert ugly.read_bytes() == UGLY


def test_diff_shows_the_change_and_changes_nothing(ugly: Path) -> None:
    said = seatrial("fmt", "--diff", ugly)
    assert said.code == 1
    assert "-fleet  f {" in said.out and "+fleet f {" in said.out
    assert ugly.read_bytes() == UGLY


def test_standard_input_goes_to_standard_output(ugly: Path) -> None:
    said = seatrial("fmt", "-", given=UGLY)
    seatrial("fmt", ugly)
    assert (said.code, said.out) == (0, ugly.read_text())


def test_a_spec_that_cannot_be_read_is_left_alone_and_the_others_are_done(ugly: Path) -> None:
    broken = ugly.with_name("broken.fleet")
    broken.write_bytes(b"fleet f { pool p { agents 2 }\n")
    said = seatrial("fmt", broken, ugly)
    assert said.code == 2
    assert "error[ST0003]" in said.err
    assert broken.read_bytes() == b"fleet f { pool p { agents 2 }\n"
    assert ugly.read_bytes() != UGLY


def test_a_link_stays_a_link(ugly: Path) -> None:
    link = ugly.with_name("link.fleet")
    link.symlink_to(ugly.name)
    assert seatrial("fmt", link).code == 0
    assert link.is_symlink() and ugly.read_bytes() != UGLY


def test_dos_line_ends_and_a_byte_order_mark_go(tmp_path: Path) -> None:
    text = (SPECS / "sturdy.fleet").read_bytes()
    path = tmp_path / "dos.fleet"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert seatrial("fmt", path).code == 0
    assert path.read_bytes() == text


def test_the_specs_that_come_with_it_are_in_the_style() -> None:
    assert seatrial("fmt", "--check", *sorted(SPECS.glob("*.fleet"))).code == 0


@pytest.mark.parametrize("option", [["--env", "production"], ["--env=production"], ["--set", "n=3"]])
def test_options_of_a_judgement_are_refused_with_what_to_do(option: list[str], ugly: Path) -> None:
    name = option[0].partition("=")[0]
    said = seatrial("fmt", *option, ugly)
    assert said.code == 2 and ugly.read_bytes() == UGLY
    for words in (f"fmt has no {name}, for it judges nothing", f"Leave {name} out", f"seatrial convert SPEC {name}"):
        assert words in said.err
    told = seatrial("fmt", "--help").out
    assert "there is no --env" in " ".join(told.split()) and "--env NAME" not in told
