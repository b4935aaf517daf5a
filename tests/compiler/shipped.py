"""The specs that come with seatrial, read as the command reads them, and variants of them."""

from __future__ import annotations

from pathlib import Path

from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source
from seatrial.loading import Loaded, load

SPECS = Path(__file__).parents[2] / "specs"


def shipped(name: str) -> Loaded:
    return load(SPECS / f"{name}.fleet")


def text_of(name: str) -> str:
    return (SPECS / f"{name}.fleet").read_text(encoding="utf-8")


def changed(name: str, *changes: tuple[str, str]) -> Checked:
    """The spec with each old text, which must be there, replaced once."""
    text = text_of(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return judge(read(Source(f"{name}.fleet", text)), {})


def told(checked: Checked, code: str) -> list[Diagnostic]:
    return [one for one in checked.diagnostics if one.code == code]


def place(one: Diagnostic) -> str:
    """The text of the whole line that a message points at first, without its indent."""
    span = one.labels[0].span
    return span.source.line(span.line).strip()
