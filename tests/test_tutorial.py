"""docs/tutorial.md is played from first to last: each command is run, each change made, each quoted line said."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from .cli.command import Said, seatrial

TEXT = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text(encoding="utf-8")
LEFT_OUT = "…"
INCONCLUSIVE = 4
EXIT_CODES = {"feasible": 0, "infeasible": 1}


def _steps() -> list[tuple[str, str]]:
    """(kind, text) of each block that does something; a console block is one step for each of its commands."""
    steps: list[tuple[str, str]] = []
    for kind, block in re.findall(r"^```(console|diff)\n(.*?)^```", TEXT, re.S | re.M):
        parts = [block] if kind == "diff" else re.split(r"^(?=\$ )", block, flags=re.M)
        steps += [(kind, part) for part in parts if part]
    return steps


def _said(step: str, folder: Path) -> tuple[Said, str]:
    line, _, quoted = step.removeprefix("$ ").partition("\n")
    program, *arguments = shlex.split(line)
    assert program == "seatrial"
    return seatrial(*arguments, cwd=folder), quoted


def _pattern(quoted: str) -> str:
    """What is quoted as a regular expression: `…` alone stands for lines, elsewhere for the rest of its part."""
    lines = []
    for line in quoted.splitlines():
        if line == LEFT_OUT:
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(r"[^\n]*".join(re.escape(part) for part in line.split(LEFT_OUT)) + r"\n")
    return "".join(lines)


def _change(step: str, file: Path) -> None:
    old = "".join(f"{line[1:]}\n" for line in step.splitlines() if line.startswith("-"))
    new = "".join(f"{line[1:]}\n" for line in step.splitlines() if line.startswith("+"))
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new), encoding="utf-8")


def _play(folder: Path, trials: bool) -> list[str]:
    played = []
    for kind, step in _steps():
        if kind == "diff":
            _change(step, folder / "desk.fleet")
            continue
        command = step.partition("\n")[0]
        if command.startswith("$ seatrial trial ") and not trials:
            continue
        said, quoted = _said(step, folder)
        if command.startswith("$ seatrial trial ") and said.code == INCONCLUSIVE:
            pytest.skip(f"this machine was too busy to tell: {said.out.splitlines()[-1]}")
        told = said.err + said.out
        assert re.fullmatch(_pattern(quoted), told), f"{command}\n--- quoted\n{quoted}\n--- said\n{told}"
        verdict = re.search(r"^\S+: (feasible|infeasible): ", quoted, re.M)
        assert said.code == (EXIT_CODES[verdict[1]] if verdict else 0), command
        played.append(command)
    return played


def test_each_command_says_what_the_tutorial_quotes(tmp_path: Path) -> None:
    played = _play(tmp_path, trials=False)
    for name in ("init", "check", "explain", "compile"):
        assert any(f"seatrial {name}" in command for command in played)


@pytest.mark.slow
def test_the_trial_of_the_tutorial_passes_as_it_is_told(tmp_path: Path) -> None:
    assert any("seatrial trial" in command for command in _play(tmp_path, trials=True))


def test_what_the_tutorial_shows_is_quoted_and_not_all_left_out() -> None:
    quoted = [line for kind, step in _steps() if kind == "console" for line in step.splitlines()[1:]]
    assert sum(LEFT_OUT not in line for line in quoted) > 20


def test_options_in_the_text_are_there() -> None:
    prose = re.sub(r"^```.*?^```", "", TEXT, flags=re.S | re.M)
    told = seatrial("init", "--help").out + seatrial("check", "--help").out
    for option in re.findall(r"`seatrial [^`]*?(--[a-z-]+)", prose):
        assert option in told, option
