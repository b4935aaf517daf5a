"""What the command tells of itself: its version, its commands, its codes, its completion."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from seatrial import __version__
from seatrial.dsl.diagnostics.codes import CODES

from .command import LIMIT_SECONDS, PROGRAM, environment, seatrial, shell


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_the_package_s(flag: str) -> None:
    said = seatrial(flag)
    assert (said.code, said.out) == (0, f"seatrial {__version__}\n")


def test_help_names_every_command_and_exit_code() -> None:
    said = seatrial("--help")
    assert said.code == 0
    for name in ("init", "check", "fmt", "explain", "compile", "trial", "undo", "completion"):
        assert re.search(rf"^  {name} ", said.out, re.M)
        assert seatrial(name, "--help").code == 0
    told = " ".join(said.out.split())
    assert "4 inconclusive" in told and "130 interrupted" in told


def test_an_unknown_command_is_answered_with_the_one_that_was_meant() -> None:
    said = seatrial("chekc", "x.fleet")
    assert said.code == 2
    assert "There is no command 'chekc'. Did you mean 'check'?" in said.err


def test_explain_prints_the_text_of_a_code_in_either_case() -> None:
    said = seatrial("explain", "ST2201")
    assert said.code == 0
    assert said.out.startswith("# ST2201: ") and "## Fails" in said.out and "## Mended" in said.out
    assert seatrial("explain", "st2201") == said


def test_explain_lists_all_codes_and_suggests_a_near_one() -> None:
    listed = seatrial("explain")
    assert [line.split()[0] for line in listed.out.splitlines()] == list(CODES)
    unknown = seatrial("explain", "ST2202")
    assert unknown.code == 2
    assert "there is no code ST2202; did you mean ST2201" in unknown.err


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(name: str) -> None:
    said = seatrial("completion", name)
    assert said.code == 0
    assert "_SEATRIAL_COMPLETE" in said.out


def test_bash_reads_the_completion_and_it_completes(tmp_path: Path) -> None:
    script = seatrial("completion", "bash").out
    assert subprocess.run(["bash", "-n"], input=script.encode(), check=False).returncode == 0
    asked = 'COMP_WORDS="seatrial com" COMP_CWORD=1 _SEATRIAL_COMPLETE=bash_complete seatrial'
    assert shell(asked, tmp_path).out.split() == ["plain,compile", "plain,completion"]
    examples = 'COMP_WORDS="seatrial init --example bl" COMP_CWORD=3 _SEATRIAL_COMPLETE=bash_complete seatrial'
    assert shell(examples, tmp_path).out.split() == ["plain,black-friday"]
    codes = 'COMP_WORDS="seatrial explain st22" COMP_CWORD=2 _SEATRIAL_COMPLETE=bash_complete seatrial'
    assert "plain,ST2201" in shell(codes, tmp_path).out.split()


def test_a_command_that_is_stopped_while_it_is_imported_says_nothing(tmp_path: Path) -> None:
    # What is imported first, stopped in its middle.
    (tmp_path / "click.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [PROGRAM, "explain"], env=environment(PYTHONPATH=path), capture_output=True, timeout=LIMIT_SECONDS, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
