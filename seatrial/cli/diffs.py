"""Two texts of one file -> a unified diff, as `patch` reads it."""

from __future__ import annotations

import difflib

from seatrial.dsl.diagnostics.render import printable

_NO_END = "\\ No newline at end of file\n"


def unified(old: str, new: str, name: str) -> str:
    """Lines end at line feeds, as for `patch`, and a last line without one is marked."""
    shown = printable(name)
    lines = difflib.unified_diff(_lines(old), _lines(new), shown, shown)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in lines)


def _lines(text: str) -> list[str]:
    found = [f"{line}\n" for line in text.split("\n")]
    found[-1] = found[-1][:-1]
    return found if found[-1] else found[:-1]
